"""Why the year moves: unit value, memories, partners, neighbours; cut at ``as_of``, a row an item."""

from __future__ import annotations

from typing import Any

import pandas as pd

from chipexports.clean import Known

COLUMNS = ["item", "name", "first", "last", "before", "now", "change_pct", "share_pct", "part_pct", "unit"]
PARTNERS = 5
#: groups of partners: their members stand in the table too
GROUPS = ("World", "ASEAN", "EU", "EU27", "RCEP")


def why_table(known: Known, year: int, flow: str) -> pd.DataFrame:
    """Return what moved in a year against the same months of the year before, as far as it is known."""
    # `before` and `now` are in `unit`: million USD, 100 million pieces, USD a piece, tonnes, USD a kilogram;
    # `share_pct` is that of the value now, `part_pct` that of the increase
    parts = [_price(known, year, flow), _memories(known, year, flow)]
    if flow == "export":
        parts += [_partners(known, year), _neighbours(known, year), _korea_memories(known, year)]
    return pd.DataFrame([row for part in parts for row in part], columns=COLUMNS)


def _row(
    item: str, name: str, first: Any, last: Any, before: Any, now: Any, unit: str, **more: Any
) -> dict[str, Any]:
    change = 100 * (float(now) / float(before) - 1) if before else float("nan")
    return {
        "item": item, "name": name, "first": first, "last": last, "before": before, "now": now,
        "change_pct": change, "unit": unit,
    } | more  # fmt: skip


def _price(known: Known, year: int, flow: str) -> list[dict[str, Any]]:
    """Value, pieces and unit value of the months for which both are known in both years."""
    monthly = known.monthly(flow)[["usd_mn", "pieces_100mn"]].dropna()
    months = [
        month
        for month in pd.period_range(f"{year}-01", f"{year}-12", freq="M")
        if month in monthly.index and month - 12 in monthly.index
    ]
    if not months:
        return []
    now, before = monthly.loc[months].sum(), monthly.loc[[month - 12 for month in months]].sum()
    span = str(months[0]), str(months[-1])
    return [
        _row("value", "", *span, before["usd_mn"], now["usd_mn"], "million USD"),
        _row("pieces", "", *span, before["pieces_100mn"], now["pieces_100mn"], "100 million pieces"),
        _row(
            "unit_value",
            "",
            *span,
            before["usd_mn"] / before["pieces_100mn"] / 100,
            now["usd_mn"] / now["pieces_100mn"] / 100,
            "USD a piece",
        ),
    ]


def _memories(known: Known, year: int, flow: str) -> list[dict[str, Any]]:
    """Memories now and a year before, their share, and their part of the increase."""
    from chipexports.record.products import products_as_of

    table = products_as_of(known.as_of)
    table = table[(table["flow"] == flow) & table["period_start"].astype(str).eq(f"{year}-01")]
    memories = table[table["product"].eq("memories") & table["value_usd"].notna()].sort_values("period_end")
    if memories.empty:
        return []
    newest = memories.iloc[-1]
    everything = table[table["product"].eq("all") & table["period_end"].eq(newest["period_end"])]
    if everything.empty or pd.isna(newest["yoy_pct"]) or pd.isna(everything["yoy_pct"].iloc[0]):
        return []
    now, total = newest["value_usd"] / 1e6, everything["value_usd"].iloc[0] / 1e6
    before = now / (1 + newest["yoy_pct"] / 100)
    total_before = total / (1 + everything["yoy_pct"].iloc[0] / 100)
    return [
        _row(
            "memories", "", newest["period_start"], newest["period_end"], before, now, "million USD",
            share_pct=100 * now / total, part_pct=100 * (now - before) / (total - total_before),
        )
    ]  # fmt: skip


def _partners(known: Known, year: int) -> list[dict[str, Any]]:
    """The largest destinations of the newest span that begins in January."""
    from chipexports.record.products import partners_as_of

    table = partners_as_of(known.as_of)
    table = table[table["period_start"].astype(str).eq(f"{year}-01") & table["share_pct"].notna()]
    table = table[table["yoy_pct"].notna() & table["value_usd"].notna() & ~table["partner"].isin(GROUPS)]
    if table.empty:
        return []
    table = table[table["period_end"].eq(table["period_end"].max())].nlargest(PARTNERS, "value_usd")
    now = table["value_usd"].to_numpy(dtype=float) / 1e6
    before = now / (1 + table["yoy_pct"].to_numpy(dtype=float) / 100)
    labels = zip(
        table["partner"], table["period_start"], table["period_end"], table["share_pct"], strict=True
    )
    return [
        _row("partner", str(name), first, last, before[i], now[i], "million USD", share_pct=share)
        for i, (name, first, last, share) in enumerate(labels)
    ]


def _neighbours(known: Known, year: int) -> list[dict[str, Any]]:
    """Korea's and Taiwan's exports in the months of the year that are known for them."""
    rows = []
    for column, name in (("korea_hs8542_usd_mn", "Korea"), ("taiwan_components_usd_mn", "Taiwan")):
        if column not in known.indicators:
            continue
        series = known.indicators[column].dropna()
        own = series[pd.PeriodIndex(series.index).year == year]
        before = series.reindex(own.index - 12)
        if own.empty or before.isna().any():
            continue
        rows.append(
            _row(
                "neighbour", name, str(own.index[0]), str(own.index[-1]), float(before.sum()),
                float(own.sum()), "million USD",
            )
        )  # fmt: skip
    return rows


def _korea_memories(known: Known, year: int) -> list[dict[str, Any]]:
    """Korea's exports of memories: value, weight, and dollars a kilogram, also of DRAM and NAND.

    Of the months whose weight is known in both years. Value over weight moves with prices and with the mix.
    """
    from chipexports.record.memory import memory_exports_as_of

    table = memory_exports_as_of(known.as_of)
    names = [column.removesuffix("_tonnes") for column in map(str, table) if column.endswith("_tonnes")]
    complete = table.dropna(subset=[f"{name}_{unit}" for name in names for unit in ("usd_mn", "tonnes")])
    months = pd.PeriodIndex(complete.index)
    own = [month for month in months if month.year == year and month - 12 in months]
    if not own:
        return []
    now, before = complete.loc[own].sum(), complete.loc[[month - 12 for month in own]].sum()
    span = str(own[0]), str(own[-1])
    rows = [
        _row("korea_value", "memory", *span, before["memory_usd_mn"], now["memory_usd_mn"], "million USD"),
        _row("korea_weight", "memory", *span, before["memory_tonnes"], now["memory_tonnes"], "tonnes"),
    ]
    for name in ("memory", "dram", "nand"):
        # a million dollars over a tonne are a thousand dollars over a kilogram
        dear, cheap = (1e3 * both[f"{name}_usd_mn"] / both[f"{name}_tonnes"] for both in (now, before))
        rows.append(_row("korea_price", name, *span, cheap, dear, "USD a kilogram"))
    return rows


def standing_table(known: Known, flow: str, currency: str) -> pd.DataFrame:
    """Return each month's value and standard error in the table's unit, its basis, kind and standing."""
    monthly, name = known.monthly(flow), currency.lower()
    value = "usd_mn" if currency == "USD" else "cny_100mn"
    table = monthly[[value, f"se_{value}", f"basis_{name}", f"kind_{name}", f"standing_{name}"]]
    table.columns = ["value", "se", "basis", "kind", "standing"]
    table = table[table["value"].notna()]
    return table.rename_axis("period").reset_index().assign(period=lambda t: t["period"].astype(str))
