"""Put the executed notebooks of a run into ``docs/notebooks``, for those who look without running.

Run by ``make notebooks`` with the set ``latest``. What only a front end needs is left out.
"""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

from PIL import Image

from chipexports.base.paths import reports_dir
from chipexports.run.runner import run_set

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "docs" / "notebooks"
RUN = "latest"
MOST = 3_000_000  # bytes together: history grows by as much at each renewal
COLOURS, WIDEST = 64, 900


def lighter(png: str) -> str:
    """Return a picture in at most 64 colours and 900 points wide, base64 as a notebook holds it."""
    image = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    if image.width > WIDEST:
        image = image.resize((WIDEST, round(image.height * WIDEST / image.width)), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "png", optimize=True)
    return base64.b64encode(out.getvalue()).decode()


def with_parameters_last(cells: list[dict]) -> list[dict]:
    """Return the cells with the values of the run once, folded, at the end: the answer comes first."""
    tagged = {tag: cell for cell in cells for tag in cell["metadata"].get("tags", []) if "parameters" in tag}
    values = tagged.get("injected-parameters", tagged.get("parameters"))
    if values is None:
        return cells
    values["metadata"]["jupyter"] = {"source_hidden": True}
    return [cell for cell in cells if cell not in list(tagged.values())] + [values]


def shipped(text: str) -> str:
    """Return an executed notebook as it is shipped."""
    notebook = json.loads(text)
    notebook["metadata"] = {
        k: v for k, v in notebook["metadata"].items() if k in ("kernelspec", "language_info")
    }
    notebook["cells"] = with_parameters_last(notebook["cells"])
    for cell in notebook["cells"]:
        cell["metadata"] = {k: v for k, v in cell["metadata"].items() if k in ("tags", "jupyter")}
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
            if "image/png" in output.get("data", {}):
                output["data"]["image/png"] = lighter(output["data"]["image/png"])
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    """Bring the run up to date and write its notebooks."""
    print(run_set(RUN, [], quiet=True))
    texts = {p.name: shipped(p.read_text("utf-8")) for p in sorted(reports_dir(RUN).glob("0*.ipynb"))}
    size = sum(len(text.encode()) for text in texts.values())
    if size > MOST:
        raise SystemExit(f"docs/notebooks: {size:,} bytes are more than {MOST:,}; make pictures smaller")
    SHIPPED.mkdir(parents=True, exist_ok=True)
    for path in SHIPPED.glob("*.ipynb"):
        path.unlink()
    for name, text in texts.items():
        (SHIPPED / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
