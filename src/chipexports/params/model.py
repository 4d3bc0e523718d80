"""The parameters of a run: names, types, defaults, units, meanings and what contradicts what."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticUndefined

from chipexports.base.paths import RUN_NAME
from chipexports.base.units import table_unit
from chipexports.params.newest import NEWEST, resolve

# kept in step with `fullyear.METHODS` and `fullyear.COMBINATIONS` by a test: importing them here would
# cost every command the import of the statistics
METHODS = (
    "growth_ytd",
    "growth_3m",
    "seasonal_naive",
    "ets",
    "sarima",
    "ucm",
    "theta",
    "level_regression",
    "indicator",
    "pooled_growth",
)
DEFAULT_METHODS = ("ucm", "indicator", "level_regression")
DEFAULT_ALONE = ("ets", "ucm", "level_regression")
COMBINATIONS = ("equal", "score", "trimmed")
FIGURE_FORMATS = ("png", "svg", "pdf")
#: the parameter that puts a series of one's own in place of the customs' record
SERIES = "series"
#: the run of notebooks opened by hand; no other run can be written by them
DRAFT = "draft"

FLOWS = ("export", "import")
CURRENCIES = ("CNY", "USD")
Truth = Literal["first_print", "latest"]
Language = Literal["en", "zh"]
# mypy wants the values of a Literal written out; pydantic reads them from the tuples above
Method = Literal[METHODS]  # type: ignore[valid-type]
Combination = Literal[COMBINATIONS]  # type: ignore[valid-type]
FigureFormat = Literal[FIGURE_FORMATS]  # type: ignore[valid-type]


def _field(default: Any, meaning: str, unit: str = "", choices: tuple[str, ...] = (), **limits: Any) -> Any:
    extra: Any = {"unit": unit, "choices": list(choices)}
    return Field(default, description=meaning, json_schema_extra=extra, **limits)


class RunParams(BaseModel):
    """One run of the notebooks. Frozen; every value is str, int, float or a list of them.

    The defaults are those of the parameters cell of every notebook, and but for the run's name those
    of ``params/latest.yaml``. ``as_of="newest"`` becomes a date here, so that tables, titles and the
    manifest name one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)

    run: str = _field(DRAFT, "name of the run: the folder its tables, figures and notebooks go to")
    as_of: Annotated[str, BeforeValidator(resolve)] = _field(
        NEWEST,
        "what was published by the end of this day is known; newest: that of the newest release",
        "YYYY-MM-DD or newest",
        validate_default=True,
    )
    target_year: int = _field(2026, "the calendar year to forecast", "year", ge=1990, le=2100)
    # of a series of one's own the two hold its name and its unit, put there by `build`
    flow: str = _field("export", "which side of the trade", choices=FLOWS)
    currency: str = _field("USD", "which of the two printed currencies", choices=CURRENCIES)
    methods: list[Method] = _field(list(DEFAULT_METHODS), "forecasting methods to fit", min_length=1)
    combination: Combination = _field("equal", "how the methods are pooled into one forecast")
    n_paths: int = _field(2000, "simulated paths per method", "paths", ge=50, le=100_000)
    seed: int = _field(0, "start of the random numbers", ge=0, le=2**32 - 1)
    levels: list[Annotated[float, Field(gt=0, lt=1)]] = _field(
        [0.5, 0.8, 0.95],
        "coverage of the central intervals shown: one to five, ascending",
        "share",
        min_length=1,
        max_length=5,
    )
    threshold: float = _field(
        400000.0, "the total whose crossing is asked about", "100 million CNY or million USD", gt=0
    )
    history_start: str = _field("2014-05", "first month of the history the methods see", "YYYY-MM")
    truth: Truth = _field("latest", "which outturn a forecast is held against")
    language: Language = _field("en", "language of text and figures")
    figure_formats: list[FigureFormat] = _field(["png", "svg"], "files written per figure", min_length=1)
    series: dict[str, Any] | None = _field(
        None,
        "a file with a series of your own, forecast in place of the customs' record",
        "path or keys",
    )

    @model_validator(mode="after")
    def _consistent(self) -> RunParams:
        for problem in _problems(self):
            raise ValueError(problem)
        return self

    @property
    def unit(self) -> str:
        """The unit of `threshold` and of every total: that of the printed table."""
        return table_unit(self.currency)

    def literals(self) -> dict[str, Any]:
        """Return the parameters as the plain values a notebook's parameters cell holds."""
        return self.model_dump()


def _problems(params: RunParams) -> Iterator[str]:
    """Yield what is wrong beyond the types: ``field: sentence``."""
    for name in ("flow", "currency") if not params.series else ():
        if getattr(params, name) not in choices(name):
            yield f"{name}: {getattr(params, name)!r} does not exist; take one of {', '.join(choices(name))}"
    if not RUN_NAME.fullmatch(params.run):
        yield f"run: {params.run[:70]!r} is not a run name; use up to 64 letters, digits, '-' and '_'"
    day = as_date(params.as_of)
    if day is None:
        yield f"as_of: {params.as_of!r} is not a date; write YYYY-MM-DD, e.g. 2024-11-07, or {NEWEST}"
        return
    if not re.fullmatch(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])", params.history_start):
        yield f"history_start: {params.history_start!r} is not a month; write YYYY-MM, e.g. 2015-01"
    if params.target_year > day.year:
        yield (
            f"target_year: as of {params.as_of} nothing of {params.target_year} is published; "
            f"take {day.year} or earlier, or a later as_of"
        )
    if int(params.history_start[:4]) > params.target_year - 2:
        yield (
            f"history_start: {params.history_start} leaves less than two years before target_year "
            f"{params.target_year}; take {params.target_year - 2}-01 or earlier"
        )
    for name in ("methods", "levels", "figure_formats"):
        values = getattr(params, name)
        if len(set(values)) < len(values):
            yield f"{name}: {values} names something twice; give each once"
    if params.levels != sorted(params.levels):
        yield f"levels: {params.levels} do not ascend; write {sorted(params.levels)}"


def as_date(text: object) -> dt.date | None:
    """Return the day written YYYY-MM-DD, None when it is not one."""
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def choices(name: str) -> tuple[str, ...]:
    """Return the values a parameter may take, or () where any of its type may stand."""
    extra = RunParams.model_fields[name].json_schema_extra
    if isinstance(extra, dict) and isinstance(names := extra.get("choices"), list) and names:
        return tuple(map(str, names))
    annotation: Any = RunParams.model_fields[name].annotation
    inner = get_args(annotation)
    if getattr(annotation, "__origin__", None) is list:
        inner = get_args(inner[0])
    return tuple(v for v in inner if isinstance(v, str))


def type_name(name: str) -> str:
    """Return a parameter's type in words a reader of the table knows: ``list of str``."""
    annotation: Any = RunParams.model_fields[name].annotation
    if name == SERIES:
        return "text or mapping"
    if getattr(annotation, "__origin__", None) is list:
        return "list of " + ("str" if choices(name) else "float")
    return "str" if choices(name) else annotation.__name__


def describe() -> list[dict[str, str]]:
    """Return one row per parameter: name, type, default, unit (or choices), meaning."""
    rows = []
    for name, info in RunParams.model_fields.items():
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        default = (
            "" if info.default is PydanticUndefined else "none" if info.default is None else info.default
        )
        as_text = ", ".join(map(str, default)) if isinstance(default, list) else str(default)
        unit = str(extra.get("unit") or " | ".join(choices(name)))
        meaning = info.description or ""
        rows.append(
            {"name": name, "type": type_name(name), "default": as_text, "unit": unit, "meaning": meaning}
        )
    return rows
