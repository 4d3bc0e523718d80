"""What is fetched, served and installed: limits, addresses, tokens, hashes, the bill of materials."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from test_collect_fetch import serve
from trust.projects import python_files
from werkzeug import Response

from chipexports.collect.errors import FetchError
from chipexports.collect.fetch import fetch_source
from chipexports.collect.http import Limits

ROOT = Path(__file__).resolve().parents[1]


def test_downloads_are_limited_also_when_they_unpack(tmp_path, monkeypatch, httpserver) -> None:
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    monkeypatch.setenv("CHIPEXPORTS_FETCH_BASE_TAIWAN", httpserver.url_for("").rstrip("/"))
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = packer.compress(b"0" * 60_000_000) + packer.flush()
    assert len(bomb) < 70_000
    heads = {"Content-Encoding": "gzip"}
    serve(httpserver, "taiwan", lambda *_: Response(bomb, content_type="text/csv", headers=heads))
    small = Limits(connect=2, read=10, deadline=30, attempts=1, pause=0)
    with pytest.raises(FetchError, match=r"larger than 30,000,000 bytes"):
        fetch_source("taiwan", "2024-01", "2024-03", limits=small, sleep=lambda _: None)
    assert not (tmp_path / "data").exists()


def test_addresses_are_encrypted_and_servers_checked() -> None:
    bases = [
        ast.literal_eval(node.value)
        for _, tree in python_files("src/chipexports/collect")
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "BASE"
    ]
    assert len(bases) == 4
    assert all(base.startswith("https://") for base in bases)


def test_servers_listen_on_this_machine_only_with_a_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `make lab` and `make app` start: the address is this machine's, the token is not switched off."""
    from chipexports.lab import lab

    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "-m chipexports.lab.lab" in makefile
    (app,) = [line for line in makefile.replace("\\\n", " ").splitlines() if line.startswith("VOILA :=")]
    assert "-m voila notebooks/explore_forecast.ipynb $(VOILA)" in makefile
    started: list[list[str]] = []
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    monkeypatch.setenv("CHIPEXPORTS_ROOT", str(tmp_path))
    monkeypatch.setattr(lab.os, "environ", dict(os.environ))
    monkeypatch.setattr(lab.sys, "argv", ["lab"])
    monkeypatch.setattr(lab.subprocess, "run", lambda *_, **__: None)
    monkeypatch.setattr(lab.os, "execv", lambda _, args: started.append(args))
    lab.main()
    assert "--ServerApp.ip=127.0.0.1" in started[0]
    assert "--Voila.ip=127.0.0.1" in app
    assert re.search(r"--token(\s|$)", app)
    open_doors = r"token=|password|disable_check_xsrf|allow_origin|allow_remote|0\.0\.0\.0"
    for line in (" ".join(started[0]), app):
        assert not re.search(open_doors, line)


def test_every_dependency_is_pinned_by_hash() -> None:
    blocks = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text(encoding="utf-8"))
    pins = [b for b in blocks if re.match(r"[A-Za-z0-9]", b)]
    assert len(pins) > 100
    for pin in pins:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+", pin), pin[:60]
        assert "--hash=sha256:" in pin, pin[:60]
    setup = (ROOT / "tools" / "setup.sh").read_text(encoding="utf-8")
    assert setup.count("--require-hashes") == 2
    assert "-r requirements.lock" in setup


def test_the_bill_of_materials_names_every_package(tmp_path: Path) -> None:
    """The command of `make sbom`, written elsewhere."""
    (line,) = [x for x in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines() if "cyclonedx_py" in x]
    args = line.split("-m ")[1].replace("artifacts/sbom.json", str(tmp_path / "sbom.json")).split()
    subprocess.run([sys.executable, "-m", *args], cwd=ROOT, check=True, capture_output=True, timeout=60)
    bill = json.loads((tmp_path / "sbom.json").read_text(encoding="utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    locked = re.findall(
        r"^([A-Za-z0-9._-]+)(?:\[.*\])?==(\S+)", (ROOT / "requirements.lock").read_text(), flags=re.M
    )
    named = {(c["name"].lower(), c["version"]) for c in bill["components"]}
    assert {(name.lower(), version) for name, version in locked} <= named
