"""A fictional province: an exact partition, one network, everything in the county it names, the same bytes again."""

from __future__ import annotations

import csv
import json
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import rasterio
import rasterio.transform
import shapely

from circle.errors import InputError, OutputError
from circle.load.region import check_region
from circle.sample import write_sample_province
from circle.sample.places import Tier
from circle.sample.province.county import make_county
from circle.sample.province.hashing import uniform
from circle.sample.province.people import cells_over
from circle.sample.province.plan import Plan, make_plan
from circle.sample.province.services import SERVICE_OF
from tests.sample.conftest import Extract, read_pbf

COUNTIES, JUNCTIONS, SEED = 6, 1_000, 11


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("province") / "省 6"
    return write_sample_province(path, COUNTIES, junctions=JUNCTIONS, seed=SEED).parent


@pytest.fixture(scope="module")
def extract(folder: Path) -> Extract:
    return read_pbf(folder / "roads.osm.pbf")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(COUNTIES, JUNCTIONS, SEED)


def counties_of(folder: Path) -> dict[str, tuple[str, int, shapely.Polygon]]:
    features = json.loads((folder / "counties.geojson").read_text(encoding="utf-8"))["features"]
    return {
        f["properties"]["adcode"]: (
            f["properties"]["name"],
            f["properties"]["population"],
            shapely.geometry.shape(f["geometry"]),
        )
        for f in features
    }


def facilities_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "facilities.csv").open(encoding="gbk", newline="") as file:
        return list(csv.DictReader(file))


def county_of_nodes(folder: Path, extract: Extract, nodes: list[int]) -> dict[int, str]:
    at = np.array([extract.nodes[node] for node in nodes])
    owner: dict[int, str] = {}
    for code, (_, _, polygon) in counties_of(folder).items():
        inside = shapely.contains_xy(polygon, *at.T)
        owner |= {node: code for node, held in zip(nodes, inside.tolist(), strict=True) if held}
    return owner


# the partition


@pytest.mark.parametrize(("counties", "seed"), [(1, 0), (2, 1), (7, 2), (60, 3), (400, 4)])
def test_counties_are_an_exact_partition(counties: int, seed: int) -> None:
    """GEOS: valid, no two overlap, their areas sum to that of their union, every inner corner is a corner of both."""
    areas = np.array([county.polygon for county in make_plan(counties, 1_000, seed).counties])
    assert shapely.is_valid(areas).all()
    assert shapely.coverage_is_valid(areas)
    whole = shapely.union_all(areas)
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0
    assert shapely.area(whole) == pytest.approx(shapely.area(areas).sum(), rel=1e-12)
    one, other = shapely.STRtree(areas).query(areas, predicate="overlaps")
    assert one.size == other.size == 0
    assert (shapely.get_num_coordinates(areas) > 6 * 16).all()
    assert (shapely.area(shapely.minimum_rotated_rectangle(areas)) > 1.1 * shapely.area(areas)).all()  # no rectangles
    if counties > 1:
        size = shapely.area(areas)
        assert size.max() / size.min() > 1.01


def test_codes_are_text_of_six_digits_that_begin_with_zero_and_stand_in_order(folder: Path) -> None:
    codes = list(counties_of(folder))
    assert len(codes) == COUNTIES
    assert codes == sorted(set(codes))
    assert all(isinstance(code, str) and len(code) == 6 and code.isdigit() and code.startswith("09") for code in codes)
    assert {row["区划代码"] for row in facilities_of(folder)} == set(codes)
    loaded, _ = check_region(folder / "province.toml")
    assert loaded is not None
    assert loaded.data.districts is not None
    assert loaded.data.districts.frame["district_id"].tolist() == codes


@pytest.mark.parametrize("counties", [1, 99, pytest.param(3_000, marks=pytest.mark.slow)])
def test_codes_and_names_of_any_number_of_counties_are_all_different(counties: int) -> None:
    planned = make_plan(counties, 500, 0).counties
    codes = [county.code for county in planned]
    assert codes == sorted(set(codes))
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len({county.name for county in planned}) == counties
    assert all("一" <= letter <= "鿿" for county in planned for letter in county.name)


# the network


def test_the_extract_is_sorted_whole_and_in_its_box(extract: Extract) -> None:
    assert extract.order == sorted(extract.order)
    numbers = [number for kind, number in extract.order if kind == "n"]
    assert numbers == list(range(1, len(numbers) + 1))
    lon, lat = np.array(list(extract.nodes.values())).T
    assert shapely.box(*extract.box).covers(shapely.multipoints(np.column_stack([lon, lat])))
    assert all(node in extract.nodes for _, nodes, _ in extract.ways for node in nodes)
    assert len(set(extract.nodes.values())) > 0.9 * len(extract.nodes)


def test_every_county_has_the_junctions_asked_for(folder: Path, extract: Extract) -> None:
    """Nodes with other than two neighbours, counted by networkx in what osmium reads, by shapely's counties."""
    graph = extract.graph()
    owner = county_of_nodes(folder, extract, list(graph))
    assert set(owner) == set(graph)
    found: dict[str, int] = {}
    for node, degree in graph.degree():
        found[owner[node]] = found.get(owner[node], 0) + (degree != 2)
    assert sorted(found) == list(counties_of(folder))
    assert all(count == pytest.approx(JUNCTIONS, rel=0.1) for count in found.values())


def test_the_counties_hang_together_but_for_the_islands(folder: Path, extract: Extract, plan: Plan) -> None:
    graph = extract.graph()
    pieces = sorted(nx.connected_components(graph), key=len, reverse=True)
    islands = [county for county in plan.counties if county.island]
    assert len(pieces) == 1 + len(islands) == 3
    owner = county_of_nodes(folder, extract, list(graph))
    assert {owner[node] for node in pieces[0]} == set(counties_of(folder))
    assert {owner[next(iter(piece))] for piece in pieces[1:]} == {county.code for county in islands}
    assert all(len(piece) < 100 for piece in pieces[1:])


def test_roads_cross_every_border_between_two_counties(folder: Path, extract: Extract) -> None:
    """Neighbours by shapely: those that share a line. Crossings by osmium: ways with nodes in two counties."""
    counties = counties_of(folder)
    owner = county_of_nodes(folder, extract, list(extract.graph()))
    crossed = {
        tuple(sorted((owner[a], owner[b])))
        for _, nodes, _ in extract.highways()
        for a, b in pairwise(nodes)
        if owner[a] != owner[b]
    }
    codes = list(counties)
    neighbours = {
        (one, other)
        for i, one in enumerate(codes)
        for other in codes[i + 1 :]
        if shapely.length(shapely.intersection(counties[one][2], counties[other][2])) > 0
    }
    assert len(neighbours) >= COUNTIES
    assert crossed == neighbours


def test_no_two_streets_cross_without_a_node(extract: Extract) -> None:
    lines = np.array(
        [shapely.LineString([extract.nodes[n] for n in pair]) for w in extract.highways() for pair in pairwise(w[1])]
    )
    one, other = shapely.STRtree(lines).query(lines, predicate="crosses")
    assert one.size == other.size == 0


def test_only_bridges_cross_the_rivers(extract: Extract) -> None:
    def lines(ways: list[tuple[int, list[int], dict[str, str]]]) -> list[shapely.LineString]:
        return [shapely.LineString([extract.nodes[node] for node in nodes]) for _, nodes, _ in ways]

    rivers = lines([way for way in extract.ways if way[2].get("waterway") == "river"])
    assert rivers
    tree = shapely.STRtree(rivers)
    plain = [way for way in extract.highways() if "bridge" not in way[2]]
    bridges = [way for way in extract.highways() if way[2].get("bridge") == "yes"]
    assert tree.query(lines(plain), predicate="intersects").size == 0
    assert bridges
    assert len(set(tree.query(lines(bridges), predicate="intersects")[0].tolist())) == len(bridges)


# people and facilities


def test_every_facility_lies_in_the_county_it_names(folder: Path) -> None:
    counties = counties_of(folder)
    rows = facilities_of(folder)
    assert len(rows) > 100
    for row in rows:
        name, _, polygon = counties[row["区划代码"]]
        assert shapely.contains_xy(polygon, float(row["经度"]), float(row["纬度"])), row
        assert row["机构名称"].startswith(name)
        assert row["类别"] in SERVICE_OF
    assert len({row["机构名称"] for row in rows}) == len(rows)


def test_the_raster_holds_the_people_of_the_counties_to_the_person(folder: Path) -> None:
    """Cells by rasterio, those of each county by shapely from their middles."""
    with rasterio.open(folder / "population.tif") as raster:
        counts, transform = raster.read(1, masked=True), raster.transform
        assert raster.crs.to_epsg() == 4326
        assert np.allclose(raster.res, 3 / 3600, rtol=1e-12)
    row, col = np.nonzero(~np.ma.getmaskarray(counts))
    people = counts.data[row, col].astype(np.float64)
    assert (people > 0).all()
    assert (people == np.rint(people)).all()
    lon, lat = rasterio.transform.xy(transform, row, col)
    claimed = {code: count for code, (_, count, _) in counties_of(folder).items()}
    found = {
        code: people[shapely.contains_xy(polygon, lon, lat)].sum()
        for code, (_, _, polygon) in counties_of(folder).items()
    }
    assert found == claimed
    assert people.sum() == sum(claimed.values())
    assert min(claimed.values()) > 5_000


def test_counties_lack_what_they_are_meant_to_lack(folder: Path, extract: Extract, plan: Plan) -> None:
    offered: dict[str, set[str]] = {code: set() for code in counties_of(folder)}
    for row in facilities_of(folder):
        offered[row["区划代码"]].add(SERVICE_OF[row["类别"]])
    stops = [node for node, tags in extract.node_tags.items() if tags.get("highway") == "bus_stop"]
    for code in county_of_nodes(folder, extract, stops).values():
        offered[code].add("bus_stop")
    everything = set().union(*offered.values())
    assert everything == {"primary_school", "middle_school", "clinic", "bus_stop"}
    assert {code: everything - has for code, has in offered.items()} == {c.code: set(c.lacks) for c in plan.counties}
    assert sum(bool(c.lacks) for c in plan.counties) == 3


def test_the_northern_third_of_one_county_is_empty_of_people_and_lanes(
    folder: Path, extract: Extract, plan: Plan
) -> None:
    (bare,) = [county for county in plan.counties if np.isfinite(county.bare_above)]
    _, south, _, north = bare.polygon.bounds
    third = shapely.intersection(bare.polygon, shapely.box(-180, north - (north - south) / 3, 180, 90))
    shapely.prepare(third)
    with rasterio.open(folder / "population.tif") as raster:
        row, col = np.nonzero(~np.ma.getmaskarray(raster.read(1, masked=True)))
        lon, lat = rasterio.transform.xy(raster.transform, row, col)
    assert not shapely.contains_xy(third, lon, lat).any()
    places = [extract.nodes[node] for node, tags in extract.node_tags.items() if "place" in tags]
    assert not shapely.contains_xy(third, *np.array(places).T).any()
    assert shapely.contains_xy(bare.polygon, *np.array(places).T).sum() >= 30


def test_some_settlements_stand_on_a_border_and_counties_differ(plan: Plan) -> None:
    """A town or village one link of the lattice, less than 250 m, from the next county."""
    raster = cells_over(plan.bounds)
    beside = 0
    for planned in plan.counties:
        county = make_county(plan, planned.number, raster)
        at = county.places.point[(county.places.tier == Tier.TOWN) | (county.places.tier == Tier.VILLAGE)]
        points = shapely.points(county.grid.lon[at], county.grid.lat[at])
        others = shapely.union_all([other.polygon for other in plan.counties if other is not planned])
        beside += int((shapely.distance(points, others) * 111_000 < 250).sum())
    assert beside >= 6
    people = [county.people for county in plan.counties]
    assert max(people) > 1.3 * min(people)


def test_elevation_covers_every_county(folder: Path, plan: Plan) -> None:
    with rasterio.open(folder / "dem.tif") as raster:
        assert shapely.box(*raster.bounds).covers(shapely.box(*plan.bounds))
        heights = raster.read(1, masked=True)
    assert not np.ma.getmaskarray(heights).any()
    assert 0 < heights.min() < heights.max() < 2_000


# bytes, sizes, refusals


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(folder: Path, tmp_path: Path) -> None:
    again = write_sample_province(tmp_path / "again", COUNTIES, junctions=JUNCTIONS, seed=SEED).parent
    other = write_sample_province(tmp_path / "other", COUNTIES, junctions=JUNCTIONS, seed=SEED + 1).parent
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(
        [
            "README.md",
            "counties.geojson",
            "dem.tif",
            "facilities.csv",
            "population.tif",
            "province.toml",
            "roads.osm.pbf",
        ]
    )
    assert names == sorted(path.name for path in again.iterdir())  # nothing that was parked is left
    for name in names:
        assert (folder / name).read_bytes() == (again / name).read_bytes(), name
        if name not in ("README.md", "province.toml"):
            assert (folder / name).read_bytes() != (other / name).read_bytes(), name


@pytest.mark.parametrize(("counties", "junctions", "seed"), [(1, 500, 0), (3, 700, 1), (19, 500, 2)])
def test_any_number_of_counties_and_any_seed_give_a_sound_province(
    counties: int, junctions: int, seed: int, tmp_path: Path
) -> None:
    folder = write_sample_province(tmp_path / "p", counties, junctions=junctions, seed=seed).parent
    extract = read_pbf(folder / "roads.osm.pbf")
    sizes = sorted((len(piece) for piece in nx.connected_components(extract.graph())), reverse=True)
    islands = sum(county.island for county in make_plan(counties, junctions, seed).counties)
    assert len(sizes) <= 1 + islands
    assert sizes[0] > 0.95 * sum(sizes)
    assert len(counties_of(folder)) == counties


@pytest.mark.slow
def test_counties_of_the_default_size_have_it_too() -> None:
    plan = make_plan(60, 20_000, 5)
    raster = cells_over(plan.bounds)
    for number in (0, 17, 59):
        county = make_county(plan, number, raster)
        graph = nx.Graph(zip(county.streets.u.tolist(), county.streets.v.tolist(), strict=True))
        assert sum(degree != 2 for _, degree in graph.degree()) == pytest.approx(20_000, rel=0.1)
        assert nx.number_connected_components(graph) == 1 + county.plan.island


@pytest.mark.parametrize(
    ("counties", "junctions", "seed", "code"),
    [
        (0, None, None, "sample.counties_out_of_range"),
        (3_001, None, None, "sample.counties_out_of_range"),
        (2, 10, None, "sample.size_out_of_range"),
        (2, 2_000_000, None, "sample.size_out_of_range"),
        (2, 1_000, -1, "sample.seed_negative"),
    ],
)
def test_what_cannot_be_had_is_refused_before_anything_is_written(
    counties: int, junctions: int | None, seed: int | None, code: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as refused:
        write_sample_province(tmp_path / "x", counties, junctions=junctions, seed=seed)
    assert [problem.code for problem in refused.value.problems] == [code]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(OutputError):
        write_sample_province(tmp_path, 2, junctions=500)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_nothing_is_left_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("circle.sample.province.files._write_people", full)
    with pytest.raises(OutputError):
        write_sample_province(tmp_path / "p", 2, junctions=500)
    assert list(tmp_path.iterdir()) == []


def test_hashed_numbers_are_spread_evenly_and_belong_to_their_place() -> None:
    """The mean of n uniform numbers lies within 5 standard errors of 1/2; neighbours have nothing to do with each other."""
    i, j = np.meshgrid(np.arange(-200, 200), np.arange(-200, 200))
    drawn = uniform(3, 0, i, j)
    error = (1 / 12 / drawn.size) ** 0.5
    assert abs(drawn.mean() - 0.5) < 5 * error
    for one, other in (
        (drawn[1:], drawn[:-1]),
        (drawn[:, 1:], drawn[:, :-1]),
        (drawn, uniform(3, 1, i, j)),
        (drawn, uniform(4, 0, i, j)),
    ):
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 5 / drawn.size**0.5
    np.testing.assert_array_equal(uniform(3, 0, i[5:9, 7:9], j[5:9, 7:9]), drawn[5:9, 7:9])
