"""The commands around runs: run, init, params, status, verify, sweep, archive, release."""

from __future__ import annotations

from pathlib import Path

import click

from chipexports.run.steps import TIMEOUT

SET = click.argument("parameters", metavar="[SET]", required=False, default="params/latest.yaml")
OVERRIDE = click.option("-p", "overrides", metavar="NAME=VALUE", multiple=True, help="Set one parameter.")


@click.command()
@SET
@OVERRIDE
@click.option("--force", is_flag=True, help="Execute every notebook, fresh or not.")
@click.option("--from", "first", metavar="NN", help="Execute this notebook and the later ones, e.g. 04.")
@click.option("--cold", is_flag=True, help="Ordinary kernels instead of warm, forked ones.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=TIMEOUT,
    show_default=True,
    metavar="SECONDS",
    help="Stop a notebook that takes longer; 0: never.",
)
def run(parameters, overrides, force, first, cold, timeout) -> None:
    """Execute the notebooks in order on the parameter set SET and print the answer.

    SET is a file (params/article.yaml) or its name (article); without it, latest.
    """
    from chipexports.run.runner import run_set

    run_set(parameters, overrides, force=force, from_notebook=first, warm=not cold, timeout=timeout)


@click.command()
@click.argument("name")
@click.option("--series", "file", required=True, metavar="FILE", help="CSV or Excel file.")
@click.option("--value-column", default="", metavar="COLUMN", help="Column of the values.")
@click.option("--period-column", default="", metavar="COLUMN", help="Column of the months.")
@click.option("--unit", default="", metavar="TEXT", help="Of the values, e.g. 'million EUR'.")
@click.option("--name-en", default="", metavar="TEXT", help="Name of the series in English.")
@click.option("--name-zh", default="", metavar="TEXT", help="Name of the series in Chinese.")
@click.option("--lag", default="", metavar="DAYS", help="After a month's end until it is known.  [15]")
@click.option("--holidays", default="", metavar="CODE", help="CN, KR, US … or none.  [none]")
def init(name, file, value_column, period_column, unit, name_en, name_zh, lag, holidays) -> None:
    """Look at FILE and write params/NAME.yaml, which runs as it stands.

    What is not given is told from the file; an existing set is never overwritten.
    """
    from chipexports.params.init_set import init_set
    from chipexports.params.sets import readable_path

    given = {"value_column": value_column, "period_column": period_column, "unit": unit, "lag_days": lag}
    names = {language: text for language, text in (("en", name_en), ("zh", name_zh)) if text}
    made = init_set(name, file, {**given, "name": names or None, "holidays": holidays})
    click.echo(f"{readable_path(made.path)} is written")
    for line in made.lines:
        click.echo(f"  {line}")
    click.echo(f"python -m chipexports run {name}")


@click.command()
@click.option("--markdown", is_flag=True, help="As the table of the README.")
def params(markdown: bool) -> None:
    """List every parameter with type, default, unit (or choices) and meaning."""
    from chipexports.params.show import parameter_table

    click.echo(parameter_table(markdown=markdown))


RUN = click.argument("name", metavar="RUN")


@click.command()
@RUN
def status(name: str) -> None:
    """Say of every notebook of RUN whether it is fresh, stale, failed or missing, and why."""
    from chipexports.run.verify import status_lines

    for line in status_lines(name):
        click.echo(line)


@click.command()
@RUN
@click.option(
    "--execute", is_flag=True, help="Execute the run again in a temporary place, compare the bytes."
)
def verify(name: str, execute: bool) -> int:
    """Recompute the hashes of RUN and compare them with its manifest; exit code 1 where they differ."""
    from chipexports.run import verify as checks

    differences = checks.verify_by_executing(name) if execute else checks.verify(name)
    for line in differences:
        click.echo(line)
    if not differences:
        click.echo(f"{name}: everything agrees with reports/{name}/manifest.json")
    return 1 if differences else 0


@click.command()
@click.argument("run", default="latest")
@click.option("--verify", type=click.Path(dir_okay=False, path_type=Path), help="Check this archive instead.")
def release(run: str, verify: Path | None) -> None:
    """Pack record, tables, figures, executed notebooks, reports and manifest of RUN, with checksums."""
    from chipexports.params.sets import readable_path
    from chipexports.run.release import verify_release, write_release

    if verify is not None:
        name, n = verify_release(verify)
        click.echo(f"{verify.name}: run {name}, {n} files, all as recorded")
        return
    path = write_release(run)
    click.echo(f"{readable_path(path)}  {path.stat().st_size / 1000:,.0f} kB")


@click.command()
@click.argument("file", metavar="SWEEP")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes; default: the cores.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler; default: DASK_SCHEDULER_ADDRESS.")
@click.option("--notebooks", is_flag=True, help="Execute the notebooks of every set, not the library alone.")
@click.option("--force", is_flag=True, help="Compute every set again.")
@click.option("--cold", is_flag=True, help="Ordinary processes and kernels instead of warm, forked ones.")
def sweep(file, workers, scheduler, notebooks, force, cold) -> None:
    """Forecast every parameter set that SWEEP describes, e.g. params/sweeps/every-month.yaml.

    What is there already is not computed again; failures are collected and the rest is finished. A
    sweep over days (as_of) is drawn, too: how the forecast of each year moved, in figures/<sweep>/.
    """
    from chipexports.run.cluster import scheduler_address
    from chipexports.run.sweep import run_sweep

    run_sweep(
        file,
        workers=workers,
        scheduler=scheduler_address(scheduler),
        notebooks=notebooks,
        force=force,
        warm=not cold,
    )


@click.command()
@RUN
def archive(name: str) -> None:
    """Add the forecast of RUN to data/forecasts/forecasts.csv, or score what is over.

    A row that is there is never rewritten. With `score` in place of a run's name every forecast
    kept there whose year is over is scored, into data/forecasts/scores.csv.
    """
    from chipexports.run.archive import keep, score

    click.echo(score() if name == "score" else keep(name))
