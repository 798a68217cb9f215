"""The region in the repository is what the generator makes, and holds what its README says."""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from python_calamine import CalamineWorkbook

from circle.load.manifest import Manifest
from circle.sample.county import County
from circle.sample.files import write_county
from circle.sample.places import Access, Tier
from circle.sample.scale import PLANE

from .conftest import Extract, read_pbf

RASTERS = ("dem.tif", "population.tif", "population_0_14.tif", "population_60_plus.tif")


def sheet(path: Path) -> list[list[object]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()


def test_generating_again_gives_the_files_of_the_repository(bundled: Path, county: County, tmp_path: Path) -> None:
    """Bytes where nothing packs them; content where another version of a library may pack it differently."""
    write_county(county, tmp_path)
    recipes = {"region.toml": "qingxi.toml", "README.md": "qingxi.md"}
    for name, recipe in recipes.items():
        text = files("circle.sample").joinpath("recipes", recipe).read_text(encoding="utf-8")
        assert (bundled / name).read_text(encoding="utf-8") == text
    assert sorted(p.name for p in bundled.iterdir()) == sorted([*(p.name for p in tmp_path.iterdir()), *recipes])
    for name in ("clinics.csv", "townships.geojson"):
        assert (tmp_path / name).read_bytes() == (bundled / name).read_bytes(), name
    assert sheet(tmp_path / "schools.xlsx") == sheet(bundled / "schools.xlsx")
    assert read_pbf(tmp_path / "roads.osm.pbf") == read_pbf(bundled / "roads.osm.pbf")
    for name in RASTERS:
        with rasterio.open(tmp_path / name) as one, rasterio.open(bundled / name) as other:
            assert one.profile == other.profile
            np.testing.assert_array_equal(one.read(1), other.read(1))


def test_the_bundled_region_is_under_five_megabytes(bundled: Path) -> None:
    assert sum(p.stat().st_size for p in bundled.iterdir()) < 5_000_000


def test_its_readme_says_in_both_languages_that_it_is_fictional(bundled: Path) -> None:
    text = (bundled / "README.md").read_text(encoding="utf-8")
    assert "这个县不存在" in text
    assert "does not exist" in text
    assert "circle sample qingxi" in text


@pytest.mark.parametrize("name", ["qingxi", "helsinki"])
def test_region_files_are_understood(sample_regions: Path, name: str) -> None:
    manifest = Manifest.model_validate(
        tomllib.loads((sample_regions / name / "region.toml").read_text(encoding="utf-8"))
    )
    assert manifest.osm is not None


def test_helsinki_is_a_recipe_without_data(sample_regions: Path) -> None:
    assert sorted(p.name for p in (sample_regions / "helsinki").iterdir()) == ["README.md", "region.toml"]
    assert "ODbL" in (sample_regions / "helsinki" / "README.md").read_text(encoding="utf-8")


def test_schools_are_half_a_kilometre_off_as_gcj02_is(bundled: Path, county: County) -> None:
    """The shift of GCJ-02 at 118.87 E, 28.94 N is 579 m (computed by hand from the published formulae)."""
    header, *rows = sheet(bundled / "schools.xlsx")
    assert header == ["学校名称", "类别", "所在乡镇", "经度", "纬度", "学位数"]
    lon, lat = np.array([row[3] for row in rows], float), np.array([row[4] for row in rows], float)
    assert ((lon > 73.66) & (lon < 135.05) & (lat > 3.86) & (lat < 53.55)).all()
    to_degrees = pyproj.Transformer.from_crs(PLANE, "EPSG:4326", always_xy=True)
    true_lon, true_lat = to_degrees.transform(county.schools.x, county.schools.y)
    shift_m = pyproj.Geod(ellps="WGS84").inv(true_lon, true_lat, lon, lat)[2]
    assert 400 < shift_m.min() < shift_m.max() < 700


def test_clinics_open_in_excel_and_have_three_tiers(bundled: Path) -> None:
    raw = (bundled / "clinics.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    kinds = [row["类别"] for row in csv.DictReader(raw.decode("utf-8-sig").splitlines())]
    assert kinds.count("县人民医院") == 1
    assert kinds.count("乡镇卫生院") >= 12
    assert kinds.count("村卫生室") >= 20


def test_townships_share_their_borders_and_fill_the_county(bundled: Path) -> None:
    """Areas that do not overlap add up to the area of their union; a shared border is the same line from both sides."""
    frame = gpd.read_file(bundled / "townships.geojson")
    assert len(frame) == 13
    assert frame["code"].str.fullmatch(r"330899\d{6}").all()
    assert frame["code"].is_unique
    assert frame.geometry.is_valid.all()
    assert set(frame.geom_type) == {"Polygon"}
    union = shapely.union_all(frame.geometry.to_numpy())
    assert shapely.coverage_is_valid(frame.geometry.to_numpy())
    assert shapely.area(frame.geometry.to_numpy()).sum() == pytest.approx(union.area, rel=1e-12)
    assert union.geom_type == "Polygon"
    assert not union.interiors


def test_population_adds_up_and_groups_are_parts_of_it(bundled: Path) -> None:
    counts = {}
    for name in RASTERS[1:]:
        with rasterio.open(bundled / name) as raster:
            assert raster.crs.to_epsg() == 4326
            assert raster.nodata == -99999
            assert raster.res == pytest.approx((3 / 3600, 3 / 3600))
            counts[name] = raster.read(1, masked=True)
    everyone = counts["population.tif"]
    assert everyone.min() > 0
    assert float(everyone.sum(dtype=float)) == pytest.approx(240_000, rel=0.01)
    for name, low, high in (("population_0_14.tif", 0.10, 0.20), ("population_60_plus.tif", 0.20, 0.32)):
        np.testing.assert_array_equal(counts[name].mask, everyone.mask)
        assert (counts[name] <= everyone).all()
        assert low < float(counts[name].sum(dtype=float)) / float(everyone.sum(dtype=float)) < high


def test_the_extract_is_sorted_and_its_header_holds_every_node(extract: Extract) -> None:
    assert extract.order == sorted(extract.order)
    lon, lat = np.array(list(extract.nodes.values())).T
    assert shapely.box(*extract.box).covers(shapely.multipoints(np.column_stack([lon, lat])))
    assert all(node in extract.nodes for _, nodes, _ in extract.ways for node in nodes)


def test_the_extract_has_everything_that_walking_must_mind(extract: Extract) -> None:
    ways = [tags for _, _, tags in extract.ways]
    classes = {tags.get("highway") for tags in ways}
    assert classes >= {
        "motorway",
        "motorway_link",
        "trunk",
        "primary",
        "secondary",
        "tertiary",
        "unclassified",
        "residential",
    }
    assert classes >= {"service", "track", "footway", "path", "steps"}
    assert {tags.get("waterway") for tags in ways} >= {"river", "stream"}
    assert any(tags.get("natural") == "water" for tags in ways)
    assert any(tags.get("railway") == "rail" for tags in ways)
    assert [("duration" in tags) for tags in ways if tags.get("route") == "ferry"] == [False]
    assert any(tags.get("oneway") == "yes" for tags in ways)
    assert any(tags.get("access") == "private" for tags in ways)
    assert all(tags.get("layer") == "1" for tags in ways if tags.get("bridge"))
    points = list(extract.node_tags.values())
    assert sum(tags.get("highway") == "bus_stop" for tags in points) > 100
    assert sum("place" in tags and tags["name"].endswith("村") for tags in points) >= 180


def lines_of(extract: Extract, ways: list[tuple[int, list[int], dict[str, str]]]) -> list[shapely.LineString]:
    return [shapely.LineString([extract.nodes[node] for node in nodes]) for _, nodes, _ in ways]


def test_no_road_meets_river_or_rails_except_on_a_bridge_or_below_them(extract: Extract) -> None:
    plain = [way for way in extract.highways() if not {"bridge", "tunnel"} & set(way[2])]
    kinds = {("waterway", "river"), ("natural", "water"), ("railway", "rail"), ("highway", "motorway")}
    barriers = [way for way in extract.ways if kinds & set(way[2].items())]
    tree = shapely.STRtree(lines_of(extract, barriers))
    assert tree.query(lines_of(extract, plain), predicate="intersects").size == 0
    bridges = [way for way in extract.highways() if way[2].get("bridge") == "yes"]
    river = [w for w in extract.ways if w[2].get("waterway") == "river"]
    crossings = shapely.STRtree(lines_of(extract, river)).query(lines_of(extract, bridges), predicate="intersects")
    assert 5 <= crossings.shape[1] <= 12


def test_roads_are_drawn_with_a_vertex_every_few_dozen_metres(extract: Extract) -> None:
    roads = [
        way for way in extract.highways() if way[2]["highway"] in ("primary", "secondary", "tertiary", "unclassified")
    ]
    points = [np.array([extract.nodes[node] for node in nodes]) for _, nodes, _ in roads]
    geod = pyproj.Geod(ellps="WGS84")
    steps_m = np.concatenate([geod.inv(*line[:-1].T, *line[1:].T)[2] for line in points])
    assert 25 < np.median(steps_m) < 60
    assert steps_m.min() > 1


def test_every_village_is_on_the_road_network_except_the_four_that_are_meant_not_to_be(
    extract: Extract, county: County
) -> None:
    """Read back from the file and joined by networkx: one large piece, one island, one hamlet without any road."""
    graph = extract.graph()
    pieces = sorted(nx.connected_components(graph), key=len, reverse=True)
    assert len(pieces) == 2
    assert len(pieces[1]) < 20
    numbers = list(graph)
    at = np.array([extract.nodes[node] for node in numbers])
    tree = shapely.STRtree(shapely.points(at))
    geod = pyproj.Geod(ellps="WGS84")
    access = dict(zip(county.places.name, county.places.access.tolist(), strict=True))
    found = {"far": [], "island": [], "path": []}
    for node, tags in extract.node_tags.items():
        if "place" not in tags:
            continue
        row = int(tree.nearest(shapely.Point(extract.nodes[node])))
        away_m = geod.inv(*extract.nodes[node], *at[row])[2]
        if away_m > 150:
            found["far"].append(tags["name"])
        elif numbers[row] in pieces[1]:
            found["island"].append(tags["name"])
    without_paths = nx.Graph((u, v) for u, v, kind in graph.edges(data="highway") if kind not in ("path",))
    for piece in nx.connected_components(without_paths):
        if 0 < len(piece) < 200 and not piece <= pieces[1]:
            found["path"] += [
                name for name, how in access.items() if how == Access.PATH and _holds(extract, piece, name)
            ]
    meant = {how: sorted(name for name, value in access.items() if value == how) for how in Access}
    assert sorted(found["far"]) == meant[Access.NONE]
    assert sorted(found["island"]) == meant[Access.ISLAND]
    assert sorted(set(found["path"])) == meant[Access.PATH]
    assert [len(meant[how]) for how in (Access.NONE, Access.ISLAND, Access.PATH)] == [1, 1, 2]


def _holds(extract: Extract, piece: set[int], name: str) -> bool:
    place = next(node for node, tags in extract.node_tags.items() if tags.get("name") == name and "place" in tags)
    return (
        shapely.MultiPoint([extract.nodes[n] for n in piece])
        .convex_hull.buffer(0.001)
        .contains(shapely.Point(extract.nodes[place]))
    )


def test_there_is_land_with_people_and_services_beyond_the_border(county: County) -> None:
    beyond = ~county.places.inside
    assert (beyond & (county.places.tier == Tier.TOWN)).sum() >= 3
    assert "县外" not in county.townships.name
    outside = ~county.land.inside.ravel()[county.land.frame.cell_at(county.schools.x, county.schools.y)]
    assert outside.sum() >= 5


@pytest.mark.filterwarnings("ignore")
def test_pyrosm_reads_the_same_roads(bundled: Path, extract: Extract) -> None:
    """The same ways by two independent readers; length by pyrosm's own formula, ours by pyproj."""
    import pyrosm

    edges = pyrosm.OSM(str(bundled / "roads.osm.pbf")).get_network("all")
    geod = pyproj.Geod(ellps="WGS84")
    wanted = {
        way: sum(geod.line_lengths(*np.array([extract.nodes[n] for n in nodes]).T))
        for way, nodes, _ in extract.highways()
    }
    shared = edges[edges["id"].isin(wanted)]
    assert len(shared) > 0.95 * len(wanted)
    assert shared["length"].sum() == pytest.approx(sum(wanted[way] for way in shared["id"]), rel=0.005)
