"""The commands `add` and `fetch`: take a saved page in, or fetch what was published since."""

from __future__ import annotations

import click


@click.command()
@click.argument("pages", nargs=-1, required=True, type=click.Path(), metavar="PAGE.html...")
@click.option("--dry-run", is_flag=True, help="Read the pages and say what they hold; write nothing.")
def add(pages: tuple[str, ...], dry_run: bool) -> None:
    """Add saved pages of GACC's tables of major exports or imports to the record.

    All pages are read first: if one cannot be read, nothing is written. A page that was added before
    changes nothing; one that contradicts the record is kept as a later vintage.
    """
    from chipexports.collect.add import add_pages, describe
    from chipexports.collect.pages import read_page

    if dry_run:
        for path in pages:
            page = read_page(path)
            click.echo(f"{page.file}: {describe(page)}; nothing written")
            for remark in page.remarks:
                click.echo(f"  note: {remark}", err=True)
        return
    added = add_pages(pages, click.echo)
    for remark in added.remarks:
        click.echo(f"  note: {remark}", err=True)
    click.echo(f"{added.new_rows} new figures in the record" if added.new_rows else "the record has them all")
