"""Write a figure as PNG, SVG and PDF with its data and caption: the same bytes every time, never half."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from chipexports.base.errors import UsageError
from chipexports.base.files import write_bytes_atomic
from chipexports.base.paths import figures_dir
from chipexports.charts import style
from chipexports.charts.drawn import Drawn
from chipexports.charts.png import draw_png

FORMATS = ("png", "svg", "pdf")
_METADATA: dict[str, dict[str, None]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
# a reader without the project's font gets the next best one
SVG_FONTS = "'Noto Sans SC', 'Source Sans 3', 'PingFang SC', 'Microsoft YaHei', sans-serif"


def save_figure(
    fig: Figure,
    name: str,
    run: str,
    *,
    data: pd.DataFrame,
    caption: str,
    alt: str,
    formats: Sequence[str] = FORMATS,
    language: str = "en",
    folder: str = "",
) -> list[Path]:
    """Write one figure's files to ``figures/<run>/`` and return their paths.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        A finished figure.
    name, run : str
        File name without ending; the run's name.
    data : pandas.DataFrame
        The plotted points, written to ``<name>.csv``.
    caption, alt : str
        Written to ``<name>.caption.md`` in the run's language.
    formats : sequence of str
        Any of ``png`` (300 dpi), ``svg`` (text as text), ``pdf``.
    language : str
        ``en`` or ``zh``, of the caption's file.
    folder : str
        A folder below ``figures/<run>/``, e.g. ``zh``.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    UsageError
        If the name or a format is not known; nothing is written then.
    """
    unknown = [item for item in formats if item not in FORMATS]
    if unknown:
        raise UsageError(f"figure_formats: {unknown[0]!r} is not known; use any of {', '.join(FORMATS)}")
    if not _NAME.fullmatch(name) or (folder and not _NAME.fullmatch(folder)):
        raise UsageError(f"figure {name!r}: use small letters, digits, '-' and '_' for its name and folder")
    target = figures_dir(run) / folder
    written = {f"{name}.{item}": _render(fig, item) for item in formats}
    fig.stale = False  # it counts as drawn until somebody changes it
    written[f"{name}.csv"] = _csv(data).encode()
    written[f"{name}.caption.md"] = _caption(caption, alt, language).encode()
    for file_name, content in written.items():
        write_bytes_atomic(target / file_name, content)
    (target / f"{name}.left-out.md").unlink(missing_ok=True)
    return [target / file_name for file_name in written]


def save_drawn(drawn: Drawn, run: str, formats: Sequence[str] = FORMATS, *, folder: str = "") -> list[Path]:
    """Write a drawn figure (see ``save_figure``); sizes other than the page are named for their size."""
    name = drawn.name if drawn.size == "page" else f"{drawn.name}-{drawn.size}"
    return save_figure(
        drawn.fig,
        name,
        run,
        data=drawn.data,
        caption=drawn.caption,
        alt=drawn.alt,
        formats=formats,
        language=drawn.language,
        folder=folder,
    )


def save_left_out(name: str, run: str, reason: str, *, folder: str = "") -> Path:
    """Note for the gallery why a figure was not drawn, and remove what an earlier run left of it."""
    target = figures_dir(run) / folder
    for ending in (*FORMATS, "csv", "caption.md"):
        (target / f"{name}.{ending}").unlink(missing_ok=True)
    path = target / f"{name}.left-out.md"
    write_bytes_atomic(path, f"{reason}\n".encode())
    return path


def _render(fig: Figure, kind: str) -> bytes:
    if kind == "png":
        with style.applied():
            return draw_png(fig, style.PNG_DPI, keep=True)
    buffer = io.BytesIO()
    with style.applied():
        fig.savefig(buffer, format=kind, dpi=72, metadata=_METADATA[kind])
    content = buffer.getvalue()
    if kind == "svg":
        # several families in the file, though only the project's own is asked of matplotlib
        content = content.replace(f"'{style.FONT_FAMILY}'".encode(), SVG_FONTS.encode())
    return content


def _csv(data: pd.DataFrame) -> str:
    return data.to_csv(index=False, lineterminator="\n", float_format="%.10g")


def _caption(caption: str, alt: str, language: str) -> str:
    return f"---\nlang: {language}\nalt: {' '.join(alt.split())}\n---\n\n{caption.strip()}\n"
