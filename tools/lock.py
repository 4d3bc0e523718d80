"""Make requirements.lock (pip, uv) and environment.yml (conda-forge) from requirements.in."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DECLARED = ROOT / "requirements.in"
LOCK = ROOT / "requirements.lock"
ENVIRONMENT = ROOT / "environment.yml"

# conda-forge names that differ from PyPI's
CONDA_NAME = {
    "matplotlib": "matplotlib-base",
    "jupyter-client": "jupyter_client",
    "jupyter-core": "jupyter_core",
}
# packages conda-forge does not carry under this name with these contents
PIP_ONLY = {"pypandoc-binary", "typst", "cyclonedx-bom", "uv"}

HEAD = """\
# Made by `make lock` from requirements.in; `pip install --no-deps -e .` adds the package itself.
name: chipexports
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python>=3.11,<3.14"""


def declared_names(text: str) -> list[str]:
    """Return the normalised package names of a requirements file, in its order."""
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return [re.split(r"[<>=!~;\[ ]", line)[0].lower().replace("_", "-") for line in lines if line]


def locked_versions(text: str) -> dict[str, str]:
    """Return package name to version as the lock pins it."""
    return {m[1]: m[2] for m in re.finditer(r"^([a-z0-9][a-z0-9.-]*)==([^\s;\\]+)", text, flags=re.M)}


def environment_yml(declared: list[str], locked: dict[str, str]) -> str:
    """Return environment.yml: the declared packages at the versions of the lock."""
    conda = [f"  - {CONDA_NAME.get(n, n)}={locked[n]}" for n in declared if n not in PIP_ONLY]
    pip = [f"      - {n}=={locked[n]}" for n in declared if n in PIP_ONLY]
    return "\n".join([HEAD, *conda, "  - pip", "  - pip:", *pip, ""])


def main() -> int:
    """Compile the lock with uv, then write environment.yml from it."""
    command = [
        *(str(Path(sys.executable).with_name("uv")), "pip", "compile", str(DECLARED), "-q", "-o", str(LOCK)),
        *("--universal", "--python-version", "3.11", "--fork-strategy", "fewest", "--no-annotate"),
        *("--override", str(ROOT / "tools" / "overrides.txt"), "--generate-hashes"),
        *("--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock"),
    ]
    done = subprocess.run([*command, *sys.argv[1:]], cwd=ROOT, check=False)
    if done.returncode:
        return done.returncode
    text = environment_yml(declared_names(DECLARED.read_text()), locked_versions(LOCK.read_text()))
    ENVIRONMENT.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
