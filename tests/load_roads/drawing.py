"""Tiny OSM files, drawn by hand in the tests: nodes by number and position, ways and relations by number and tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

import osmium

from circle.errors import Findings
from circle.load.osm import read_osm
from circle.load.osm_extract import OsmExtract, OsmWanted

Node = tuple[int, float, float] | tuple[int, float, float, Mapping[str, str]]
Way = tuple[int, Iterable[int], Mapping[str, str]]
Relation = tuple[int, Iterable[tuple[str, int, str]], Mapping[str, str]]


def _tags(tags: Mapping[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


def osm_xml(nodes: Iterable[Node], ways: Iterable[Way] = (), relations: Iterable[Relation] = (), head: str = "") -> str:
    """The text of an ``.osm`` file."""
    parts = ["<?xml version='1.0' encoding='UTF-8'?>", '<osm version="0.6">', head]
    for number, lon, lat, *tags in nodes:
        parts.append(f'<node id="{number}" lon="{lon}" lat="{lat}">{_tags(tags[0]) if tags else ""}</node>')
    for number, refs, tags in ways:
        drawn = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        parts.append(f'<way id="{number}">{drawn}{_tags(tags)}</way>')
    for number, members, tags in relations:
        drawn = "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members)
        parts.append(f'<relation id="{number}">{drawn}{_tags(tags)}</relation>')
    return "\n".join([*parts, "</osm>"])


def draw(
    folder: Path, nodes: Iterable[Node], ways: Iterable[Way] = (), relations: Iterable[Relation] = (), head: str = ""
) -> Path:
    """An ``.osm`` file of these objects."""
    path = folder / "drawn.osm"
    path.write_text(osm_xml(nodes, ways, relations, head), encoding="utf-8")
    return path


def as_pbf(path: Path) -> Path:
    """The same objects as ``.osm.pbf``."""
    target = path.with_suffix(".osm.pbf")
    with osmium.SimpleWriter(str(target), overwrite=True) as writer:
        for thing in osmium.FileProcessor(str(path)):
            writer.add(thing)
    return target


def read(path: Path, **wanted: object) -> tuple[OsmExtract | None, Findings]:
    """What is read of a file, and the findings."""
    findings = Findings()
    return read_osm(path, OsmWanted(**wanted), findings), findings


def codes(findings: Findings) -> list[str]:
    """Message keys of all findings."""
    return [problem.code for problem in findings.problems]
