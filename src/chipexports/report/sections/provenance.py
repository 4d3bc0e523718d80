"""Where it comes from and how to make it again: sources, versions, parameters, commands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from chipexports.report.document import Block, Bullets, Code, Paragraph, Section
from chipexports.report.materials import Materials
from chipexports.report.numbers import Row

MOST = 12
PACKAGES = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "papermill", "typst", "pypandoc-binary")


def sources(m: Materials) -> Section:
    """Return the sources that gave most of the printed figures, and the publishers of the rest."""
    title, intro = m.say("sources.title"), Paragraph(m.say("sources.intro"))
    if not m.numbers.has("releases", "source", "published", "flow"):
        return Section("sources", title, (intro, m.note("missing_table", table=m.word("table", "releases"))))
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in m.numbers.rows("releases", flow=m.flow):
        groups[str(row["source"])].append(row)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    shown = []
    for _, rows in ranked[:MOST]:
        newest = max(rows, key=lambda row: str(row["published"]))
        shown.append(
            [
                plain_address(rows[0].text("source")),
                m.numbers.count("releases", rows),
                newest.day("published"),
            ]
        )
    rest = [row for _, rows in ranked[MOST:] for row in rows]
    blocks: list[Block] = [intro]
    blocks.append(
        m.table("sources", ["source", "figures", "newest"], shown, "tnt", widths=(6, 0.8, 1.5),
                values={"flow": m.word("flow", m.flow)})
    )  # fmt: skip
    if rest:
        n = m.numbers.fixed(f"{len(ranked) - MOST:,}", "count of further sources")
        blocks.append(Paragraph(m.say("sources.rest", n=n, figures=m.numbers.count("releases", rest))))
    return Section("sources", title, tuple(blocks))


def plain_address(source: str) -> str:
    """Return a source without ``http://``: a page that calls no address holds none.

    >>> plain_address("http://example.org/a (mirror)")
    'example.org/a (mirror)'
    """
    return source.replace("https://", "").replace("http://", "")


def reproduce(m: Materials) -> Section:
    """Return versions, parameters and the commands that make this report again."""
    n, manifest = m.numbers, m.run.manifest
    blocks: list[Block] = [Paragraph(m.say("reproduce.intro"))]
    steps = [f"python -m chipexports run {_set_name(m)}", f"python -m chipexports report {m.run.name}"]
    blocks.append(Code(n.fixed("\n".join(steps), "command")))
    rows = [[f"`{name}`", n.fixed(_plain(value), "parameter")] for name, value in m.run.parameters.items()]
    blocks.append(m.table("reproduce.parameters", ["parameter", "set_to"], rows, "tt", widths=(1, 3)))
    versions = _versions(manifest)
    if versions:
        found = [f"{label} {n.fixed(value, 'manifest')}" for label, value in versions]
        blocks += [Paragraph(m.say("reproduce.versions")), Bullets((m.say("list_comma").join(found),))]
    if hashes := _hashes(m, manifest):
        blocks.append(Bullets(tuple(hashes)))
    blocks.append(Paragraph(m.say("reproduce.limits")))
    return Section("reproduce", m.say("reproduce.title"), tuple(blocks))


def _set_name(m: Materials) -> str:
    from chipexports.base.paths import project_root

    there = (project_root() / "params" / f"{m.run.name}.yaml").is_file()
    return f"params/{m.run.name}.yaml" if there else m.run.name


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) and value != round(value) else str(value)


def _versions(manifest: Mapping[str, object]) -> list[tuple[str, str]]:
    environment = manifest.get("environment")
    if not isinstance(environment, dict):
        return []
    packages = environment.get("packages", {})
    found = [("Python", environment.get("python"))] + [(name, packages.get(name)) for name in PACKAGES]
    return [(label, str(value)) for label, value in found if value]


def _hashes(m: Materials, manifest: Mapping[str, object]) -> list[str]:
    code, data = manifest.get("code"), manifest.get("data")
    found = []
    if isinstance(code, dict) and code.get("package"):
        short = m.numbers.fixed(str(code["package"])[:16], "manifest")
        found.append(m.say("reproduce.code", hash=short))
    if isinstance(code, dict) and code.get("commit") and not str(code["commit"]).endswith("+"):
        found.append(m.say("reproduce.commit", hash=m.numbers.fixed(str(code["commit"])[:12], "manifest")))
    if isinstance(data, dict) and data.get("hash"):
        found.append(m.say("reproduce.data", hash=m.numbers.fixed(str(data["hash"])[:16], "manifest")))
    return found
