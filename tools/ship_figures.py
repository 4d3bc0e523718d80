"""Make the figures that come with the repository: runs `latest` and `article`, English and Chinese."""

from __future__ import annotations

from chipexports.params import load_params
from chipexports.run.runner import run_set
from chipexports.stages.show import draw_again

SHIPPED = ("latest", "article")
OTHER_LANGUAGE = "zh"


def main() -> None:
    """Run both sets (what is up to date is not run again), then draw their figures in Chinese."""
    for name in SHIPPED:
        run_set(f"params/{name}.yaml")
        params = load_params(name)
        draw_again(params.model_copy(update={"language": OTHER_LANGUAGE}), folder=OTHER_LANGUAGE)


if __name__ == "__main__":
    main()
