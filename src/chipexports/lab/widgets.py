"""The exploring page: sliders and menus over `chipexports.lab.explore`, for JupyterLab and Voilà."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import ipywidgets as w

from chipexports.base.errors import ChipExportsError
from chipexports.base.paths import project_root
from chipexports.lab import panels
from chipexports.lab.explore import Explorer, View, neighbours, origins, proposed_thresholds
from chipexports.lab.handles import HandleNames
from chipexports.lab.hover import Charts
from chipexports.lab.settings import BASE, SET, Settings, default_settings, save_settings
from chipexports.params import COMBINATIONS, METHODS, load_params
from chipexports.params.model import FLOWS
from chipexports.words import text as words

#: seconds to wait for the next change of a slider that is being moved
PAUSE = 0.03
#: seconds the browser is left alone to draw the first view before more is made ready beside it
SETTLE = 0.8
WIDE = w.Layout(width="97%")
LABEL = {"description_width": "9rem"}
LANGUAGES = (("English", "en"), ("中文", "zh"))


class Page:
    """The page's widgets, opening with a language and a set, and what happens when one is turned."""

    # with a set that has a series of its own there is no other flow and no other currency

    def __init__(self, language: str = "en", base: str = BASE) -> None:
        self.language = words.check_language(language)
        self.explorer = Explorer()
        self._waiting: asyncio.TimerHandle | None = None
        self._silent, self._ask_anew = False, True
        self._view_now: View | None = None
        self.base, self.series = base, load_params(base).series
        start = default_settings(base)
        self.days = origins(base=base)
        self.controls = self._controls(start)
        self.where, self.message = w.HTML(), w.HTML()
        self.head, self.months, self.table, self.notes = w.HTML(), w.HTML(), w.HTML(), w.HTML()
        self.handles = HandleNames(layout=w.Layout(display="none"))
        self.charts: Charts | None = None
        self.chart_box = w.VBox()
        self.methods = w.Accordion(
            [w.VBox([self.controls["methods"], self.controls["combination"]])], layout=WIDE
        )
        self._label()
        for name, control in self.controls.items():
            if name not in ("save", "name"):
                control.observe(partial(self._changed, name), names="value")
        self.controls["save"].on_click(lambda _: self.save())
        self.refresh()

    def say(self, key: str, **values: object) -> str:
        """Return the glossary's ``desk.<key>``."""
        return words.text(f"desk.{key}", self.language, **values)

    def _controls(self, start: Settings) -> dict[str, Any]:
        day, year = self.days[-1][1], int(self.days[-1][1][:4])
        common: dict[str, Any] = {"layout": WIDE, "style": LABEL}
        return {
            "language": w.ToggleButtons(
                options=LANGUAGES, value=self.language, style={"button_width": "6rem"}
            ),
            "as_of": w.SelectionSlider(
                options=[(d, d) for _, d in self.days], value=day, readout=False, **common
            ),
            "target_year": w.Dropdown(
                options=[year, year - 1], value=max(start.target_year, year - 1), **common
            ),
            "flow": w.Dropdown(options=[start.flow] if self.series else FLOWS, value=start.flow, **common),
            "currency": w.Dropdown(
                options=[start.currency] if self.series else ["USD", "CNY"], value=start.currency, **common
            ),
            "threshold": w.FloatText(value=0.0, step=10, continuous_update=False, **common),
            "proposals": w.ToggleButtons(options=[("", 0.0)], style={"button_width": "auto"}, layout=WIDE),
            "use_growth": w.Checkbox(value=False, **common),
            "growth": w.FloatSlider(value=20.0, min=-50.0, max=200.0, step=1.0, **common),
            "methods": w.SelectMultiple(
                options=list(METHODS), value=start.methods, rows=len(METHODS), **common
            ),
            "combination": w.Dropdown(options=list(COMBINATIONS), value=start.combination, **common),
            "name": w.Text(value="my-forecast", **common),
            "save": w.Button(layout=WIDE, icon="save"),
        }

    def _label(self) -> None:
        """Write every label in the page's language; values stay."""
        c, lang = self.controls, self.language
        for name in (
            "as_of",
            "target_year",
            "flow",
            "currency",
            "methods",
            "use_growth",
            "growth",
            "name",
            "save",
        ):
            c[name].description = self.say(name)
        c["combination"].description = self.say("pool")
        self.notes.value = panels.notes(lang, self.series)
        self.methods.titles = (self.say("methods_title"),)
        origin = {
            day: words.text(
                words.own("desk.origin", self.series),
                lang,
                month=words.month(month, lang),
                day=words.day(day, lang),
            )
            for month, day in self.days
        }
        with self._quietly():
            _relabel(c["as_of"], origin)
            _relabel(c["flow"], {v: words.flow_name(v, lang, start=True) for v in _values(c["flow"])})
            _relabel(c["currency"], {v: _currency(v, lang) for v in _values(c["currency"])})
            _relabel(c["methods"], {m: _method(m, lang) for m in METHODS})
            _relabel(c["combination"], {m: self.say(f"pool.{m}") for m in COMBINATIONS})

    def _name_handles(self) -> None:
        """Tell a screen reader what each slider is, and a date instead of its place in the list."""
        as_of, growth = self.controls["as_of"], self.controls["growth"]
        self.handles.words = {
            "cx-as-of": [as_of.description, as_of.label],
            "cx-growth": [growth.description, ""],
        }

    @property
    def threshold(self) -> float:
        """The threshold in the table's unit: the box counts in the reader's, billions or 亿."""
        factor = words.scale(self.controls["currency"].value, self.language)
        return round(self.controls["threshold"].value / factor, 6)

    @threshold.setter
    def threshold(self, value: float) -> None:
        factor = words.scale(self.controls["currency"].value, self.language)
        with self._quietly():
            self.controls["threshold"].value = round(value * factor, 6)

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
            threshold=self.threshold,
            growth=c["growth"].value if c["use_growth"].value else None,
            base=self.base,
        )

    def _changed(self, name: str, change: dict[str, Any]) -> None:
        if self._silent:
            return
        if name == "language":
            asked = self.threshold
            self.language = change["new"]
            self._label()
            self.threshold = asked
        elif name == "proposals":
            if change["new"] is not None:
                self.threshold = change["new"]
        elif name == "growth":
            with self._quietly():
                self.controls["use_growth"].value = True
        elif name == "as_of":
            self._follow(int(change["new"][:4]))
        elif name in ("target_year", "flow", "currency"):
            self._ask_anew = True
        self._soon()

    def _follow(self, year: int) -> None:
        """Keep the target year within the date's year and the one before."""
        control = self.controls["target_year"]
        if tuple(control.options) != (year, year - 1):
            self._ask_anew = True
            with self._quietly():
                control.options = (year, year - 1)
                control.value = year

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Set widgets without answering to it."""
        before, self._silent = self._silent, True
        try:
            yield
        finally:
            self._silent = before

    def _soon(self) -> None:
        """Refresh once no further change is waiting: a slider passes dates faster than they can be drawn."""
        if self._waiting is not None:
            self._waiting.cancel()
        loop = _loop()
        if loop is None:  # a plain Python session: at once
            self.refresh()
        else:
            self._waiting = loop.call_later(PAUSE, self.refresh)

    def refresh(self) -> None:
        """Show the view of the settings; a problem is a sentence in its place."""
        try:
            self.where.value = panels.line(self.controls["as_of"].label)
            self._name_handles()
            self._show(self._view())
        except ChipExportsError as error:
            self._say_problem(str(error))
        except Exception as error:  # the reader of the page never meets a stack trace
            what = str(error).partition("\n")[0]
            self._say_problem(self.say("fault", kind=type(error).__name__, what=what))

    def _say_problem(self, sentence: str) -> None:
        self._view_now = None
        self.head.value = panels.problem(sentence)
        self.months.value = self.table.value = ""
        self.chart_box.layout.visibility = "hidden"

    def _view(self) -> View:
        """Return the view asked for; a new question is the project's own, or the round number nearest by."""
        if self._ask_anew:
            own, now = default_settings(self.base), self.settings
            if (own.target_year, own.flow, own.currency) == (now.target_year, now.flow, now.currency):
                self.threshold = own.threshold
            else:
                median = self.explorer.view(now.with_(threshold=own.threshold)).forecast.median
                self.threshold = float(f"{median:.2g}")
            self._ask_anew = False
        return self.explorer.view(self.settings)

    def _show(self, view: View) -> None:
        lang = self.language
        self._view_now = view
        s = view.settings
        unit = words.unit(s.currency, lang)
        key = words.own("desk.threshold", self.series)  # a unit of one's own may be long; the answer says it
        self.controls["threshold"].description = words.text(key, lang, unit=unit)
        self._propose(view)
        loop, first = _loop(), self.charts is None
        self.head.value = panels.headline(view, view.answer(without=loop is None), lang)
        if self.charts is None:
            self.charts = Charts(view, lang)
            self.chart_box.children = (self.charts.widget,)
        else:
            self.charts.show(view, lang)
        self.chart_box.layout.visibility = "visible"
        self.months.value, self.table.value = panels.months(view, lang), panels.methods(view, lang)
        if loop is not None:
            loop.call_later(SETTLE if first else 0, self._complete, view, loop)

    def _complete(self, view: View, loop: asyncio.AbstractEventLoop) -> None:
        """Add what the answer would be without its unconfirmed month, then make the neighbours ready."""

        def complete() -> None:
            answer = view.answer(without=True)
            loop.call_soon_threadsafe(say, answer)

        def say(answer: Any) -> None:
            if self._view_now is view:
                self.head.value = panels.headline(view, answer, self.language)

        if self._view_now is not view:
            return
        beside = neighbours(view.settings, [day for _, day in self.days])
        self.explorer.prepare([complete, *(partial(self.explorer.view, one) for one in beside)])

    def _propose(self, view: View) -> None:
        """Offer round thresholds near the forecast, each with its probability."""
        lang, s = self.language, view.settings
        factor = words.scale(s.currency, lang)
        values = proposed_thresholds(view.forecast)
        options = [
            (
                self.say(
                    "proposal",
                    amount=words.number(
                        value * factor, words.decimals(value * factor, lang) if value * factor < 10 else 0
                    ),
                    chance=words.chance(view.forecast.probability_above(value), lang),
                )
                if view.remaining
                else words.number(value * factor, 0),
                value,
            )
            for value in values
        ]
        control = self.controls["proposals"]
        with self._quietly():
            if tuple(control.options) != tuple(options):
                control.value = None
                control.options = options
            control.value = s.threshold if s.threshold in values else None

    def save(self) -> None:
        """Save the settings as a parameter set and say the command that reproduces them."""
        try:
            path, command = save_settings(self.settings, self.controls["name"].value)
        except ChipExportsError as error:
            self.message.value = panels.problem(str(error))
            return
        self.message.value = panels.saved(path.relative_to(project_root()).as_posix(), command, self.language)

    def layout(self) -> w.Widget:
        """Return the page: the answer, what can be turned, the charts; side by side where there is room."""
        c = self.controls
        first = [
            c["as_of"],
            self.where,
            c["target_year"],
            *(() if self.series else (c["flow"], c["currency"])),
            *(c[n] for n in ("threshold", "proposals")),
        ]
        controls = w.VBox(
            [*first, c["use_growth"], c["growth"], self.methods, c["name"], c["save"], self.message]
        )
        parts = {
            "bar": c["language"],
            "head": self.head,
            "controls": controls,
            "charts": self.chart_box,
            "more": w.VBox([self.months, self.table, self.notes]),
        }
        for name, part in parts.items():
            part.add_class(f"cx-{name}")
        c["proposals"].add_class("cx-proposals")
        c["as_of"].add_class("cx-as-of")
        c["growth"].add_class("cx-growth")
        grid = w.Box(list(parts.values()), layout=w.Layout(display="grid"))
        grid.add_class("cx-grid")
        page = w.VBox([w.HTML(panels.style(), layout=w.Layout(display="none")), grid, self.handles])
        page.add_class("cx-page")
        return page


def _loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _values(control: Any) -> list[Any]:
    """Return the values of a menu, with labels or without."""
    return [option[1] if isinstance(option, tuple) else option for option in control.options]


def _currency(name: str, language: str) -> str:
    key = f"currency.{name}"
    return words.text(key, language) if words.has(key) else words.unit(name, language)


def _relabel(control: Any, labels: dict[Any, str]) -> None:
    """Give a menu's values other words, in place; its value stays."""
    value = control.value
    control.options = [(label, key) for key, label in labels.items()]
    control.value = value


def _method(name: str, language: str) -> str:
    key = f"method.{name}"
    return words.text(key, language) if words.has(key) else name


def explore(language: str = "en", base: str = "") -> w.Widget:
    """Return the exploring page, ready to be shown as the last line of a cell.

    Parameters
    ----------
    language : {"en", "zh"}
        To begin with; the page has a switch.
    base : str
        The set the page opens with, by its name in ``params/``; by default the one that ``CHIPEXPORTS_SET``
        names in the environment, else ``latest``.
    """
    try:
        return Page(language, base or os.environ.get(SET) or BASE).layout()
    except ChipExportsError as error:
        return w.HTML(panels.style() + panels.problem(str(error)))
