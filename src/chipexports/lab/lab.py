"""JupyterLab for this project: on loopback, README beside notebook 06, Chinese without installed fonts.

``python -m chipexports.lab.lab`` is what ``make lab`` calls; further options go to JupyterLab.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from jupyter_core.paths import jupyter_config_dir

from chipexports.base.files import write_text_atomic
from chipexports.base.paths import project_root

FONT = Path(__file__).resolve().parents[1] / "charts" / "fonts" / "NotoSansSC-Regular-subset.woff"
WORKSPACE = "chipexports"
# only the Chinese of a page comes from this face; all else keeps JupyterLab's own
CSS = f"""\
@font-face {{ font-family: "chipexports CJK"; src: url("{FONT.name}") format("woff");
  unicode-range: U+2014, U+2018-201D, U+2026, U+2E80-9FFF, U+F900-FAFF, U+FF00-FFEF; }}
body .jp-RenderedHTMLCommon, body .jp-RenderedHTMLCommon table, body .jp-TableOfContents, body .widget-html {{
  font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, "chipexports CJK", sans-serif; }}
"""


def prepare(config: Path) -> list[str]:
    """Write style and font into Jupyter's configuration folder; return the option that has them read."""
    write_text_atomic(config / "custom" / "custom.css", CSS)
    shutil.copyfile(FONT, config / "custom" / FONT.name)
    return ["--LabApp.custom_css=True"]


def main() -> None:
    """Prepare folders and workspace, then become JupyterLab; the user's own settings stay in force."""
    root = project_root()
    folder, own = root / ".cache" / "lab", Path(jupyter_config_dir())
    inherited = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ |= {
        "JUPYTER_CONFIG_PATH": os.pathsep.join([str(own), *([inherited] if inherited else [])]),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
    }
    os.environ.setdefault("JUPYTERLAB_SETTINGS_DIR", str(own / "lab" / "user-settings"))
    lab = [sys.executable, "-m", "jupyterlab"]
    options = prepare(folder / "config")
    if not list((folder / "workspaces").glob("*")):
        (folder / "workspaces").mkdir(parents=True, exist_ok=True)
        importing = [*lab, "workspaces", "import", str(root / "tools" / "lab-workspace.json")]
        subprocess.run(importing, check=True, stdout=subprocess.DEVNULL)
    options += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={root}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")  # a container's usual user; loopback and token stay
    options += [f"--LabApp.default_url=/lab/workspaces/{WORKSPACE}", *sys.argv[1:]]
    os.execv(sys.executable, [*lab, *options])  # noqa: S606 - JupyterLab takes this process over


if __name__ == "__main__":
    main()
