"""The commands around one run: ``run``, ``params``, ``status``, ``verify``."""

from __future__ import annotations

import click

SET = click.argument("parameters", metavar="SET", default="params/latest.yaml")
OVERRIDE = click.option("-p", "overrides", metavar="NAME=VALUE", multiple=True, help="Set one parameter.")


@click.command()
@SET
@OVERRIDE
@click.option("--force", is_flag=True, help="Execute every notebook, fresh or not.")
@click.option("--from", "first", metavar="NN", help="Execute this notebook and the later ones, e.g. 04.")
@click.option("--cold", is_flag=True, help="Ordinary kernels instead of warm, forked ones.")
@click.option("--timeout", type=float, metavar="SECONDS", help="Stop a notebook that takes longer.")
def run(parameters, overrides, force, first, cold, timeout) -> None:
    """Execute the notebooks in order on the parameter set SET and print the answer.

    SET is a file (params/article.yaml) or its name (article).
    """
    from chipexports.run.runner import run_set

    run_set(parameters, overrides, force=force, from_notebook=first, warm=not cold, timeout=timeout)


@click.command()
@click.option("--markdown", is_flag=True, help="As the table of the README.")
def params(markdown: bool) -> None:
    """List every parameter with type, default, unit (or choices) and meaning."""
    from chipexports.params.show import parameter_table

    click.echo(parameter_table(markdown=markdown))
