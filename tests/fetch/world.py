"""A province to fetch from: the bundled county's own extract with borders, a neighbour, a lake and houses.

What is asked of it is answered by plain loops over its objects, written for the tests alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import osmium
import shapely

Tags = dict[str, str]
STATEMENT = re.compile(r'(node|way|relation)((?:\[(?:"[^"]*"|[^\]"])*\])*)(\(if:is_closed\(\)\))?(?:\(id:([\d,]+)\))?;')
FILTER = re.compile(r'\["([^"]+)"(?:(!=|=|~)"([^"]*)")?\]')


@dataclass
class World:
    """OSM in memory: ``nodes`` id -> (lon, lat, tags), ``ways`` id -> (refs, tags), ``relations`` id -> (members, tags)."""

    nodes: dict[int, tuple[float, float, Tags]] = field(default_factory=dict)
    ways: dict[int, tuple[list[int], Tags]] = field(default_factory=dict)
    relations: dict[int, tuple[list[tuple[str, int, str]], Tags]] = field(default_factory=dict)
    next_id: int = 9_000_000_000
    lines: dict[int, shapely.Geometry] = field(default_factory=dict)

    def new_id(self) -> int:
        self.next_id += 1
        return self.next_id

    def read(self, path: Path) -> World:
        for thing in osmium.FileProcessor(str(path)):
            tags = {tag.k: tag.v for tag in thing.tags}
            if thing.is_node():
                self.nodes[thing.id] = (thing.lon, thing.lat, tags)
            elif thing.is_way():
                self.ways[thing.id] = ([node.ref for node in thing.nodes], tags)
            else:
                self.relations[thing.id] = ([(m.type, m.ref, m.role) for m in thing.members], tags)
        return self

    def add_node(self, lon: float, lat: float, **tags: str) -> int:
        number = self.new_id()
        self.nodes[number] = (round(lon, 7), round(lat, 7), plain(tags))
        return number

    def add_way(self, lonlat: Iterable[tuple[float, float]], **tags: str) -> int:
        corners = [(round(x, 7), round(y, 7)) for x, y in lonlat]
        refs = [self.add_node(*corner) for corner in (corners[:-1] if corners[0] == corners[-1] else corners)]
        number = self.new_id()
        self.ways[number] = ([*refs, refs[0]] if corners[0] == corners[-1] else refs, plain(tags))
        return number

    def add_area(self, shape: shapely.Geometry, **tags: str) -> int:
        """A multipolygon or boundary relation; each ring is cut into two ways, as borders are."""
        members = []
        for polygon in shapely.get_parts(shape):
            for role, ring in [("outer", polygon.exterior), *(("inner", hole) for hole in polygon.interiors)]:
                corners = list(ring.coords)
                refs = [self.add_node(*corner) for corner in corners[:-1]]
                half = len(refs) // 2
                for part in ([*refs[: half + 1]], [*refs[half:], refs[0]]):
                    number = self.new_id()
                    self.ways[number] = (part, {})
                    members.append(("w", number, role))
        number = self.new_id()
        self.relations[number] = (members, plain(tags))
        return number

    def line(self, number: int) -> shapely.Geometry:
        if number not in self.lines:
            corners = [self.nodes[ref][:2] for ref in self.ways[number][0]]
            self.lines[number] = shapely.LineString(corners) if len(corners) > 1 else shapely.Point(corners[0])
        return self.lines[number]

    def write(self, path: Path) -> Path:
        text = self.xml(
            {("node", n) for n in self.nodes}
            | {("way", n) for n in self.ways}
            | {("relation", n) for n in self.relations}
        )
        drawn = path.with_suffix(".drawn.osm")
        drawn.write_text(text, encoding="utf-8")
        with osmium.SimpleWriter(str(path), overwrite=True) as writer:
            for thing in osmium.FileProcessor(str(drawn)):
                writer.add(thing)
        drawn.unlink()
        return path

    # what a server of the Overpass kind does

    def answer(self, query: str) -> str:
        box = re.search(r"\[bbox:([-\d.,]+)\]", query)
        found: set[tuple[str, int]] = set()
        body = query[query.index(";") + 1 :]
        for kind, filters, closed, ids in STATEMENT.findall(body):
            found |= set(self._matching(kind, FILTER.findall(filters), bool(closed), ids, box and box[1]))
        if "(._;>;)" in body:
            found |= set(self._down(found))
            return self.xml(found)
        assert "out tags bb" in body, query
        return self.xml(found, boxes=True)

    def _matching(
        self, kind: str, filters: list[tuple[str, str, str]], closed: bool, ids: str, box: str | None
    ) -> Iterator[tuple[str, int]]:
        things = {"node": self.nodes, "way": self.ways, "relation": self.relations}[kind]
        asked = {int(number) for number in ids.split(",")} if ids else None
        area = None
        if box:
            south, west, north, east = map(float, box.split(","))
            area = shapely.box(west, south, east, north)
        for number, thing in things.items():
            if asked is not None and number not in asked:
                continue
            if closed and thing[0][0] != thing[0][-1]:
                continue
            if all(passes(thing[-1], *rule) for rule in filters) and (
                area is None or self._touches(kind, number, area)
            ):
                yield kind, number

    def _touches(self, kind: str, number: int, area: shapely.Geometry) -> bool:
        if kind == "node":
            return bool(area.intersects(shapely.Point(self.nodes[number][:2])))
        if kind == "way":
            return bool(area.intersects(self.line(number)))
        names = {"n": "node", "w": "way"}
        return any(self._touches(names[m[0]], m[1], area) for m in self.relations[number][0] if m[0] in names)

    def _down(self, found: set[tuple[str, int]]) -> Iterator[tuple[str, int]]:
        ways = [number for kind, number in found if kind == "way"]
        for kind, number in found:
            if kind == "relation":
                for member, ref, _ in self.relations[number][0]:
                    if member == "w":
                        ways.append(ref)
                        yield "way", ref
                    elif member == "n":
                        yield "node", ref
        for number in ways:
            yield from (("node", ref) for ref in self.ways[number][0])

    def xml(self, things: set[tuple[str, int]], *, boxes: bool = False) -> str:
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="test">']
        for kind in ("node", "way", "relation"):
            for number in sorted(n for k, n in things if k == kind):
                inner = [f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in self._tags(kind, number).items()]
                head = f'<{kind} id="{number}"'
                if boxes:
                    west, south, east, north = self._box(kind, number)
                    inner.insert(0, f'<bounds minlat="{south}" minlon="{west}" maxlat="{north}" maxlon="{east}"/>')
                elif kind == "node":
                    lon, lat, _ = self.nodes[number]
                    head += f' lat="{lat:.7f}" lon="{lon:.7f}"'
                elif kind == "way":
                    inner = [f'<nd ref="{ref}"/>' for ref in self.ways[number][0]] + inner
                else:
                    full = {"n": "node", "w": "way", "r": "relation"}
                    inner = [
                        f'<member type="{full[t]}" ref="{r}" role={quoteattr(o)}/>'
                        for t, r, o in self.relations[number][0]
                    ] + inner
                lines.append(f"{head}>{''.join(inner)}</{kind}>")
        return "\n".join([*lines, "</osm>"]) + "\n"

    def _tags(self, kind: str, number: int) -> Tags:
        return {"node": self.nodes, "way": self.ways, "relation": self.relations}[kind][number][-1]

    def _box(self, kind: str, number: int) -> tuple[float, ...]:
        ways = [number] if kind == "way" else [ref for t, ref, _ in self.relations[number][0] if t == "w"]
        return shapely.GeometryCollection([self.line(way) for way in ways]).bounds


def plain(tags: Tags) -> Tags:
    """Python's names to OSM's: ``name__en`` is ``name:en``."""
    return {key.replace("__", ":"): value for key, value in tags.items()}


def passes(tags: Tags, key: str, operator: str, value: str) -> bool:
    if operator == "!=":
        return tags.get(key) != value
    if key not in tags:
        return False
    return {"": True, "=": tags[key] == value, "~": bool(operator == "~" and re.search(value, tags[key]))}[operator]


COUNTY = "青溪县"
PEOPLE = 208_374


def province(sample: Path) -> World:
    """The county with its 13 townships, a neighbour with a township of the same name, and what else a clip may spoil."""
    world = World().read(sample / "roads.osm.pbf")
    towns = gpd.read_file(sample / "townships.geojson")
    whole = shapely.union_all(towns.geometry.to_numpy())
    border = {"type": "boundary", "boundary": "administrative"}
    world.add_area(whole, **border, admin_level="6", name=COUNTY, name__en="Qingxi County", population=str(PEOPLE))
    for town in towns.itertuples():
        world.add_area(town.geometry, **border, admin_level="8", name=town.name, ref=town.code)
    west, south, east, north = whole.bounds
    around = shapely.box(west - 0.2, south - 0.2, east + 0.2, north + 0.2)
    world.add_area(around, **border, admin_level="5", name="云州市", name__en="Yunzhou", **{"ISO3166-2": "CN-ZJ"})
    next_door = shapely.box(east + 0.1, south, east + 0.19, south + 0.1)
    world.add_area(next_door, **border, admin_level="6", name="临溪县", name__en="Linxi County")
    world.add_area(next_door.buffer(-0.01), **border, admin_level="8", name=towns.name[1])
    inside = towns.geometry[0].representative_point()
    for i in range(12):
        x, y = inside.x + 0.0004 * i, inside.y
        world.add_way(ring(x, y, 0.0001), building="yes", building__levels="2")
    for place in (next_door.centroid, shapely.Point(west - 0.005, (south + north) / 2)):
        world.add_way(ring(place.x, place.y, 0.0001), building="house")
    world.add_way(ring(west - 0.004, (south + north) / 2, 0.0002), building="yes", amenity="clinic", name="邻卫生院")
    world.add_node(inside.x, inside.y, amenity="clinic;pharmacy", name="双用")
    world.add_node(inside.x, inside.y + 0.001, amenity="bench")
    world.add_node(inside.x, inside.y + 0.002, amenity="school", name="一小", isced__level="1")
    return world


def ring(x: float, y: float, half: float) -> list[tuple[float, float]]:
    return list(shapely.box(x - half, y - half, x + half, y + half).exterior.coords)
