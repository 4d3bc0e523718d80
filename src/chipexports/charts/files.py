"""A figure's files: PNG, SVG, PDF with data and caption; the same bytes every time, never half."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.figure import Figure

from chipexports.base.errors import UsageError
from chipexports.base.files import write_bytes_atomic
from chipexports.base.paths import figures_dir

if TYPE_CHECKING:
    from chipexports.charts.figure import Chart

FORMATS = ("png", "svg", "pdf")
_METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
# a reader without the project's font gets the next best one
SVG_FONTS = "'Noto Sans SC', 'Source Sans 3', 'PingFang SC', 'Microsoft YaHei', sans-serif"
_FAMILIES = re.compile(rb"'Noto Sans SC'(?:, '[^']*')*")


def check_name(name: str) -> str:
    """Return the name of a figure or a folder, or refuse it."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"figure {name!r}: use small letters, digits, '-' and '_' for its name and folder")
    return name


def check_formats(formats: Iterable[str]) -> None:
    """Refuse a format that is not known."""
    for item in formats:
        if item not in FORMATS:
            raise UsageError(f"figure_formats: {item!r} is not known; use any of {', '.join(FORMATS)}")


def render(fig: Figure, kind: str, dpi: int) -> bytes:
    """Return a figure as ``png``, ``svg`` or ``pdf``; the project's style must be applied."""
    buffer = io.BytesIO()
    more: dict[str, Any] = {"pil_kwargs": {"compress_level": 4}} if kind == "png" else {}
    fig.savefig(buffer, format=kind, dpi=dpi if kind == "png" else 72, metadata=_METADATA[kind], **more)
    content = buffer.getvalue()
    return _FAMILIES.sub(SVG_FONTS.encode(), content) if kind == "svg" else content


def write(chart: Chart, run: str, pictures: Mapping[str, bytes], folder: str = "") -> list[Path]:
    """Write a chart's pictures, data and caption to ``figures/<run>/<folder>``."""
    target = figures_dir(run) / (check_name(folder) if folder else "")
    contents = {f"{chart.name}.{kind}": content for kind, content in pictures.items()}
    if chart.data is not None:
        contents[f"{chart.name}.csv"] = tidy(chart.data).encode()
    head = f"---\nlang: {chart.language}\nalt: {chart.alt}\n---\n\n"
    contents[f"{chart.name}.caption.md"] = f"{head}{chart.full_caption.strip()}\n".encode()
    for file_name, content in contents.items():
        write_bytes_atomic(target / file_name, content)
    _remove(target, chart.name, keep=contents)
    return [target / file_name for file_name in contents]


def write_left_out(name: str, run: str, reason: str, folder: str = "") -> Path:
    """Note for the gallery why a figure was not drawn, and remove what an earlier run left of it."""
    target = figures_dir(run) / (check_name(folder) if folder else "")
    path = target / f"{name}.left-out.md"
    write_bytes_atomic(path, f"{reason}\n".encode())
    _remove(target, name, keep=(path.name,))
    return path


def _remove(target: Path, name: str, keep: Iterable[str]) -> None:
    """Remove what an earlier chart of this name left."""
    for ending in (*FORMATS, "csv", "caption.md", "left-out.md"):
        if f"{name}.{ending}" not in keep:
            (target / f"{name}.{ending}").unlink(missing_ok=True)


def tidy(data: pd.DataFrame | pd.Series) -> str:
    """Return plotted values as CSV text: index and columns by name, months as YYYY-MM."""
    frame = data.to_frame(data.name or "value") if isinstance(data, pd.Series) else data
    if not (isinstance(frame.index, pd.RangeIndex) and frame.index.name is None):
        names = [
            name or ("month" if isinstance(frame.index, pd.PeriodIndex) else f"index{place or ''}")
            for place, name in enumerate(frame.index.names)
        ]
        frame = frame.rename_axis(index=names)  # type: ignore[arg-type]
        frame.columns = [_column(column) for column in frame.columns]
        frame = frame.reset_index()
    else:
        frame = frame.set_axis([_column(column) for column in frame.columns], axis=1)
    return frame.to_csv(index=False, lineterminator="\n", float_format="%.10g")


def _column(column: object) -> str:
    return "_".join(str(part) for part in column) if isinstance(column, tuple) else str(column)


def read_caption(path: Path) -> tuple[str, str]:
    """Return the caption (Markdown) and the alt text of a ``.caption.md`` file."""
    head, _, caption = path.read_text(encoding="utf-8").removeprefix("---\n").partition("\n---\n")
    alt = next((line.removeprefix("alt: ") for line in head.splitlines() if line.startswith("alt: ")), "")
    return caption.strip(), alt
