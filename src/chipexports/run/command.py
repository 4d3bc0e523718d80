"""The commands around one run: ``run``, ``params``, ``status``, ``verify``."""

from __future__ import annotations

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

    found = checks.verify_by_executing(name) if execute else checks.verify(name)
    for line in found:
        click.echo(line)
    if not found:
        click.echo(f"{name}: everything agrees with reports/{name}/manifest.json")
    return 1 if found else 0
