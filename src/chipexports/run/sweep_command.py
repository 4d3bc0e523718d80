"""The command ``sweep``."""

from __future__ import annotations

import click


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
