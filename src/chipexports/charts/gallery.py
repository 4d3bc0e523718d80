"""One page with all figures of a run, in the order a reader meets them; it opens from the file system."""

from __future__ import annotations

import base64
import html
from pathlib import Path

from chipexports.base.files import write_text_atomic
from chipexports.base.paths import figures_dir
from chipexports.charts import style
from chipexports.charts.files import FORMATS, read_caption
from chipexports.words import text as words

# a reader meets the answer first, then what it rests on
_ORDER = (
    *("fan", "distribution", "methods", "moved", "needed", "month_by_month", "evolution"),
    *("why_doubled", "memory_prices", "exports_level", "exports_log", "ytd_paths", "growth"),
    *("backtest_errors", "backtest_coverage", "backtest_pit"),
)

_CSS = """
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff;
       font-family: "Noto Sans SC", "Source Sans 3", "PingFang SC", "Microsoft YaHei", sans-serif;
       line-height: 1.5; }
h1 { font-size: 1.5rem; } figure { margin: 2.5rem 0; padding-top: 1.5rem; border-top: 1px solid #d9d9d9; }
img { max-width: 100%; height: auto; display: block; } figcaption { color: #595959; font-size: .9rem; }
a { color: #0b3954; } li { margin: .3rem 0; }
"""


def write_gallery(run: str, *, language: str = "en", folder: str = "") -> Path:
    """Write ``index.html`` over the figures in ``figures/<run>/<folder>`` and return its path.

    ``language`` is that of the page's own words; captions stay in the language they were written in.
    """
    target = figures_dir(run) / folder
    order = names(target)
    left_out = {path.name.removesuffix(".left-out.md"): path for path in target.glob("*.left-out.md")}
    title = html.escape(words.text("gallery.title", language, run=run))
    body = [
        f"<h1>{title}</h1>",
        f"<p>{html.escape(words.text('gallery.intro', language, count=len(order)))}</p>",
    ]
    body += [_figure(target, name, language) for name in order]
    if left_out:
        body.append(f"<h2>{html.escape(words.text('gallery.left_out', language))}</h2>\n<ul>")
        for name in sorted(left_out):
            reason = html.escape(left_out[name].read_text(encoding="utf-8").strip())
            body.append(f"<li>{html.escape(_title(name, language))}: {reason}</li>")
        body.append("</ul>")
    page = (
        f'<!DOCTYPE html>\n<html lang="{"zh-Hans" if language == "zh" else "en"}">\n<head>\n'
        '<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_font(language)}{_CSS}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )
    return write_text_atomic(target / "index.html", page)


def names(folder: Path) -> list[str]:
    """Return the figures that lie in a folder, the answer first; those without a place come last."""
    captioned = sorted(path.name.removesuffix(".caption.md") for path in folder.glob("*.caption.md"))
    return sorted(captioned, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))


def _title(name: str, language: str) -> str:
    return words.text(f"figure.{name}.name", language) if words.has(f"figure.{name}.name") else name


def _figure(target: Path, name: str, language: str) -> str:
    caption, alt = read_caption(target / f"{name}.caption.md")
    written = [item for item in (*FORMATS, "csv") if (target / f"{name}.{item}").exists()]
    links = " · ".join(f'<a href="{name}.{item}">{item.upper()}</a>' for item in written)
    picture = next((item for item in ("png", "svg") if item in written), "")
    image = (
        f'<img src="{name}.{picture}" alt="{html.escape(alt, quote=True)}" loading="lazy">' if picture else ""
    )
    lines = "".join(f"<p>{_inline(part)}</p>" for part in caption.split("\n\n")[1:])
    return f'<figure id="{name}">\n{image}\n<figcaption>{lines}<p>{links}</p></figcaption>\n</figure>'


def _inline(part: str) -> str:
    return html.escape(part.replace("\n", " ")).replace("**", "")


def _font(language: str) -> str:
    if language != "zh":
        return ""
    data = base64.b64encode((style.FONT_DIR / "NotoSansSC-Regular-subset.woff").read_bytes()).decode()
    return f'@font-face {{ font-family: "Noto Sans SC"; src: url(data:font/woff;base64,{data}); }}'
