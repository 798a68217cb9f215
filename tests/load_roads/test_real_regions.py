"""Real extracts against readers that share no code with ours."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import osmium
import pyproj
import pytest

from circle.errors import Findings
from circle.load.osm import read_osm
from circle.load.osm_extract import OsmExtract, OsmWanted
from circle.load.road_layers import read_road_layer
from circle.model import Streets
from circle.reference import table

GEOD = pyproj.Geod(ellps="WGS84")
FILES = {
    "malta": "malta/malta.osm.pbf",
    "comoros": "comoros/roads.osm.pbf",
    "las_palmas": "las_palmas/las_palmas_2023.osm.pbf",
}


def extract_of(path: Path, **wanted: object) -> OsmExtract:
    findings = Findings()
    extract = read_osm(path, OsmWanted(**wanted), findings)
    assert extract is not None
    assert findings.errors == []
    return extract


def streets_of(path: Path, **wanted: object) -> Streets:
    streets = extract_of(path, **wanted).streets
    assert streets is not None
    return streets


def length_m(streets: Streets) -> float:
    """Metres of all ways, pair of vertices by pair."""
    inside = np.ones(len(streets.way_vertex) - 1, dtype=bool)
    inside[streets.way_offset[1:-1] - 1] = False
    a, b = streets.way_vertex[:-1][inside], streets.way_vertex[1:][inside]
    return float(GEOD.inv(streets.lon[a], streets.lat[a], streets.lon[b], streets.lat[b])[2].sum())


def segments(streets: Streets) -> Counter[tuple[int, ...]]:
    """Every segment between unlike positions, whichever way it is drawn."""
    at = np.rint(np.column_stack([streets.lon, streets.lat]) * 1e7).astype(np.int64)[streets.way_vertex]
    inside = np.ones(len(at) - 1, dtype=bool)
    inside[streets.way_offset[1:-1] - 1] = False
    pairs = zip(at[:-1][inside].tolist(), at[1:][inside].tolist(), strict=True)
    return Counter((*min(a, b), *max(a, b)) for a, b in pairs if a != b)


def of_classes(streets: Streets, names: set[str]) -> Streets:
    """The ways of these classes."""
    chosen = np.isin(streets.way_class, [number for number, name in enumerate(streets.classes) if name in names])
    lengths = np.diff(streets.way_offset)
    kept = {
        "way_vertex": streets.way_vertex[np.repeat(chosen, lengths)],
        "way_offset": np.concatenate([[0], np.cumsum(lengths[chosen])]),
    }
    return Streets(**{**vars(streets), **kept})


def may_walk(tags: dict[str, str]) -> bool:
    """DOMAIN 8.2 once more, as a person would write it down: highway ways only."""
    never = {"motorway", "motorway_link", "construction", "proposed", "planned", "abandoned", "disused", "razed", "no"}
    never |= {"rest_area", "services", "busway", "bus_guideway", "raceway", "escape", "emergency_bay", "via_ferrata"}
    never |= {"platform"}  # railway platforms are of that class, too
    if "highway" not in tags or tags["highway"] in never or tags.get("route") == "ferry":
        return False
    if tags.get("area") == "yes" and tags["highway"] not in ("pedestrian", "footway", "path", "living_street"):
        return False
    foot, access = tags.get("foot"), tags.get("access")
    if foot in ("no", "private", "use_sidepath"):
        return False
    if foot in ("yes", "designated", "permissive", "destination", "customers"):
        return True
    return access not in ("no", "private", "military", "permit") and tags.get("motorroad") != "yes"


@pytest.mark.slow
@pytest.mark.parametrize("region", FILES)
def test_the_length_of_all_walkable_ways_is_that_of_a_plain_loop(regions: Path, region: str) -> None:
    expected, drawn = 0.0, set()
    ways = osmium.FileProcessor(str(regions / FILES[region])).with_locations()
    for way in ways.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY)).with_filter(
        osmium.filter.KeyFilter("highway")
    ):
        refs = tuple(node.ref for node in way.nodes)
        if not may_walk(dict(way.tags)) or refs in drawn or refs[::-1] in drawn:
            continue
        drawn.add(refs)
        at = [(node.location.lon, node.location.lat) if node.location.valid() else None for node in way.nodes]
        lon, lat = np.array([(*a, *b) for a, b in pairwise(at) if a and b]).reshape(-1, 2, 2).transpose(2, 1, 0)
        expected += GEOD.inv(lon[0], lat[0], lon[1], lat[1])[2].sum()
    streets = streets_of(regions / FILES[region], barriers=False)
    roads = of_classes(streets, set(streets.classes) - {"pier", "platform", "ferry"})
    assert length_m(roads) == pytest.approx(expected, rel=0.001)


@pytest.mark.slow
def test_pyrosm_finds_the_same_length_for_the_same_classes(regions: Path) -> None:
    """Its network of all roads leaves out surfaces; footways and squares drawn as such are therefore not compared."""
    import pyrosm

    path = regions / FILES["malta"]
    classes = {"residential", "tertiary", "secondary", "primary", "trunk", "unclassified", "track", "path"}
    ways = pyrosm.OSM(str(path)).get_network("all")
    ways = ways[ways["highway"].isin(classes)]
    surfaces = {way.id for way in osmium.FileProcessor(str(path), osmium.osm.WAY) if way.tags.get("area") == "yes"}
    streets = streets_of(path, barriers=False, class_only=True)
    expected = sum(GEOD.geometry_length(line) for line in ways.geometry)
    rest = Streets(
        **{**vars(streets), "way_class": np.where(np.isin(streets.way_id, [*surfaces]), -1, streets.way_class)}
    )
    assert len(ways) > 10_000
    assert length_m(of_classes(rest, classes)) == pytest.approx(expected, rel=0.005)


@pytest.mark.slow
def test_malta_is_the_same_from_pbf_and_shapefile(regions: Path) -> None:
    from_pbf = streets_of(regions / FILES["malta"], barriers=False, class_only=True)
    findings = Findings()
    from_shp = read_road_layer(regions / "malta/gis_osm_roads_free_1.shp", None, findings, class_only=True)
    assert from_shp is not None
    assert findings.errors == []
    a, b = segments(from_pbf), segments(from_shp)
    common = (a & b).total()
    assert common >= 0.99 * max(a.total(), b.total()), (common, a.total(), b.total())
    assert len(from_pbf.lon) == pytest.approx(len(from_shp.lon), rel=0.01)


@pytest.mark.slow
def test_everything_of_las_palmas_is_there(regions: Path) -> None:
    """Counts of the regions' own README: 163 schools, 20.7 thousand buildings, one municipality complete in the box."""
    rules = {name: row["osm"] for name, row in table("services").items()}
    extract = extract_of(regions / FILES["las_palmas"], facilities=rules, buildings=True, admin_level=8, places=True)
    per_service = Counter(extract.features["service"])
    assert per_service["school"] == 163
    assert 20_000 <= len(extract.buildings) <= 24_000
    assert "Las Palmas de Gran Canaria" in set(extract.boundaries["name"])
    assert extract.streets is not None
    assert extract.streets.counts["truncated_way"] > 100
    assert extract.extent is not None


@pytest.mark.slow
def test_comoros_has_its_islands_and_schools(regions: Path) -> None:
    """The regions' README: three islands at level 4, six areas at level 8, 82 schools, 24 pharmacies."""
    rules = {name: table("services")[name]["osm"] for name in ("school", "pharmacy")}
    extract = extract_of(regions / FILES["comoros"], facilities=rules, admin_level=4)
    assert Counter(extract.features["service"]) == {"school": 82, "pharmacy": 24}
    assert Counter(extract.boundaries["admin_level"])[4] == 3
    assert Counter(extract.boundaries["admin_level"])[8] == 6
