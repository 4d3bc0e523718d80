"""Make the figures that README and docs show, in the language of the page, into ``docs/figures``.

A run writes its figures to ``figures/<run>``, which git ignores; what comes with the repository changes
only here. What a page links as ``docs/figures/<run>/<name>.png`` (``…/<run>/zh/…`` for Chinese) is made by
running the set, or the sweep, of that name; data and caption go with it, and what no page links is removed.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from chipexports.base.paths import figures_dir
from chipexports.run.runner import run_set
from chipexports.run.sweep import draw_sweep, run_sweep
from chipexports.run.sweep_file import load_sweep

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "docs" / "figures"
LINK = re.compile(
    r"\((?:docs/)?figures/(?P<run>[\w-]+)/(?:(?P<language>zh)/)?(?P<name>[\w-]+)\.(?P<format>png|svg)\)"
)
BESIDE = (".csv", ".caption.md")
MOST = 8_000_000  # bytes: history grows by as much at each renewal


def linked() -> set[tuple[str, str, str, str]]:
    """Return run, language, figure and format of every shipped figure that a page shows."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    found = (LINK.finditer(page.read_text(encoding="utf-8")) for page in pages)
    return {(m["run"], m["language"] or "en", m["name"], m["format"]) for links in found for m in links}


def place(run: str, language: str) -> Path:
    """Return the folder of a run's shipped figures."""
    return SHIPPED / run if language == "en" else SHIPPED / run / language


def make(run: str, language: str) -> Path:
    """Bring the figures of a run or sweep up to date; return their folder."""
    if (ROOT / "params" / "sweeps" / f"{run}.yaml").is_file():
        run_sweep(run, quiet=True)
        draw_sweep(load_sweep(run), language=language, folder="" if language == "en" else language)
        return figures_dir(run) if language == "en" else figures_dir(run) / language
    name = run if language == "en" else f"{run}-{language}"
    print(run_set(run, [f"run={name}", f"language={language}"], quiet=True))
    return figures_dir(name)


def main() -> None:
    """Make every linked figure, put it in place with its data and caption, remove the others."""
    wanted = linked()
    kept = set()
    for run, language in sorted({(run, language) for run, language, _, _ in wanted}):
        made, shipped = make(run, language), place(run, language)
        shipped.mkdir(parents=True, exist_ok=True)
        for name, ending in sorted((n, e) for r, lang, n, e in wanted if (r, lang) == (run, language)):
            for suffix in (f".{ending}", *BESIDE):
                kept.add(shipped / f"{name}{suffix}")
                shutil.copyfile(made / f"{name}{suffix}", shipped / f"{name}{suffix}")
    for path in SHIPPED.rglob("*"):
        if path.is_file() and path not in kept:
            path.unlink()
    size = sum(path.stat().st_size for path in kept)
    print(f"{len(kept)} files, {size / 1e6:.1f} MB → docs/figures")
    if size > MOST:
        raise SystemExit(f"docs/figures: {size:,} bytes are more than {MOST:,}; link fewer figures, or SVG")


if __name__ == "__main__":
    main()
