"""One reader per section of the region file; each records what is wrong with its own and lets the others go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from circle.antimeridian import cut
from circle.errors import Findings
from circle.kernels.projection import local_projection, to_degrees, to_metres
from circle.lazily import gpd, pd
from circle.load.auto import AnchorsOnDemand, read_in_system
from circle.load.barriers import read_barrier_layer
from circle.load.columns import find_column, numbers, optional_column, rows_listed, shape_kinds, texts
from circle.load.datums import WGS84, is_auto, named_crs
from circle.load.districts import layer_districts, osm_districts
from circle.load.evidence import Anchors
from circle.load.facilities import offered_rows, osm_facility_rows
from circle.load.kept import read_kept
from circle.load.located import Located
from circle.load.manifest import Manifest
from circle.load.manifest_file import resolve_path
from circle.load.osm_extract import OsmExtract, OsmWanted
from circle.load.placement import Box, check_placement
from circle.load.point_layers import points_reader
from circle.load.roads import read_road_file
from circle.load.sections import FacilitiesSection, PlacesSection, RoadsSection
from circle.load.streets import road_lines
from circle.load.vector import areas_of, read_vector, repair_polygons
from circle.model import Barriers, Districts, Elevation, Extent, Settlements, Streets
from circle.store import Cache

Bounds = tuple[float, float, float, float]

HULL_MARGIN_M = 300.0
"""As far as a direct leg goes: the last house beyond the last road is no land without data."""


@dataclass(frozen=True, eq=False)
class Source:
    """Where the sections of one region are read from."""

    manifest: Manifest
    folder: Path
    findings: Findings
    cache: Cache | None = None

    def path(self, written: str) -> Path:
        """A path of the region file."""
        return resolve_path(self.folder, written)

    def at(self, written: str, layer: str | None = None) -> Located:
        """Where findings about a file are recorded."""
        return Located(self.findings, written, layer)

    @property
    def osm_file(self) -> str:
        """The extract's path as written; the manifest has one wherever a section asks for it."""
        return self.manifest.osm.path if self.manifest.osm else ""


def read_extract(source: Source) -> OsmExtract | None:
    """The OSM extract, read once for all sections that want something of it."""
    manifest = source.manifest
    if manifest.osm is None:
        return None
    tags: dict[str, list[Mapping[str, tuple[str, ...]]]] = {}
    for section in manifest.facilities:
        if section.source == "osm":
            for service in section.wanted_services:
                known = tags.setdefault(service, [])
                known += [row for row in section.tag_table()[service] if row not in known]
    districts = manifest.districts
    wanted = OsmWanted(
        streets=manifest.roads.source == "osm",
        barriers=True,
        facilities=tags,
        buildings=manifest.population.wants_osm_buildings,
        admin_level=districts.admin_level if districts and districts.source == "osm" else None,
        places=manifest.places is None or manifest.places.source == "osm",
        class_only=manifest.roads.class_only,
    )
    return read_kept(source.path(manifest.osm.path), wanted, source.findings, source.cache)


def read_roads(section: RoadsSection, extract: OsmExtract | None, source: Source) -> Streets | None:
    """The streets: from the extract, a GraphML file or a line layer."""
    if section.path is None:
        return extract.streets if extract is not None else None
    return read_road_file(source.path(section.path), section, source.findings)


def read_barriers(extract: OsmExtract | None, source: Source) -> list[Barriers]:
    """What the extract and the layers know of water, railways and motorways."""
    found = [extract.barriers] if extract is not None else []
    for section in source.manifest.barriers:
        layer = read_barrier_layer(
            source.path(section.path), section.layer, source.findings, crs=section.crs, kind=section.kind
        )
        found += [layer] if layer is not None else []
    return found


def read_extent(streets: Streets, extract: OsmExtract | None, source: Source) -> Extent | None:
    """Where the data are complete: as declared, else the box of the PBF header, else the hull of the roads."""
    declared = source.manifest.region.extent
    if isinstance(declared, tuple):
        return Extent(shapely.box(*declared), "declared")
    if declared is not None:
        at = source.at(declared)
        frame = read_vector(source.path(declared), at)
        if frame is None:
            return None
        area = areas_of(shapely.union_all(np.asarray(repair_polygons(frame, at).geometry.array)))
        if shapely.is_empty(area):
            at.error("districts.no_polygons", kinds=shape_kinds(frame))
            return None
        return Extent(area, "declared")
    return extent_of(streets, extract.extent if extract is not None else None)


def extent_of(streets: Streets, stated: Extent | None = None) -> Extent:
    """Where the data say that they are complete, else the hull of the roads."""
    return streets.extent or stated or road_hull(streets)


def read_anchors(
    streets: Streets | None, extract: OsmExtract | None, districts: Districts | None, source: Source
) -> Anchors:
    """What surely stands where it says: all of an OSM extract, and layers whose system the region file declares.

    What a file says of itself is not enough: in China files in shifted coordinates call themselves WGS84.
    """
    manifest = source.manifest
    declared = manifest.roads.crs is not None and not is_auto(manifest.roads.crs)
    sure_roads = streets is not None and (manifest.roads.source == "osm" or declared)
    section = manifest.districts
    sure_districts = section is not None and (section.source == "osm" or section.crs is not None)
    lines = np.empty(0, dtype=object) if streets is None else road_lines(streets)
    return Anchors(
        roads=lines if sure_roads else lines[:0],
        doubtful_roads=lines[:0] if sure_roads else lines,
        names=None
        if extract is None
        else pd.concat([extract.places[["name", "geometry"]], extract.features[["name", "geometry"]]]),
        districts=districts.frame if districts is not None and sure_districts else None,
    )


def road_hull(streets: Streets) -> Extent:
    """The convex hull of the roads, and the land from which a direct leg reaches it."""
    crs = local_projection(streets.lon, streets.lat)
    x, y = to_metres(crs, streets.lon, streets.lat)
    hull = shapely.MultiPoint(np.column_stack([x, y])).convex_hull.buffer(HULL_MARGIN_M)
    in_degrees = shapely.transform(hull, lambda points: np.column_stack(to_degrees(crs, points[:, 0], points[:, 1])))
    return Extent(cut(in_degrees), "road_hull")


def read_facilities(
    section: FacilitiesSection, extract: OsmExtract | None, anchors: AnchorsOnDemand, source: Source
) -> tuple[gpd.GeoDataFrame | None, Located, str | None]:
    """One list of facilities as rows, some still without a place, where it stands, and the system it was read in."""
    if section.path is None:
        at = source.at(source.osm_file)
        if extract is None:
            return None, at, None
        return osm_facility_rows(extract.facility_table, section.wanted_services, at), at, None
    at = source.at(section.path, section.layer if section.sheet is None else str(section.sheet))
    frame, crs = read_in_system(
        points_reader(section, source.path(section.path)), section.crs, anchors, at, name=section.name
    )
    return (None if frame is None else offered_rows(frame, section, at)), at, crs


def in_place(frame: gpd.GeoDataFrame, crs: str | None, area: tuple[Box, Extent], at: Located) -> bool:
    """Whether most rows of a layer in WGS84, read as `crs`, lie near the roads; see `check_placement`."""
    placed = frame[frame.geometry.notna()]
    centre = shapely.get_coordinates(shapely.centroid(np.asarray(placed.geometry.array)))
    system = named_crs(crs, at) if crs is not None else WGS84
    return check_placement((centre[:, 0], centre[:, 1], np.asarray(placed.index)), system, *area, at)


def districts_in_place(districts: Districts, crs: str | None, area: tuple[Box, Extent], at: Located) -> None:
    """Record districts of which none comes near the roads."""
    box = area[0]
    roads = shapely.box(box.west, box.south, box.east, box.north)
    if not shapely.intersects(np.asarray(districts.frame.geometry.array), roads).any():
        in_place(districts.frame, crs, area, at)


def read_districts(extract: OsmExtract | None, source: Source) -> Districts | None:
    """The districts, where the region has some."""
    section = source.manifest.districts
    if section is None:
        return None
    if section.path is None:
        if extract is None or section.admin_level is None:
            return None
        return osm_districts(extract.boundaries, section.admin_level, source.at(source.osm_file))
    at = source.at(section.path, section.layer)
    frame = read_vector(source.path(section.path), at, layer=section.layer, crs=section.crs)
    key = "id" if section.id else "by"
    identity = source.manifest.district_codes
    return None if frame is None else layer_districts(frame, identity, section.name, at, key=key)


def read_settlements(extract: OsmExtract | None, anchors: AnchorsOnDemand, source: Source) -> Settlements | None:
    """Named places: a layer or table, else those of the extract."""
    section = source.manifest.places
    if section is not None and section.path is not None:
        at, read = (
            source.at(section.path, section.sheet or section.layer),
            points_reader(section, source.path(section.path)),
        )
        frame, _ = read_in_system(read, section.crs, anchors, at, name=section.name)
        return None if frame is None else layer_settlements(frame, section, at)
    if extract is None:
        return None
    return Settlements(extract.places[["name", "place", "people", "geometry"]])


def layer_settlements(frame: gpd.GeoDataFrame, section: PlacesSection, at: Located) -> Settlements | None:
    """The named places of a layer in WGS84."""
    name = optional_column(frame, "name", section.name, at)
    people = optional_column(frame, "people", section.people, at)
    if name is None:
        if section.name is None:
            at.error("places.no_names", found=", ".join(str(c) for c in frame.columns if c != "geometry"))
        return None
    kind = find_column(frame, "place", section.place)
    columns = {
        "name": texts(frame[name]),
        "place": texts(frame[kind]) if kind else "village",
        "people": numbers(frame[people], at) if people else np.nan,
    }
    points = shapely.point_on_surface(np.asarray(frame.geometry.array))
    named = gpd.GeoDataFrame(pd.DataFrame(columns, index=frame.index), geometry=points, crs=WGS84)
    nameless = named["name"].isna().to_numpy()
    if nameless.any():
        at.note("places.nameless", count=int(nameless.sum()), rows=rows_listed(named.index[nameless]))
    return Settlements(named[~nameless].reset_index(drop=True))


def read_heights(bounds: Bounds | None, source: Source) -> Elevation | None:
    """Elevation within `bounds`, where the region has some."""
    section = source.manifest.elevation
    if section is None:
        return None
    from circle.load.elevation import read_elevation  # rasterio: only for regions with a raster

    return read_elevation([source.path(path) for path in section.paths], source.findings, bounds=bounds)
