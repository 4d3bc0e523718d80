"""The commands `add` and `fetch`: take a saved page in, or fetch what was published since."""

from __future__ import annotations

import click


@click.command()
@click.argument("pages", nargs=-1, required=True, type=click.Path(), metavar="PAGE...")
@click.option("--dry-run", is_flag=True, help="Show the cells that would be taken; write nothing.")
def add(pages: tuple[str, ...], dry_run: bool) -> None:
    """Add saved pages or workbooks of GACC's tables of major exports or imports to the record.

    HTML, a single file (MHTML), or a workbook (.xls, .xlsx): what a file holds decides, not its name.
    All pages are read first: if one cannot be read, nothing is written. A page that was added before
    changes nothing; one that contradicts the record is kept as a later vintage.
    """
    from chipexports.collect.add import add_pages, cells, describe, what_next
    from chipexports.collect.evidence import record_witness
    from chipexports.collect.pages import read_page

    if dry_run:
        witness = record_witness()
        for path in pages:
            page = read_page(path, witness)
            click.echo(f"{page.file}: {describe(page)}; nothing written")
            for line in cells(page):
                click.echo(f"  {line}")
            for remark in page.remarks:
                click.echo(f"  note: {remark}", err=True)
        return
    added = add_pages(pages, click.echo)
    for remark in added.remarks:
        click.echo(f"  note: {remark}", err=True)
    click.echo(f"{added.new_rows} new figures in the record" if added.new_rows else "the record has them all")
    click.echo(what_next(added))


@click.command()
@click.argument("source", type=click.Choice(["comtrade", "fred", "korea", "taiwan", "all"]))
@click.option("--start", metavar="YYYY-MM", help="First month (comtrade: default a year back).")
@click.option("--end", metavar="YYYY-MM", help="Last month (default: the month before this one).")
def fetch(source: str, start: str | None, end: str | None) -> int:
    """Fetch a source from the net into data/raw/<publisher>/fetched, beside the bundled record.

    \b
    comtrade  China's HS 8542 and six-digit lines by partner, monthly (key: COMTRADE_API_KEY, else preview);
              its months go to the record and stand in for estimated ones from that day on
    fred      yuan to the dollar, monthly and daily, no key
    korea     Korea's exports of HS 8542 (key: KOREA_CUSTOMS_API_KEY)
    taiwan    Taiwan's exports of electronic components, no key

    Without a network nothing is lost: runs read the bundled record. Nothing is written unless every
    answer has passed its checks.
    """
    from chipexports.base.errors import ChipExportsError
    from chipexports.base.paths import project_root
    from chipexports.collect.fetch import SOURCES, fetch_source

    worst = 0
    for name in SOURCES if source == "all" else [source]:
        try:
            for path in fetch_source(
                name, start, end, say=lambda text: click.echo(f"  note: {text}", err=True)
            ):
                click.echo(f"{name}: {path.relative_to(project_root())}")
        except ChipExportsError as error:
            if source != "all":
                raise
            click.echo(f"error: {error}", err=True)
            worst = max(worst, 1)
    return worst
