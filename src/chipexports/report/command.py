"""The commands ``report`` and ``compare``."""

from __future__ import annotations

from pathlib import Path

import click

FORMATS = ("html", "pdf", "docx", "xlsx")


@click.command()
@click.argument("run", default="latest")
@click.option("--format", "formats", multiple=True, type=click.Choice(FORMATS), help="Only this format.")
@click.option("--language", type=click.Choice(("en", "zh")), help="Another language than the run's own.")
def report(run: str, formats: tuple[str, ...], language: str | None) -> None:
    """Write the report of RUN: HTML, PDF, Word, its tables as a workbook, figures.zip."""
    from chipexports.params.sets import readable_path
    from chipexports.report.build import ReportIncomplete, write_report

    problem = None
    try:
        written = write_report(run, formats or FORMATS, language)
    except ReportIncomplete as error:
        written, problem = error.written, error
    for path in written:
        click.echo(f"{readable_path(path)}  {path.stat().st_size / 1000:,.0f} kB")
    if problem is not None:
        raise problem


@click.command()
@click.argument("run_a")
@click.argument("run_b")
@click.option("--language", type=click.Choice(("en", "zh")), default="en", help="Language of the text.")
@click.option("--html", "html_path", type=click.Path(dir_okay=False), help="Write a page to this file too.")
@click.option("--csv", "csv_path", type=click.Path(dir_okay=False), help="Write the table to this file too.")
def compare(run_a: str, run_b: str, language: str, html_path: str | None, csv_path: str | None) -> None:
    """Say what changed from RUN_A to RUN_B: data, parameters, forecast."""
    from chipexports.base.files import write_table
    from chipexports.report.compare import compare_runs

    comparison = compare_runs(run_a, run_b, language=language)
    click.echo(comparison.words())
    if html_path:
        from chipexports.base.files import write_bytes_atomic
        from chipexports.report.compare import compare_page

        write_bytes_atomic(Path(html_path), compare_page(run_a, run_b, language=language))
    if csv_path:
        write_table(comparison.table, csv_path)
