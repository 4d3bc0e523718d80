"""A figure of a run as it lies on disk: it renders in a notebook, with its words and its data."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from chipexports.base.errors import UsageError
from chipexports.base.paths import figures_dir

SHOWN = ("png", "svg")
_MIME = {"png": "image/png", "svg": "image/svg+xml"}


def split_caption(text: str) -> tuple[str, str]:
    """Return the caption (Markdown) and the alternative text of a ``.caption.md`` file's text."""
    head, _, caption = text.removeprefix("---\n").partition("\n---\n")
    alt = next((line.removeprefix("alt: ") for line in head.splitlines() if line.startswith("alt: ")), "")
    return caption.strip(), alt


@dataclass(frozen=True)
class SavedFigure:
    """A figure of a run.

    Attributes
    ----------
    name : str
        File name without ending.
    folder : pathlib.Path
        ``figures/<run>`` or a folder below it.
    """

    name: str
    folder: Path

    @property
    def files(self) -> dict[str, Path]:
        """Return the figure's files by ending: png, svg, pdf, csv."""
        endings = ("png", "svg", "pdf", "csv")
        return {e: path for e in endings if (path := self.folder / f"{self.name}.{e}").is_file()}

    @cached_property
    def words(self) -> tuple[str, str]:
        """Return caption and alternative text."""
        path = self.folder / f"{self.name}.caption.md"
        return split_caption(path.read_text(encoding="utf-8")) if path.is_file() else ("", self.name)

    @property
    def caption(self) -> str:
        """Return the caption, Markdown."""
        return self.words[0]

    @property
    def alt(self) -> str:
        """Return the text that stands for the figure where it cannot be seen."""
        return self.words[1]

    @property
    def data(self) -> pd.DataFrame:
        """Return the plotted points."""
        return pd.read_csv(self.folder / f"{self.name}.csv")

    def __repr__(self) -> str:
        """Return name, kinds of file and what the figure shows."""
        return f"<figure {self.name} ({', '.join(self.files)}): {self.alt}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[dict, dict]:
        for ending in SHOWN:
            if ending in self.files:
                content = self.files[ending].read_bytes()
                value = content if ending == "png" else content.decode()
                meta = {_MIME[ending]: {"alt": self.alt, "width": 760}}
                return {_MIME[ending]: value, "text/plain": repr(self)}, meta
        return {"text/plain": repr(self)}, {}


def saved_figures(run: str) -> list[str]:
    """Return the names of the figures that lie in ``figures/<run>``."""
    folder = figures_dir(run)
    endings = {f".{ending}" for ending in SHOWN} | {".pdf"}
    return sorted({path.stem for path in folder.glob("*.*") if path.suffix in endings})


def saved_figure(run: str, name: str) -> SavedFigure:
    """Return figure ``name`` of ``run``; where there is none, say which there are or why it was left out."""
    folder, names = figures_dir(run), saved_figures(run)
    if name in names:
        return SavedFigure(name, folder)
    note = folder / f"{name}.left-out.md"
    if note.is_file():
        reason = " ".join(note.read_text(encoding="utf-8").split())
        raise UsageError(f"figure {name!r}: was left out of run {run!r}: {reason}")
    if not names:
        raise UsageError(f"figures/{run}: holds no figures; make them with `python -m chipexports run {run}`")
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
    raise UsageError(f"figure {name!r}: run {run!r} has none of this name; {hint}")
