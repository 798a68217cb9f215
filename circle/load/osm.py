"""OpenStreetMap extracts: everything that is wanted of one file, in two passes over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import osmium
import shapely

from circle.errors import Findings
from circle.load.barriers import build_barriers
from circle.load.osm_barriers import BarrierCollector
from circle.load.osm_extract import OsmExtract, OsmWanted
from circle.load.osm_facilities import FACILITY_COLUMNS, FacilityCollector, middles_of_members
from circle.load.osm_features import (
    BOUNDARY_COLUMNS,
    BUILDING_COLUMNS,
    PLACE_COLUMNS,
    BoundaryCollector,
    BuildingCollector,
    Gathered,
    PlaceCollector,
)
from circle.load.osm_format import SUFFIXES
from circle.load.osm_streets import StreetCollector
from circle.load.osm_ways import Way, WayReader
from circle.load.said import Said
from circle.messages import Tally
from circle.model import Extent, Streets

_NODE, _WAY, _AREA, _RELATION = osmium.osm.NODE, osmium.osm.WAY, osmium.osm.AREA, osmium.osm.RELATION
Taker = Callable[[Any], None]
_DAMAGED = (RuntimeError, osmium.InvalidLocationError)


def read_osm(path: Path, wanted: OsmWanted, findings: Findings) -> OsmExtract | None:
    """Read an ``.osm.pbf`` or ``.osm`` file.

    Returns
    -------
    OsmExtract | None
        None after recording an error: the file is missing, damaged or of another kind.
    """
    file = str(path)
    if not path.is_file():
        findings.error("file.missing", file=file)
        return None
    if not path.name.lower().endswith(SUFFIXES):
        findings.error("roads.osm_suffix", file=file, found=path.name, known=", ".join(SUFFIXES))
        return None
    reading, trial = _Reading(file, wanted, file), Findings()
    extract, damage = None, ""
    try:
        extract = reading.read(trial)
    except _DAMAGED as error:
        damage = str(error)
    if extract is None or reading.nodes_missing:
        in_order = _read_sorted(file, wanted)
        if in_order is not None:
            extract, trial = in_order
    findings.problems.extend(trial.problems)
    if extract is None:
        size = path.stat().st_size
        findings.error("roads.osm_unreadable", file=file, reason=Said(damage), size=size)
    return extract


def _read_sorted(file: str, wanted: OsmWanted) -> tuple[OsmExtract, Findings] | None:
    """Read a file whose objects stand in the wrong order or twice, as web queries and joined extracts do.

    None where the file cannot be read in any order.
    """
    findings = Findings()
    findings.note("roads.osm_sorted", file=file)
    with TemporaryDirectory(prefix="circle-") as folder:
        target = str(Path(folder, "sorted.osm.pbf"))
        try:
            merger = osmium.MergeInputReader()
            merger.add_file(file)
            with osmium.SimpleWriter(target, header=osmium.FileProcessor(file).header) as writer:
                merger.apply(writer)
            return _Reading(target, wanted, file).read(findings), findings
        except _DAMAGED:
            return None


class _Reading:
    """One run over a file: a collector for each thing wanted; findings are about the file that the user named."""

    def __init__(self, file: str, wanted: OsmWanted, named: str) -> None:
        self.nodes_missing = False
        self._file = file
        self._named = named
        self._wanted = wanted
        self._streets = StreetCollector(class_only=wanted.class_only) if wanted.streets else None
        self._barriers = BarrierCollector() if wanted.barriers else None
        self._facilities = FacilityCollector(wanted.facilities) if wanted.facilities else None
        self._buildings = BuildingCollector() if wanted.buildings else None
        self._boundaries = BoundaryCollector(wanted.admin_level) if wanted.admin_level is not None else None
        self._places = PlaceCollector() if wanted.places else None
        self._bad_text = 0

    def read(self, findings: Findings) -> OsmExtract:
        """Both passes, and what came of them."""
        box = osmium.FileProcessor(self._file).header.box()
        extent = Extent(_box(box), "pbf_header") if box.valid() and box.size() > 0 else None
        areas = self._opened_areas()  # osmium's threads decode it while the ways are sorted out
        self._pass_over_ways()
        self._pass_over_areas(areas)
        if self._bad_text:
            findings.warn("roads.osm_bad_text", file=self._named, count=self._bad_text)
        if self._boundaries and (names := self._boundaries.incomplete()):
            shown = ", ".join(sorted(names)[:10])
            findings.warn("roads.osm_boundaries_incomplete", file=self._named, count=len(names), names=shown)
        facilities = self._facilities
        features = facilities.finish(middles_of_members(self._file, facilities.waiting())) if facilities else None
        if facilities and facilities.counts:
            findings.note("roads.osm_facilities", file=self._named, reasons=Tally("left_out", facilities.counts))
        return OsmExtract(
            streets=self._finish_streets(extent, findings),
            barriers=self._barriers.finish() if self._barriers else build_barriers([], shapely.from_wkt([])),
            facility_table=Gathered(FACILITY_COLUMNS).table() if features is None else features,
            building_table=self._buildings.finish() if self._buildings else Gathered(BUILDING_COLUMNS).table(),
            boundary_table=self._boundaries.finish() if self._boundaries else Gathered(BOUNDARY_COLUMNS).table(),
            place_table=self._places.finish() if self._places else Gathered(PLACE_COLUMNS).table(),
            extent=extent,
            counts=dict(facilities.counts) if facilities else {},
        )

    def _pass_over_ways(self) -> None:
        """Streets and barrier lines: ways with the positions of their nodes."""
        takers: list[Callable[[Way], None]] = []
        keys: list[str] = []
        tags: list[str] = []
        if self._streets:
            takers.append(self._streets.take)
            keys += self._streets.walkability.class_tags
            tags += self._streets.walkability.tags
        if self._barriers:
            takers.append(self._barriers.take_way)
            keys += self._barriers.line_tags
            tags += self._barriers.tags
        if takers:
            reader = WayReader(keys, tags)
            for way in reader.read(self._file):
                for take in takers:
                    take(way)
            self._bad_text += reader.bad_text

    def _opened_areas(self) -> Iterator[Any]:
        """The objects of the second pass, reading already begun. One is valid until the next one is asked for."""
        if not (self._facilities or self._buildings or self._boundaries or self._places or self._barriers):
            return iter(())
        begun = iter(self._areas_and_points())
        first = next(begun, None)
        return iter(()) if first is None else chain([first], begun)

    def _pass_over_areas(self, things: Iterator[Any]) -> None:
        """Everything that may be a point or an area."""
        of_area: list[Taker] = [
            part.take for part in (self._facilities, self._buildings, self._boundaries, self._places) if part
        ]
        of_area += [self._barriers.take_area] if self._barriers else []
        takers: dict[str, list[Taker]] = {
            "n": [part.take for part in (self._facilities, self._places) if part],
            "w": [self._facilities.take] if self._facilities else [],
            "r": [part.take for part in (self._facilities, self._boundaries) if part],
            "a": of_area,
        }
        self._hand_out(things, takers)

    def _areas_and_points(self) -> Any:
        """The objects of the second pass, filtered by their keys before Python sees them."""
        facility = self._facilities.book.tags if self._facilities else ()
        place = ("place",) if self._places else ()
        area = [*facility, *place]
        area += self._barriers.area_tags if self._barriers else ()
        area += ["building"] if self._buildings else []
        area += ["boundary"] if self._boundaries else []
        things = osmium.FileProcessor(self._file).with_areas(osmium.filter.KeyFilter(*area))
        for bits, keys in ((_NODE, (*facility, *place)), (_WAY, facility), (_AREA | _RELATION, area)):
            wanted = osmium.filter.KeyFilter(*keys) if keys else osmium.filter.EntityFilter(osmium.osm.ALL & ~bits)
            wanted.enable_for(bits)
            things.with_filter(wanted)
        if self._facilities and (pairs := self._facilities.book.pairs):
            # Spares Python the roads. Closed ways come as areas too: only open lines with lists of values are missed.
            of_way = osmium.filter.TagFilter(*pairs)
            of_way.enable_for(_WAY)
            things.with_filter(of_way)
        return things

    def _hand_out(self, things: Any, takers: Mapping[str, Sequence[Taker]]) -> None:
        """Offer every object to those who take its kind; text in a broken encoding costs only that object."""
        for thing in things:
            for take in takers[thing.type_str()]:
                try:
                    take(thing)
                except UnicodeDecodeError:
                    self._bad_text += 1

    def _finish_streets(self, extent: Extent | None, findings: Findings) -> Streets | None:
        if self._streets is None:
            return None
        counts, file = self._streets.counts, self._named
        left_out = Tally("left_out", counts)
        if not self._streets.located:
            self.nodes_missing = bool(counts["truncated_way"])
            key = "roads.osm_nodes_missing" if self.nodes_missing else "roads.osm_no_walkable_way"
            findings.error(key, file=file, left_out=left_out, ways=counts["truncated_way"])
            return None
        if ferries := counts["ferry_without_duration"]:
            findings.warn("roads.osm_ferries_left_out", file=file, count=ferries)
        if truncated := counts["truncated_way"]:
            findings.note("roads.osm_truncated_ways", file=file, count=truncated)
        return self._streets.finish(extent)


def _box(box: Any) -> Any:
    low, high = box.bottom_left, box.top_right
    return shapely.box(low.lon, low.lat, high.lon, high.lat)
