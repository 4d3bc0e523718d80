"""Make the figures that come with the repository, English and Chinese.

Those of the runs `latest` and `article`, and that of the sweep `every-month`.
"""

from __future__ import annotations

from chipexports.params import load_params
from chipexports.run.runner import run_set
from chipexports.run.sweep import run_sweep
from chipexports.run.sweep_figure import draw_sweep
from chipexports.run.sweep_file import load_sweep
from chipexports.stages.show import draw_again

SHIPPED = ("latest", "article")
SWEEP = "every-month"
OTHER_LANGUAGE = "zh"


def main() -> None:
    """Run both sets and the sweep (what is up to date is not run again), then draw all in Chinese."""
    for name in SHIPPED:
        run_set(f"params/{name}.yaml")
        params = load_params(name)
        draw_again(params.model_copy(update={"language": OTHER_LANGUAGE}), folder=OTHER_LANGUAGE)
    ship_sweep()


def ship_sweep() -> None:
    """Compute the sweep and draw its figure in both languages, though it may be there."""
    run_sweep(SWEEP)
    sweep = load_sweep(SWEEP)
    print(draw_sweep(sweep))
    print(draw_sweep(sweep, language=OTHER_LANGUAGE, folder=OTHER_LANGUAGE))


if __name__ == "__main__":
    main()
