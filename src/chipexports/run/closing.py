"""What a run ends with besides its answer: the newest figure and how well it is attested, and what is due.

The sentences are made when the run is concluded and kept in its manifest; which tables are due by now is
told by the calendar of the day on which the command is called.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

#: months after the end of the record whose days are kept: until then something will have been added
AHEAD = 24
#: more months than this are given as a span
LISTED = 3


def closing(as_of: str, flow: str, currency: str, language: str, series: object = None) -> dict[str, Any]:
    """Return the sentences about the record, and the days on which its next tables are due.

    Parameters
    ----------
    as_of : str
        "YYYY-MM-DD".
    flow, currency : str
        Of the run.
    language : {"en", "zh"}
        Language of the sentences.
    series : mapping, optional
        The run's series of its own: then only its newest month is named.

    Returns
    -------
    dict
        ``newest, left_out`` (sentences; the second may be empty), ``due, next`` (with a gap for months and
        day) and ``coming``: day "YYYY-MM-DD" and month in words of the tables after the end of the record.
    """
    import pandas as pd

    from chipexports.clean.day import known
    from chipexports.record.calendar import due_date
    from chipexports.record.releases import read_releases
    from chipexports.record.standing import strongest
    from chipexports.record.vintage import LINE, MEASURE
    from chipexports.series.settings import series_settings
    from chipexports.words.text import day, flow_name, month, text

    if series:
        read = series_settings(series).read()
        file, last = read.path.name, pd.PeriodIndex(read.known(as_of).index)[-1]
        newest_month = text(
            "own.run.newest",
            language,
            name=flow_name(flow, language, start=True),
            month=month(last, language),
            day=day(read.published.loc[str(last)].date(), language),
            file=file,
        )
        return {"newest": newest_month, "left_out": "", "coming": []}

    def of_line(rows: pd.DataFrame) -> pd.DataFrame:
        mine = (rows["commodity"] == LINE) & (rows["flow"] == flow) & (rows["measure"] == MEASURE[currency])
        return rows[mine]

    what = {"flow": text(f"flow.{flow}", language), "currency": text(f"currency.{currency}", language)}
    newest = of_line(known(as_of).releases)
    newest = newest[newest["period_end"] == newest["period_end"].max()]
    record = read_releases()
    later = record[(record["published"] > as_of) & (record["commodity"] == LINE)]
    found = {"newest": "", "left_out": ""}
    if len(newest):
        found["newest"] = text(
            "run.newest",
            language,
            month=month(newest["period_end"].iloc[0], language),
            day=day(newest["published"].min(), language),
            standing=text(f"run.standing.{strongest(newest['standing']).replace(' ', '_')}", language),
            **what,
        )
    if len(later):
        found["left_out"] = text(
            "run.left_out",
            language,
            n=len(later),
            as_of=day(as_of, language),
            last=month(later["period_end"].max(), language),
        )
    end = pd.Period(str(of_line(record)["period_end"].max()), freq="M")
    months = [str(end + n) for n in range(1, AHEAD + 1)]
    coming = [[due_date(name, currency).isoformat(), month(name, language), name] for name in months]
    gap = {"months": "{months}", "day": "{day}"}
    return {
        **found,
        "due": text("run.due", language, **gap, **what),
        "next": text("run.next", language, **gap, **what),
        "comma": text("run.comma", language),
        "span": text("run.span", language, first="{first}", last="{last}"),
        "days": {date: day(date, language) for date, *_ in coming},
        "coming": coming,
    }


def closing_lines(kept: Mapping[str, Any], today: dt.date | None = None) -> list[str]:
    """Return the lines a command ends with.

    Parameters
    ----------
    kept : mapping
        What `closing` returned.
    today : date, optional
        By default that of the clock.
    """
    if not kept:
        return []
    now = (today or dt.date.today()).isoformat()
    due = [month for day, month, _ in kept["coming"] if day <= now]
    lines = [kept["newest"], kept["left_out"]]
    if kept["left_out"]:
        pass  # what is due has no bearing on a day that lies back
    elif not kept["coming"]:
        pass  # a file says nothing of its next month
    elif due:
        named = kept["comma"].join(due)
        if len(due) > LISTED:
            named = kept["span"].format(first=due[0], last=due[-1])
        lines.append(kept["due"].format(months=named))
    else:
        # January comes out with February: both on one day
        day = kept["coming"][0][0]
        months = kept["comma"].join(month for other, month, _ in kept["coming"] if other == day)
        lines.append(kept["next"].format(months=months, day=kept["days"][day]))
    return [line for line in lines if line]
