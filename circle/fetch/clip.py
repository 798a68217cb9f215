"""The part of an OSM file that a place needs: every way that touches its surroundings whole, every area closed.

The same for a provincial extract and for the joined answers of a server, so that both give the same region.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely

from circle.fetch.area import Area
from circle.fetch.extract import Parts
from circle.fetch.wanted import RELATION_TYPES, Wanted, holds, wanted_tags

_NODE, _WAY, _RELATION = osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION
_WKB = osmium.geom.WKBFactory()
_BATCH = 50_000
_BORDER = "administrative"


@dataclass
class Chosen:
    """Numbers of the objects to keep.

    Parameters
    ----------
    nodes, ways, relations
        That are wanted for themselves; what they refer to comes with them.
    bare
        Ways and relations (``"w"`` or ``"r"`` and the number) and the key that they lose: buildings outside the
        boundary, borders of areas that are no part of the place, which are kept for something else that they are.
    """

    nodes: set[int] = field(default_factory=set)
    ways: set[int] = field(default_factory=set)
    relations: set[int] = field(default_factory=set)
    bare: dict[tuple[str, int], set[str]] = field(default_factory=dict)

    def strip(self, kind: str, number: int, key: str) -> None:
        """Have an object lose a tag."""
        self.bare.setdefault((kind, number), set()).add(key)


def join(answers: Iterable[Path], target: Path) -> None:
    """Several OSM files as one in order, each object once.

    Raises
    ------
    RuntimeError, ValueError
        If one of them is no OSM file.
    """
    merger = osmium.MergeInputReader()
    for path in answers:
        merger.add_file(str(path))
    with osmium.SimpleWriter(str(target), header=_header()) as writer:
        merger.apply(writer, simplify=True)


def is_in_order(path: Path) -> bool:
    """Whether a file's tagged objects stand as they should: nodes, ways, relations, each by number.

    Raises
    ------
    RuntimeError
        If the file is damaged.
    """
    before = (0, False, 0)
    kinds = {"n": 0, "w": 1, "r": 2}
    thing: Any
    for thing in osmium.FileProcessor(str(path)).with_filter(osmium.filter.EmptyTagFilter()):
        here = (kinds[thing.type_str()], thing.id > 0, abs(thing.id))
        if here <= before:
            return False
        before = here
    return True


def clip(source: Path, target: Path, area: Area, parts: Parts) -> Chosen:
    """Write the part of `source` that is wanted of an area.

    Parameters
    ----------
    source
        An OSM file, nodes before ways before relations.
    target
        The file to write, ``.osm.pbf``.
    area
        Of the place. Buildings are kept inside the boundary only, so that people spread over them are its people;
        everything else in the surroundings too.
    parts
        The administrative areas to keep.

    Raises
    ------
    RuntimeError
        If the source is damaged.
    """
    chosen = choose(source, area, parts)
    loose = target.with_name(f"loose-{target.name}")
    try:
        with osmium.BackReferenceWriter(str(loose), ref_src=str(source), overwrite=True) as writer:
            for bits, numbers in ((_NODE, chosen.nodes), (_WAY, chosen.ways), (_RELATION, chosen.relations)):
                for thing in _by_number(source, bits, numbers):
                    lost = chosen.bare.get((thing.type_str(), thing.id))
                    kept = {tag.k: tag.v for tag in thing.tags if tag.k not in lost} if lost else None
                    writer.add(thing if kept is None else thing.replace(tags=kept))
        join([loose], target)
    finally:
        loose.unlink(missing_ok=True)
    return chosen


def choose(source: Path, area: Area, parts: Parts) -> Chosen:
    """What `clip` keeps."""
    chosen, wanted = Chosen(), wanted_tags()
    for identity in parts.ids:
        kind, number = identity.split("/")
        (chosen.relations if kind == "relation" else chosen.ways).add(int(number))
    shapely.prepare(area.boundary)
    shapely.prepare(area.around)
    _choose_nodes(source, area, wanted, chosen)
    _choose_ways(source, area, wanted, chosen)
    _choose_islets(source, parts, chosen)
    _choose_relations(source, area, wanted, chosen)
    return chosen


def _choose_nodes(source: Path, area: Area, wanted: Wanted, chosen: Chosen) -> None:
    numbers: list[int] = []
    lonlat: list[tuple[float, float]] = []
    node: Any
    for node in osmium.FileProcessor(str(source), _NODE).with_filter(osmium.filter.KeyFilter(*wanted.nodes)):
        if node.location.valid() and holds(wanted.nodes, _tags(node)):
            numbers.append(node.id)
            lonlat.append((node.lon, node.lat))
    if numbers:
        inside = shapely.intersects_xy(area.around, np.array(lonlat))
        chosen.nodes |= set(np.array(numbers)[inside].tolist())


def _choose_ways(source: Path, area: Area, wanted: Wanted, chosen: Chosen) -> None:
    ways = osmium.FileProcessor(str(source), _NODE | _WAY).with_locations()
    ways = ways.with_filter(osmium.filter.EntityFilter(_WAY))
    ways = ways.with_filter(osmium.filter.KeyFilter(*wanted.shapes, wanted.buildings))
    kinds: dict[int, tuple[bool, bool]] = {}

    def lines() -> Iterator[tuple[int, str | None]]:
        way: Any
        for way in ways:
            tags = _tags(way)
            kind = (holds(wanted.shapes, tags), wanted.buildings in tags)
            if any(kind):
                kinds[way.id] = kind
                yield way.id, _line_of(way)

    for numbers, shapes in _batches(lines()):
        near = shapely.intersects(area.around, shapes)
        middles = shapely.centroid(shapes)
        inside = shapely.intersects(area.boundary, middles)
        for number, is_near, is_inside in zip(numbers, near.tolist(), inside.tolist(), strict=True):
            useful, building = kinds.pop(number)
            if (useful and is_near) or (building and is_inside):
                chosen.ways.add(number)
                if building and not is_inside:
                    chosen.strip("w", number, wanted.buildings)


def _choose_islets(source: Path, parts: Parts, chosen: Chosen) -> None:
    """Borders drawn as ways: islets of the areas of the place are kept, others are no borders in the region."""
    way: Any
    for way in osmium.FileProcessor(str(source), _WAY).with_filter(osmium.filter.TagFilter(("boundary", _BORDER))):
        if f"way/{way.id}" in parts.ids:
            continue
        if way.is_closed() and _tags(way).get("name") in parts.names:
            chosen.ways.add(way.id)
        elif way.id in chosen.ways:
            chosen.strip("w", way.id, "boundary")


def _choose_relations(source: Path, area: Area, wanted: Wanted, chosen: Chosen) -> None:
    kinds: dict[int, tuple[bool, bool]] = {}
    members: dict[int, list[tuple[str, int]]] = {}
    relation: Any
    for relation in osmium.FileProcessor(str(source), _RELATION).with_filter(osmium.filter.KeyFilter("type")):
        tags = _tags(relation)
        if tags["type"] not in RELATION_TYPES or tags.get("boundary") == _BORDER:
            continue
        kind = (holds(wanted.shapes, tags), wanted.buildings in tags)
        if any(kind):
            kinds[relation.id] = kind
            members[relation.id] = [(member.type, member.ref) for member in relation.members]
    shapes = _shapes_of_members(source, {part for parts in members.values() for part in parts})
    for number, parts in members.items():
        found = [shapes[part] for part in parts if part in shapes]
        if not found:
            continue
        whole = shapely.GeometryCollection(found)
        useful, building = kinds[number]
        is_inside = bool(shapely.intersects(area.boundary, shapely.centroid(whole)))
        is_near = any(shapely.intersects(area.around, shape) for shape in found)
        if (useful and is_near) or (building and is_inside):
            chosen.relations.add(number)
            if building and not is_inside:
                chosen.strip("r", number, wanted.buildings)


def _shapes_of_members(source: Path, members: set[tuple[str, int]]) -> dict[tuple[str, int], shapely.Geometry]:
    """Points and lines of nodes and ways, as far as the file has them."""
    if not members:
        return {}
    shapes: dict[tuple[str, int], shapely.Geometry] = {}
    nodes = {number for kind, number in members if kind == "n"}
    for node in _by_number(source, _NODE, nodes):
        if node.location.valid():
            shapes["n", node.id] = shapely.Point(node.lon, node.lat)
    ways = {number for kind, number in members if kind == "w"}
    if ways:
        found = osmium.FileProcessor(str(source), _NODE | _WAY).with_locations()
        found = found.with_filter(osmium.filter.EntityFilter(_WAY)).with_filter(osmium.filter.IdFilter(ways))
        lines = ((way.id, _line_of(way)) for way in found)
        for numbers, parts in _batches(lines):
            shapes.update({("w", number): part for number, part in zip(numbers, parts, strict=True)})
    return shapes


def _by_number(source: Path, bits: Any, numbers: Collection[int]) -> Iterator[Any]:
    if numbers:
        yield from osmium.FileProcessor(str(source), bits).with_filter(osmium.filter.IdFilter(numbers))


def _tags(thing: Any) -> Mapping[str, str]:
    """The tags; one whose text is not UTF-8 is not there."""
    try:
        return {tag.k: tag.v for tag in thing.tags}
    except UnicodeDecodeError:
        return {"type": ""}


def _line_of(way: Any) -> str | None:
    """What the file holds of a way's line, as hexadecimal WKB."""
    try:
        return str(_WKB.create_linestring(way))
    except (osmium.InvalidLocationError, RuntimeError):
        found = [(node.location.lon, node.location.lat) for node in way.nodes if node.location.valid()]
    if not found:
        return None
    return str((shapely.LineString(found) if len(found) > 1 else shapely.Point(found[0])).wkb_hex)


def _batches(lines: Iterable[tuple[int, str | None]]) -> Iterator[tuple[list[int], Any]]:
    numbers: list[int] = []
    wkb: list[str] = []
    for number, line in lines:
        if line is not None:
            numbers.append(number)
            wkb.append(line)
        if len(numbers) == _BATCH:
            yield numbers, shapely.from_wkb(np.array(wkb, dtype=object))
            numbers, wkb = [], []
    if numbers:
        yield numbers, shapely.from_wkb(np.array(wkb, dtype=object))


def _header() -> Any:
    header = osmium.io.Header()
    header.set("generator", "circle")
    return header
