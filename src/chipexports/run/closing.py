"""What a run ends with besides its answer: the newest figure and how well it is attested, and what is due.

The sentences are made when the run is concluded and kept in its manifest: of those on what is due there is
one for each day from which another table is, and the calendar tells which of them a command ends with.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

#: months after the end of the record whose days are told: until then something will have been added
AHEAD = 24
#: more months than this are given as a span
LISTED = 3


def closing(as_of: str, flow: str, currency: str, language: str, series: object = None) -> dict[str, Any]:
    """Return the sentences about the record of a run's flow and currency, or about its own ``series``.

    ``newest`` and ``left_out`` are sentences, the second may be empty; ``due`` lists days (YYYY-MM-DD) with
    the sentence that holds from then on. Of one's own series only the newest month is named.
    """
    import pandas as pd

    from chipexports.clean.day import known
    from chipexports.record.releases import read_releases
    from chipexports.record.standing import strongest
    from chipexports.record.vintage import LINE, MEASURE
    from chipexports.series.settings import series_settings
    from chipexports.words.text import day, flow_name, month, text

    if series:
        read = series_settings(series).read()
        last = pd.PeriodIndex(read.known(as_of).index)[-1]
        newest_month = text(
            "own.run.newest",
            language,
            name=flow_name(flow, language, start=True),
            month=month(last, language),
            day=day(read.published.loc[str(last)].date(), language),
            file=read.path.name,
        )
        return {"newest": newest_month, "left_out": "", "due": []}

    def of_line(rows: pd.DataFrame) -> pd.DataFrame:
        mine = (rows["commodity"] == LINE) & (rows["flow"] == flow) & (rows["measure"] == MEASURE[currency])
        return rows[mine]

    what = {"flow": text(f"flow.{flow}", language), "currency": text(f"currency.{currency}", language)}
    newest = of_line(known(as_of).releases)
    newest = newest[newest["period_end"] == newest["period_end"].max()]
    record = read_releases()
    later = record[(record["published"] > as_of) & (record["commodity"] == LINE)]
    sentences = {"newest": "", "left_out": ""}
    if len(newest):
        sentences["newest"] = text(
            "run.newest",
            language,
            month=month(newest["period_end"].iloc[0], language),
            day=day(newest["published"].min(), language),
            standing=text(f"run.standing.{strongest(newest['standing']).replace(' ', '_')}", language),
            **what,
        )
    if len(later):
        # what is due has no bearing on a day that lies back
        sentences["left_out"] = text(
            "run.left_out",
            language,
            n=len(later),
            as_of=day(as_of, language),
            last=month(later["period_end"].max(), language),
        )
        return {**sentences, "due": []}
    end = pd.Period(str(of_line(record)["period_end"].max()), freq="M")
    return {**sentences, "due": _due([str(end + n) for n in range(1, AHEAD + 1)], currency, language, what)}


def _due(months: list[str], currency: str, language: str, what: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what is due and from which day on; before the first day, what is next."""
    from chipexports.record.calendar import due_date
    from chipexports.words.text import day, month, text

    days = {name: due_date(name, currency).isoformat() for name in months}
    first = days[months[0]]
    sentences = [("", "")]
    for date in sorted(set(days.values())):
        # January comes out with February: both on one day
        named = [month(name, language) for name in months if days[name] <= date]
        listed = text("run.comma", language).join(named)
        if date == first:
            next_due = text("run.next", language, months=listed, day=day(date, language), **what)
            sentences = [("", next_due)]
        if len(named) > LISTED:
            listed = text("run.span", language, first=named[0], last=named[-1])
        sentences.append((date, text("run.due", language, months=listed, **what)))
    return sentences


def closing_lines(closing: Mapping[str, Any], today: dt.date | None = None) -> list[str]:
    """Return the lines a command ends with on a day, by default today, from what `closing` told."""
    if not closing:
        return []
    date = (today or dt.date.today()).isoformat()
    due = [sentence for since, sentence in closing["due"] if since <= date]
    return [line for line in (closing["newest"], closing["left_out"], *due[-1:]) if line]
