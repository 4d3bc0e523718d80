"""The exploring page: sliders and menus over `chipexports.lab.explore`, for JupyterLab and Voilà."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets as w

from chipexports.base.errors import ChipExportsError
from chipexports.base.paths import project_root
from chipexports.base.units import UNIT
from chipexports.lab import panels
from chipexports.lab.explore import Explorer, View, origins
from chipexports.lab.settings import Settings, default_settings, save_settings
from chipexports.params import COMBINATIONS, METHODS
from chipexports.words import text as words

PAUSE = 0.35  # seconds without a change after which the full number of paths is simulated
WIDE = w.Layout(width="97%")
LABEL = {"description_width": "8.5rem"}
LEFT = w.Layout(flex="0 1 23rem", min_width="18rem")
RIGHT = w.Layout(flex="1 1 28rem", min_width="18rem", overflow="hidden")


class Page:
    """The page's widgets and what happens when one is turned.

    Parameters
    ----------
    language : {"en", "zh"}
    """

    def __init__(self, language: str = "en") -> None:
        self.language = words.check_language(language)
        self.explorer = Explorer()
        self._waiting: asyncio.TimerHandle | None = None
        self._silent = self._year_moved = False
        start = default_settings()
        self.controls = self._controls(start)
        self.where, self.unit, self.said = w.HTML(), w.HTML(), w.HTML()
        self.head, self.fan, self.spread, self.table = w.HTML(), w.HTML(), w.HTML(), w.HTML()
        for name, control in self.controls.items():
            if name not in ("save", "name"):
                control.observe(self._changed(name), names="value")
        self.controls["save"].on_click(lambda _: self.save())
        self.refresh()

    def say(self, key: str, **values: object) -> str:
        """Return the glossary's ``desk.<key>``."""
        return words.text(f"desk.{key}", self.language, **values)

    def _controls(self, start: Settings) -> dict[str, Any]:
        days = [(self._origin(period, day), day) for period, day in origins()]
        year = int(days[-1][1][:4])
        common: dict[str, Any] = {"layout": WIDE, "style": LABEL}
        return {
            "as_of": w.SelectionSlider(
                options=days, value=days[-1][1], continuous_update=True, readout=False,
                description=self.say("as_of"), **common,
            ),
            "target_year": w.Dropdown(
                options=[year, year - 1], value=year, description=self.say("target_year"), **common
            ),
            "flow": self._menu("flow", ("export", "import"), start.flow),
            "currency": self._menu("currency", ("CNY", "USD"), start.currency),
            "methods": w.SelectMultiple(
                options=[(self._method(m), m) for m in METHODS], value=start.methods, rows=len(METHODS),
                description=self.say("methods"), **common,
            ),
            "combination": w.Dropdown(
                options=list(COMBINATIONS), value=start.combination, description=self.say("pool"), **common
            ),
            "threshold": w.FloatText(
                value=start.threshold, step=1000, continuous_update=False,
                description=self.say("threshold"), **common,
            ),
            "use_growth": w.Checkbox(value=False, description=self.say("use_growth"), **common),
            "growth": w.FloatSlider(
                value=20.0, min=-50.0, max=200.0, step=1.0, description=self.say("growth"), **common
            ),
            "name": w.Text(value="my-forecast", description=self.say("name"), **common),
            "save": w.Button(description=self.say("save"), layout=WIDE, icon="save"),
        }  # fmt: skip

    def _origin(self, period: str, day: str) -> str:
        return self.say("origin", month=words.month(period, self.language), day=words.day(day, self.language))

    def _menu(self, name: str, values: tuple[str, ...], value: str) -> w.Dropdown:
        options = [(words.text(f"{name}.{v}", self.language), v) for v in values]
        return w.Dropdown(options=options, value=value, description=self.say(name), layout=WIDE, style=LABEL)

    def _method(self, name: str) -> str:
        key = f"method.{name}"
        return words.text(key, self.language) if words.has(key) else name

    @property
    def settings(self) -> Settings:
        """The settings as the widgets stand."""
        c = self.controls
        return Settings(
            as_of=c["as_of"].value,
            target_year=c["target_year"].value,
            flow=c["flow"].value,
            currency=c["currency"].value,
            methods=tuple(c["methods"].value),
            combination=c["combination"].value,
            threshold=c["threshold"].value,
            growth=c["growth"].value if c["use_growth"].value else None,
        )

    def _changed(self, name: str) -> Callable[[dict[str, Any]], None]:
        def changed(change: dict[str, Any]) -> None:
            if self._silent:
                return
            self._follow(name, change)
            if name in ("target_year", "flow", "currency") or self._year_moved:
                self._round_threshold(quick=name == "as_of")
            if name in ("as_of", "growth"):
                self.refresh(quick=True)
                self._later()
            else:
                self.refresh()

        return changed

    def _follow(self, name: str, change: dict[str, Any]) -> None:
        """Keep the year within the date."""
        self._year_moved = False
        if name == "as_of":
            year = int(change["new"][:4])
            if tuple(self.controls["target_year"].options) != (year, year - 1):
                self._year_moved = True
                with self._quietly():
                    self.controls["target_year"].options = (year, year - 1)
                    self.controls["target_year"].value = year

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Set widgets without answering to it."""
        self._silent = True
        try:
            yield
        finally:
            self._silent = False

    def _round_threshold(self, *, quick: bool) -> None:
        """Ask about the two-digit number nearest to the forecast: another total asks another question."""
        try:
            median = self.explorer.view(self.settings, quick=quick).forecast.median
        except ChipExportsError:
            return  # the page says why when it is refreshed
        with self._quietly():
            self.controls["threshold"].value = float(f"{median:.2g}")

    def _later(self) -> None:
        """Show the full number of paths once nothing has changed for a moment."""
        if self._waiting is not None:
            self._waiting.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # no event loop, as in a plain Python session: at once
            self.refresh()
            return
        self._waiting = loop.call_later(PAUSE, self.refresh)

    def refresh(self, *, quick: bool = False) -> None:
        """Show the view of the settings; a problem is a sentence in its place."""
        self.where.value = panels.line(self.controls["as_of"].label)
        self.unit.value = panels.line(self.say("threshold_unit", unit=UNIT[self.controls["currency"].value]))
        try:
            view = self.explorer.view(self.settings, quick=quick)
            self._show(view, quick=quick)
        except ChipExportsError as error:
            self.head.value = panels.problem(str(error))
            self.fan.value = self.spread.value = self.table.value = ""
        except Exception as error:  # the reader of the page never meets a stack trace
            self.head.value = panels.problem(self.say("fault", kind=type(error).__name__, what=error))

    def _show(self, view: View, *, quick: bool) -> None:
        lang = self.language
        self.head.value = panels.headline(view, lang)
        self.fan.value = panels.picture(view, "fan", lang, dpi=80 if quick else 130)
        if not quick:
            self.table.value = panels.methods(view, lang)
            self.spread.value = panels.picture(view, "distribution", lang) if view.remaining else ""

    def save(self) -> None:
        """Save the settings as a parameter set and say the command that reproduces them."""
        try:
            path, command = save_settings(self.settings, self.controls["name"].value)
        except ChipExportsError as error:
            self.said.value = panels.problem(str(error))
            return
        self.said.value = panels.saved(path.relative_to(project_root()).as_posix(), command, self.language)

    def layout(self) -> w.Widget:
        """Return the page: what can be turned above, what follows from it below."""
        c = self.controls
        first = [
            c["as_of"],
            self.where,
            *(c[n] for n in ("target_year", "flow", "currency", "threshold")),
            self.unit,
        ]
        methods = w.VBox([c["methods"], c["combination"]])
        more = w.Accordion([methods], titles=(self.say("methods_title"),), layout=WIDE)
        keep = [c["name"], c["save"], self.said]
        left = w.VBox([*first, c["use_growth"], c["growth"], more, *keep], layout=LEFT)
        right = w.VBox([self.head, self.fan, self.spread, self.table], layout=RIGHT)
        return w.Box([left, right], layout=w.Layout(display="flex", flex_flow="row wrap", width="100%"))


def explore(language: str = "en") -> w.Widget:
    """Return the exploring page, ready to be shown as the last line of a cell.

    Parameters
    ----------
    language : {"en", "zh"}
    """
    try:
        return Page(language).layout()
    except ChipExportsError as error:
        return w.HTML(panels.problem(str(error)))
