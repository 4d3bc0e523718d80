"""One chart: axes to draw on, then header, source line, layout, files and the picture in the notebook."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from chipexports.base.errors import ChipExportsError, UsageError
from chipexports.charts import files, style
from chipexports.charts.check import on_cells
from chipexports.charts.describe import describe
from chipexports.charts.fit import fit
from chipexports.charts.grey import to_grey
from chipexports.charts.lines import DASHES, ESTIMATED
from chipexports.charts.sources import source_line
from chipexports.words import text as words
from chipexports.words.say import sentence

#: what holds without parameters of a run
_DEFAULTS: dict[str, Any] = {
    "run": "draft",
    "language": "en",
    "as_of": "",
    "flow": "export",
    "currency": "USD",
    "target_year": None,
    "threshold": None,
    "levels": (0.5, 0.8, 0.95),
    "figure_formats": ("png", "svg"),
    "series": None,
}
#: widths and heights that paper and screens have, in mm
_NARROWEST, _WIDEST, _HIGHEST = 50.0, 600.0, 900.0
#: a chart at least this wide is a slide, 16 to 9
_SLIDE = 230.0
_ACROSS = {1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3}
#: dots per inch of the picture a notebook shows
_SCREEN_DPI = 150


class FigureNotDrawn(ChipExportsError):
    """The data this figure needs are not there; the reason goes to the gallery and the run goes on."""


class Chart:
    """What `chart` gives: axes to draw on, words, colours, and what is written at the end.

    Attributes
    ----------
    ax, axes : Axes, list of Axes
        The first panel; all of them, row by row.
    fig : matplotlib.figure.Figure
    params : Settings
        The run's parameters, or what stands for them.
    title, subtitle, caption, alt, source : str
        Set them inside the block. ``title`` states the finding; ``caption`` says more than the picture;
        ``alt`` describes it to those who do not see it (by default kind, range and last values);
        ``source`` replaces the source line built from the parameters.
    panel_inches : float
        Height of each panel where the picture's ``height`` is not given.
    data : DataFrame, Series or None
        What is plotted; written as CSV with its index.
    """

    def __init__(
        self,
        name: str,
        params: object = None,
        *,
        panels: int | tuple[int, int] = 1,
        width: float = 160.0,
        height: float | None = None,
        grey: bool = False,
        language: str | None = None,
        **share: Any,
    ) -> None:
        files.check_name(name)
        self.name, self.grey, self.width, self.height = name, grey, float(width), height
        self.params = Settings(params)
        self.language = words.check_language(language or self.params.language)
        self._with_params = params is not None
        _check_size(name, self.width, height)
        self.size = style.size_for(self.width)
        rows, across = _grid(panels, self.width)
        inches = self.width / 25.4
        # a panel is two thirds as high as wide, but never a mere strip, nor more than a page can take
        self.panel_inches = min(max(0.62 * inches / across, 0.23 * self.size.font), 0.4 * self.size.font)
        self.fig = Figure(figsize=(inches, 3.0), layout="constrained")
        FigureCanvasAgg(self.fig)
        grid = self.fig.subplots(rows, across, squeeze=False, **share)
        self.rows, self.across = rows, across
        flat: list[Axes] = list(grid.ravel())
        count = panels if isinstance(panels, int) else rows * across
        for ax in flat[count:]:
            ax.set_visible(False)
        self.axes = flat[:count]
        self.title = self.subtitle = self.caption = self.alt = ""
        self.source: str | None = None
        self.left_out = ""
        self.data: pd.DataFrame | pd.Series | None = None
        self._source_values: dict[str, Any] = {}
        self._picture, self._shown_in = b"", -1
        self._key: tuple[list[Any], list[str]] | None = None

    @property
    def ax(self) -> Axes:
        """The first panel."""
        return self.axes[0]

    @property
    def flow(self) -> str:
        """The flow's name at the head of a sentence: Exports, Imports; 出口, 进口."""
        return words.flow_name(self.params.flow, self.language, start=True)

    @property
    def unit(self) -> str:
        """The plotted unit of the run's currency: bn USD, 亿美元."""
        return words.unit(self.params.currency, self.language)

    @property
    def scale(self) -> float:
        """The factor from the table's unit to the plotted one."""
        return words.scale(self.params.currency, self.language)

    def t(self, key: str, **values: object) -> str:
        """Return the glossary's ``figure.<name>.<key>``, or ``figure.<key>`` where this chart has none.

        Floats take the format the text asks for, months (``Period``) are written in the language.
        """
        mine = f"figure.{self.name}.{key}"
        shared_key = mine if words.has(mine) else f"figure.{key}"
        return sentence(words.own(shared_key, self.params.series), self.language, **values)

    def words(self, finding: str = "finding", note: str = "note", **values: object) -> None:
        """Set title, description and caption from ``finding``, ``alt`` and ``note`` of the chart's words.

        All are filled from the same values; what the glossary lacks for this chart stays as it is.
        """
        self.title = self.t(finding, **values)
        if words.has(f"figure.{self.name}.alt"):
            self.alt = self.t("alt", **values)
        if words.has(f"figure.{self.name}.{note}"):
            self.caption = self.t(note, **values)

    def colours(self, *names: str) -> list[str]:
        """Return a colour for each name, always the same one for a role such as ``forecast`` or ``USD``."""
        return style.colours(*names)

    def key(self, handles: Sequence[Any] | None = None, labels: Sequence[str] | None = None) -> None:
        """Explain what is drawn in a row below the title; by default whatever has a ``label``."""
        if handles is None:
            labelled: dict[str, Any] = {}
            for ax in self.axes:
                for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
                    labelled.setdefault(label, handle)
            handles, labels = list(labelled.values()), list(labelled)
        self._key = (list(handles), list(labels or [h.get_label() for h in handles]))

    def finish(self) -> Chart:
        """Write header and source line and place everything; nothing may be drawn afterwards."""
        if self.source is None:
            self.source = self.source_line()
        for ax in self.axes:
            ink_on_cells(ax)
        self._explain_dashes()
        fit(self)
        if self.grey:
            to_grey(self.fig)
        self.alt = " ".join((self.alt or describe(self)).split())
        return self

    def _explain_dashes(self) -> None:
        """Add to the key what a pale dashed line is, where `by_kind` drew one."""
        if any(line.get_gid() == ESTIMATED for ax in self.axes for line in ax.lines):
            handles, labels = self._key or ([], [])
            dashed = Line2D([], [], color=style.MUTED, lw=0.75 * self.size.line, ls=DASHES)
            self._key = ([*handles, dashed], [*labels, words.text("figure.role.estimated", self.language)])

    def source_line(self, **more: Any) -> str:
        """Return the source line built from the parameters; ``more`` replaces parts, e.g. ``note``."""
        values = self._source_values | more
        publishers = values.pop("publishers", ("gacc",) if self._with_params else ())
        if self.params.series:
            publishers = (str(self.params.series.get("file", "")),)
        if isinstance(publishers, str):
            publishers = (publishers,)
        return source_line(self.language, publishers, as_of=self.params.as_of, **values)

    @property
    def full_caption(self) -> str:
        """Title, subtitle, caption and source line as the paragraphs of a Markdown text."""
        title = f"**{self.title}**" if self.title else ""
        return "\n\n".join(part for part in (title, self.subtitle, self.caption, self.source) if part)

    def png(self, dpi: int = _SCREEN_DPI) -> bytes:
        """Return the finished chart as PNG."""
        return self._render("png", dpi)

    def svg(self) -> bytes:
        """Return the finished chart as SVG, text as text."""
        return self._render("svg")

    def _render(self, kind: str, dpi: int = 72) -> bytes:
        with style.applied(self.size):
            return files.render(self.fig, kind, dpi)

    def save(self, run: str, formats: Sequence[str], dpi: int = style.PNG_DPI, folder: str = "") -> None:
        """Write the files to ``figures/<run>/``: picture, ``<name>.csv`` and ``<name>.caption.md``."""
        files.check_formats(formats)
        pictures = {kind: self._render(kind, dpi) for kind in formats}
        if "png" in pictures:
            self._picture = _for_screen(pictures["png"], dpi)
        files.write(self, run, pictures, folder)

    def leave_out(self, reason: str, folder: str = "") -> Chart:
        """Note for the gallery and the notebook why there is no picture."""
        self.left_out = reason
        files.write_left_out(self.name, self.params.run, reason, folder)
        self._display()
        return self

    def show(self) -> None:
        """Display picture and caption in the notebook, or why the chart was left out."""
        from IPython.display import display

        if self.left_out:
            display({"text/markdown": f"*{self.left_out}*", "text/plain": self.left_out}, raw=True)
            return
        picture = self._picture or _for_screen(self.png(), _SCREEN_DPI)
        wide = {"image/png": {"alt": self.alt, "width": round(self.width / 25.4 * 120)}}
        display({"image/png": picture, "text/plain": self.alt}, raw=True, metadata=wide)
        if self.caption:
            display({"text/markdown": self.caption, "text/plain": self.caption}, raw=True)

    def _display(self) -> None:
        """Show the chart where a notebook is running."""
        if (shell := _shell()) is not None:
            self._shown_in = shell.execution_count
            self.show()

    def _ipython_display_(self) -> None:
        """As the last line of its own cell it has been shown already; in another cell it is shown again."""
        if (shell := _shell()) is None or self._shown_in != shell.execution_count:
            self.show()

    def __repr__(self) -> str:
        """Return the name and what the chart shows."""
        return f"<chart {self.name}: {self.left_out or self.alt or self.title}>"


def ink_on_cells(ax: Axes) -> None:
    """Write in the cells of a heat map in black or white, whichever is easier to read; rows named upright."""
    for text, paper in on_cells(ax):
        black, white = (style.contrast(ink, paper) for ink in ("black", "white"))
        text.set_color("black" if black >= white else "white")
    if any(isinstance(mesh, QuadMesh) for mesh in ax.collections):
        ax.tick_params(axis="y", labelrotation=0)  # seaborn turns names that are too long for a row


_drawn_again: ContextVar[tuple[float, list[Chart]] | None] = ContextVar("drawn_again", default=None)


@contextmanager
def drawn_at(width: float) -> Iterator[list[Chart]]:
    """Collect the charts drawn inside this block, each ``width`` millimetres wide, none of them saved.

    >>> with drawn_at(80) as drawn, chart("mine", width=160) as c:
    ...     _ = c.ax.plot([1, 2])
    >>> drawn[0].width
    80.0
    """
    drawn: list[Chart] = []
    before = _drawn_again.set((width, drawn))
    try:
        yield drawn
    finally:
        _drawn_again.reset(before)


@contextmanager
def chart(
    name: str,
    params: object = None,
    *,
    panels: int | tuple[int, int] = 1,
    width: float = 160.0,
    height: float | None = None,
    grey: bool = False,
    language: str | None = None,
    formats: Sequence[str] | None = None,
    dpi: int = style.PNG_DPI,
    last: object = None,
    forecast: bool = False,
    estimated: bool = False,
    publishers: Sequence[str] | None = None,
    note: str = "",
    save: bool = True,
    folder: str = "",
    **share: Any,
) -> Iterator[Chart]:
    """Draw a chart in the project's style; at the end of the block it is laid out, saved and shown.

    Parameters
    ----------
    name : str
        File name without ending; words of the chart are ``figure.<name>.<key>`` in the glossary.
    params : RunParams or mapping, optional
        The run: its language, files, ``as_of``. Without it a chart of one's own goes to ``figures/draft/``.
    panels : int or (int, int)
        How many, side by side where there is room; or rows and columns.
    width, height : float
        Millimetres of the whole picture; by default 160 wide, as high as its content needs.
    grey : bool
        Only greys, in every format.
    language : {"en", "zh"}, optional
        Default: that of ``params``, else English.
    formats : sequence of {"png", "svg", "pdf"}, optional
        Default: ``params.figure_formats``, else PNG and SVG. PDF holds TrueType fonts.
    dpi : int
        Of the PNG.
    last : Period, Timestamp or str, optional
        Last month plotted, named in the source line.
    forecast, estimated : bool
        Whether forecasts or estimates of this project are plotted; the source line says so.
    publishers : sequence of str, optional
        Keys ``source.<key>`` of the glossary; default: the customs where there are ``params``.
    note : str
        One more sentence in the source line.
    save : bool
        Write files, and show the chart where a notebook is running.
    folder : str
        A folder below ``figures/<run>/``.
    **share : object
        ``sharex``, ``sharey``, ``height_ratios``, ``width_ratios``, as in ``Figure.subplots``.

    Yields
    ------
    Chart
        ``c.ax``, ``c.axes``, ``c.t(key, **values)``, ``c.flow``, ``c.unit``, ``c.scale``, ``c.colours``,
        ``c.key()``; set ``c.title``, ``c.subtitle``, ``c.caption``, ``c.alt``, ``c.data``.

    Raises
    ------
    UsageError
        A name, size, language or format is not usable; nothing is written then.

    Notes
    -----
    A `FigureNotDrawn` raised in the block leaves a note for the gallery and its reason in the notebook.

    Examples
    --------
    >>> import pandas as pd
    >>> exports = pd.Series([27.0, 31.5, 33.2], pd.period_range("2026-01", periods=3, freq="M"))
    >>> with chart("mine", width=80, grey=True, language="zh", save=False) as c:
    ...     _ = c.ax.plot(exports.index.to_timestamp(), exports)
    ...     c.title, c.data = "出口增长", exports.to_frame("bn_usd")
    >>> c.alt
    '折线图，横轴2026年1月至2026年3月，纵轴27至33.2。'
    """
    again = _drawn_again.get()
    if again is not None:
        width, save, height = again[0], False, None
    with style.applied(style.size_for(width)):
        c = Chart(
            name,
            params,
            panels=panels,
            width=width,
            height=height,
            grey=grey,
            language=language,
            **share,
        )
        chosen = tuple(formats if formats is not None else c.params.figure_formats)
        files.check_formats(chosen)
        estimated &= not c.params.series  # a file of one's own is taken as it stands
        c._source_values = {"last": _month(last), "forecast": forecast, "estimated": estimated, "note": note}
        if publishers is not None:
            c._source_values["publishers"] = (
                tuple(publishers) if not isinstance(publishers, str) else publishers
            )
        try:
            yield c
        except FigureNotDrawn as reason:
            if again is not None:
                return
            if not save:
                raise
            c.leave_out(str(reason), folder)
            return
        c.finish()
    if again is not None:
        again[1].append(c)
    if save:
        c.save(c.params.run, chosen, dpi, folder)
        c._display()


def _shell() -> Any:
    """Return the notebook's shell, None outside a notebook."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module else None
    return shell if getattr(shell, "kernel", None) is not None else None


def _for_screen(png: bytes, dpi: int) -> bytes:
    """Return a PNG at screen resolution with few colours, so that executed notebooks stay small."""
    picture = Image.open(io.BytesIO(png)).convert("RGB").reduce(max(1, dpi // _SCREEN_DPI))
    buffer = io.BytesIO()
    picture.quantize(96).save(buffer, format="png", optimize=True)
    return buffer.getvalue()


class Settings:
    """What a chart takes from a run's parameters, read when it is needed; defaults where there are none."""

    as_of: str

    def __init__(self, params: object = None) -> None:
        self._given = params

    def __getattr__(self, name: str) -> Any:
        """Return a parameter of the run, or what stands for it."""
        default = _DEFAULTS[name]
        given = self._given
        return given.get(name, default) if isinstance(given, Mapping) else getattr(given, name, default)


def _month(last: object) -> Any:
    return pd.Timestamp(last).to_period("M") if last is not None and not isinstance(last, pd.Period) else last  # type: ignore[arg-type]


def _check_size(name: str, width: float, height: float | None) -> None:
    if not _NARROWEST <= width <= _WIDEST:
        raise UsageError(
            f"chart {name!r}: width {width:g} mm; take {_NARROWEST:g} to {_WIDEST:g} mm, e.g. 80 for a column"
        )
    if height is not None and not 0 < height <= _HIGHEST:
        raise UsageError(f"chart {name!r}: height {height:g} mm; take up to {_HIGHEST:g} mm, or leave it out")


def _grid(panels: int | tuple[int, int], width: float) -> tuple[int, int]:
    if not isinstance(panels, int):
        return int(panels[0]), int(panels[1])
    if panels < 1:
        raise UsageError(f"panels: {panels}; take 1 or more, or (rows, columns)")
    across = _ACROSS.get(panels, 3)
    if width < 120:
        across = 1 if panels <= 3 else 2
    return -(-panels // across), across
