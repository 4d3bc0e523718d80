"""The article's claims: verdicts at a glance."""

from __future__ import annotations

import pandas as pd

from chipexports.charts import sources
from chipexports.charts.canvas import Canvas
from chipexports.charts.drawn import Drawn, FigureNotDrawn
from chipexports.words import text as words

LOOK = {
    "holds": ("good", "o"),
    "holds_with_remark": ("remark", "D"),
    "does_not_hold": ("bad", "X"),
    "cannot_be_checked": ("open", "s"),
}


def claims(claims: pd.DataFrame, *, language: str = "en", size: str = "page", as_of: str = "") -> Drawn:
    """Draw one line a claim: its number, what it says, what the record says, the verdict.

    Parameters
    ----------
    claims : DataFrame
        As made by ``article.claims.check_claims``.
    language, size, as_of : str
        ``en`` or ``zh``; ``column``, ``page`` or ``slide``; "YYYY-MM-DD" for the source line.

    Returns
    -------
    Drawn
        In its ``data`` a series a verdict; ``label`` is the claim's number.

    Raises
    ------
    FigureNotDrawn
        If no claim was checked.
    """
    if claims.empty:
        raise FigureNotDrawn(words.text("figure.left_out.no_claims", language))
    rows = claims.sort_values("claim_id", kind="stable")
    canvas = Canvas("claims", language, size, tall={"column": 3.2, "page": 1.75, "slide": 1.0}[size])
    ax, font = canvas.axes[0], canvas.size.font
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_axis_off()
    ax.set_xlim(0, 1)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_autoscale_on(False)
    for verdict, (role, marker) in LOOK.items():
        places = [place for place, value in enumerate(rows["verdict"]) if value == verdict]
        if places:
            canvas.dots(
                0,
                verdict,
                role,
                [0.012] * len(places),
                places,
                marker=marker,
                markersize=0.62 * font,
                label=rows["claim_id"].iloc[places].astype(str),
                clip_on=False,
            )
    _write(canvas, rows)
    counts = rows["verdict"].value_counts()
    said = {verdict: int(counts.get(verdict, 0)) for verdict in LOOK}
    return canvas.finish(
        title=canvas.text("title", n=len(rows), **said),
        subtitle=canvas.text("subtitle"),
        source=sources.source_line(language, ["gacc", "comtrade"], as_of=as_of, note=canvas.text("note")),
        caption=canvas.text("caption"),
    )


def _write(canvas: Canvas, rows: pd.DataFrame) -> None:
    """Write the claims' words beside their marks, broken to the room there is."""
    language, narrow = canvas.language, canvas.size_name == "column"
    inner = canvas.layout.width - 2 * canvas.layout.margin
    claim_wide, verdict_at = (0.62, 0.72) if narrow else (0.36, 0.86)
    record_at, record_wide = 0.44, 0.40
    layout = canvas.layout
    for place, row in enumerate(rows.itertuples()):
        short, record = (str(getattr(row, f"{part}_{language}")) for part in ("short", "record_says"))
        label = layout.wrapped(f"{row.claim_id}  {short}", claim_wide * inner, 0.92)
        said = layout.wrapped(record, (claim_wide if narrow else record_wide) * inner, 0.8)
        _put(canvas, 0.035, place - (0.2 if narrow else 0), label, "zero", 0.92)
        _put(canvas, 0.035 if narrow else record_at, place + (0.22 if narrow else 0), said, "open", 0.8)
        role = LOOK.get(str(row.verdict), ("open", "s"))[0]
        verdict = layout.wrapped(
            words.text(f"verdict.{row.verdict}", language), (1 - verdict_at) * inner, 0.92
        )
        _put(canvas, verdict_at, place, verdict, role, 0.92)


def _put(canvas: Canvas, x: float, place: float, content: str, role: str, factor: float) -> None:
    canvas.say(0, x, place, content, role, fontsize=factor * canvas.size.font, linespacing=1.15)
