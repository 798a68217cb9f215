"""Regions whose people are counted by district: what their file may say, what is read, who lives where."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from circle import pipeline
from circle.errors import Findings
from circle.load import check_region, read_region
from circle.load.building_layer import building_frame
from circle.load.located import Located
from circle.load.manifest_file import read_manifest
from circle.model import DistrictCounts
from tests.load_inputs.conftest import LAT, LON, REGION, code_of, codes, write_workbook
from tests.population.grids import write_raster

HEAD = REGION.split("[population]", maxsplit=1)[0]
DISTRICTS = '[districts]\npath = "towns.geojson"\nid = "code"\nname = "name"\n'
CENSUS: list[list[object]] = [
    ["某县第七次人口普查"],
    ["地区", "代码", "常住人口", "60岁及以上"],
    ["某县", "330825000000", 400, 130],
    ["西乡", "330825200000", 300, 100],
    ["东镇", "330825100000", 100, 30],
]


def towns(**columns):
    """The town's land in two halves, west and east of its crossroads."""
    west, east = (shapely.box(LON + x, LAT - 0.01, LON + x + 0.01, LAT + 0.01) for x in (-0.01, 0.0))
    data = {"code": ["330825200", "330825100"], "name": ["西乡", "东镇"]} | columns
    return gpd.GeoDataFrame(data, geometry=[west, east], crs="EPSG:4326")


@pytest.fixture
def county(town):
    """Write the town with a census; `population` are the lines of its section."""

    def write(population, *, census=CENSUS, areas=None, districts=DISTRICTS, head=HEAD):
        folder = town(f"{head}[population]\n{population}\n{districts}")
        write_workbook(folder / "census.xlsx", {"七普": census})
        (towns() if areas is None else areas).to_file(folder / "towns.geojson")
        return folder

    return write


def settled(folder):
    """The residents of a region, the people of each district by group, and the codes of what was told."""
    loaded = read_region(folder)
    findings = Findings()
    residents = pipeline.residents_of(loaded.data, findings)
    told = [code_of(problem) for problem in (*loaded.problems, *findings.problems)]
    return residents, [np.bincount(residents.district, weights=row).tolist() for row in residents.people], told


TABLE = 'path = "census.xlsx"\ndistrict = "代码"\n'


def test_a_census_is_spread_by_the_pattern_of_a_raster(county):
    """Fifty equal cells of 200 m in each half: 300 / 50 in the west, 100 / 50 in the east; both groups alike."""
    groups = 'groups = { old = "60岁及以上" }\n'
    folder = county(TABLE + groups + 'pattern = "fine.tif"')
    write_raster(folder / "fine.tif", np.full((10, 10), 7.0), origin=(LON - 0.01, LAT + 0.01), cell=0.002)
    residents, per_district, told = settled(folder)
    assert residents.groups == ("all", "old")
    assert per_district == pytest.approx(np.array([[300, 100], [100, 30]]), abs=1e-9)
    whole = residents.people[0] > 0.01  # but for hairs of the cells on the other side of the border
    assert residents.people[0][whole] == pytest.approx(np.where(residents.district == 0, 6.0, 2.0)[whole], rel=1e-5)
    assert np.count_nonzero(whole) == 100
    assert {"census.counted", "census.left_out_total", "census.spread_over", "census.pattern_differs"} <= set(told)


@pytest.mark.parametrize("label", [["全县合计", "330825000000"], ["全县合计", None], ["合计", None]])
@pytest.mark.parametrize("district", ["代码", "地区"])
def test_a_total_of_the_file_that_is_not_the_sum_of_its_rows_is_told(county, label, district):
    """300 + 100 = 400 people; the table says 99,999 in its last row, which no reader of lists may take out unseen."""
    census = [CENSUS[1], *CENSUS[3:], [*label, 99_999, 130]]
    folder = county(TABLE.replace("代码", district) + 'spread = "area"', census=census)
    (told,) = [one for one in check_region(folder)[1] if one.code == "census.sum_differs"]
    assert (told.row, told.fields["total"], told.fields["parts"]) == (4, "99,999", "400")
    assert settled(folder)[1] == pytest.approx(np.array([[300, 100]]), abs=1e-9)


def test_the_column_of_names_serves_as_well(county):
    table = TABLE.replace("代码", "地区")
    assert settled(county(table + 'spread = "area"'))[1] == pytest.approx(np.array([[300, 100]]), abs=1e-9)


def test_census_polygons_are_spread_by_the_pattern_of_a_raster_too(county):
    """Two polygons of 80 and 20 people in the west; of its four cells, three in the one and one in the other."""
    folder = county('path = "blocks.geojson"\npattern = "fine.tif"')
    north, south = (shapely.box(LON - 0.01, LAT + y, LON, LAT + y + 0.01) for y in (0.0, -0.01))
    gpd.GeoDataFrame({"人口": [80, 20]}, geometry=[north, south], crs=4326).to_file(folder / "blocks.geojson")
    cells = np.zeros((10, 10))
    cells[0, 0], cells[1, 1], cells[2, 2], cells[8, 4] = 1.0, 2.0, 5.0, 7.0
    write_raster(folder / "fine.tif", cells, origin=(LON - 0.01, LAT + 0.01), cell=0.002)
    residents, per_district, told = settled(folder)
    assert sorted(residents.people[0]) == pytest.approx([10, 20, 20, 50], rel=1e-6)
    assert per_district[0] == pytest.approx([100])
    assert "population.polygons_coarse" not in told


def test_a_pattern_for_points_is_told_to_have_no_effect(county):
    folder = county('path = "villages.geojson"\npattern = "people.tif"\ncrs = "gcj02"')
    points = [shapely.Point(LON - 0.001, LAT), shapely.Point(LON + 0.001, LAT)]
    gpd.GeoDataFrame({"人口": [3, 4]}, geometry=points, crs=4326).to_file(folder / "villages.geojson")
    residents, _, told = settled(folder)
    assert residents.people[0].tolist() == [3, 4]
    assert "population.pattern_unused" in told
    assert "raster.crs_declared_differs" not in told


def test_without_buildings_or_raster_people_live_along_the_roads(county):
    """The roads of the town run along LAT and along LON, the border: everybody stands on one of them."""
    residents, per_district, told = settled(county(TABLE))
    assert per_district == pytest.approx(np.array([[300, 100]]), abs=1e-9)
    on_road = np.isclose(residents.lat, LAT) | np.isclose(residents.lon, LON)
    assert on_road.all()
    assert "census.fallback" not in told


def test_buildings_asked_for_but_not_there_fall_back_with_a_warning(county):
    """The extract holds none."""
    told = settled(county(TABLE + 'spread = "buildings"'))[2]
    assert "census.fallback" in told


def test_buildings_of_a_file_carry_the_people_by_footprint_and_storeys(county):
    """West: 2 and 4 storeys, 100 and 200 of its 300. East: a school, and a house of 9 m, which are 3 storeys."""
    folder = county(TABLE + 'buildings = "houses.geojson"')
    at = [LON - 0.008, LON - 0.004, LON + 0.004, LON + 0.008]
    shapes = [shapely.box(x, LAT + 0.005, x + 1e-4, LAT + 0.0051) for x in at]
    columns = {"层数": [2, 4, 5, None], "高度": [None, None, None, 9], "用途": ["住宅", "住宅", "学校", "住宅"]}
    gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326").to_file(folder / "houses.geojson")
    residents, _, told = settled(folder)
    assert residents.people[0] == pytest.approx([100, 200, 100], rel=1e-9)
    assert {"buildings.use_column", "buildings.levels_by_height"} <= set(told)
    assert {record.layer for record in read_region(folder).data.inputs} >= {"buildings", "population"}


def test_the_districts_own_column_is_a_census(county):
    areas = towns(常住人口=[300, 100], 老人=[100, 30])
    population = 'source = "districts"\npeople = "常住人口"\ngroups = { old = "老人" }\nspread = "area"'
    assert settled(county(population, areas=areas))[1] == pytest.approx(np.array([[300, 100], [100, 30]]), abs=1e-9)


def test_a_map_layer_serves_as_a_table(county):
    folder = county('path = "villages.geojson"\ndistrict = "town"\npeople = "n"\nspread = "area"')
    points = [shapely.Point(LON, LAT)] * 2
    gpd.GeoDataFrame({"town": ["西乡", "东镇"], "n": [3, 4]}, geometry=points, crs=4326).to_file(
        folder / "villages.geojson"
    )
    assert settled(folder)[1] == pytest.approx(np.array([[3, 4]]), abs=1e-9)


@pytest.mark.parametrize(
    ("population", "code"),
    [
        (TABLE.replace("代码", "编码"), "table.column_missing"),
        (TABLE + 'people = "户籍"', "population.column_missing"),
        (TABLE + 'pattern = "none.tif"', "file.missing"),
        (TABLE + 'buildings = "none.gpkg"', "file.missing"),
        (TABLE + 'sheet = "六普"', "table.sheet_missing"),
        ('path = "none.xlsx"\ndistrict = "代码"', "file.missing"),
        ('source = "districts"\npeople = "人口"', "population.column_missing"),
        ('source = "districts"', "population.column_missing"),
    ],
)
def test_what_is_not_there_is_an_error(county, population, code):
    loaded, problems = check_region(county(population))
    assert loaded is None
    assert code in [code_of(problem) for problem in problems]


def test_errors_of_table_and_pattern_come_at_once(county):
    census = [*CENSUS, ["北乡", "330825201000", 5]]
    folder = county(TABLE + 'pattern = "none.tif"', census=census)
    assert {code_of(problem) for problem in check_region(folder)[1]} >= {"census.no_district", "file.missing"}


@pytest.mark.parametrize(
    ("population", "code"),
    [
        ('path = "people.tif"\ndistrict = "代码"', "manifest.census_not_table"),
        ('path = ["a.csv", "b.csv"]\ndistrict = "代码"', "manifest.census_not_table"),
        (TABLE + 'lon = "经度"', "manifest.census_has_no_places"),
        (TABLE + 'spread = "none"', "manifest.census_must_spread"),
        (TABLE + 'spread = "raster"', "manifest.pattern_missing"),
        (TABLE + 'pattern = "people.tif"\nspread = "roads"', "manifest.only_with"),
        (TABLE + 'pattern = "people.tif"\nbuildings = "b.gpkg"', "manifest.give_one_of"),
        (TABLE + 'pattern = "people.csv"', "manifest.pattern_not_raster"),
        (TABLE + 'groups = { old = "old.tif" }', "manifest.census_group_raster"),
        (TABLE + "total = 5", "manifest.only_with"),
        (TABLE + 'crs = "EPSG:4490"', "manifest.only_with"),
        (TABLE + 'kind = "户籍"', "manifest.not_one_of"),
        ('path = "people.tif"\npattern = "people.tif"', "manifest.pattern_for_raster"),
        ('source = "osm-buildings"\ntotal = 5\npattern = "people.tif"', "manifest.pattern_for_raster"),
        ('path = "villages.gpkg"\npattern = "people.csv"', "manifest.pattern_not_raster"),
        ('path = "villages.gpkg"\nspread = "raster"', "manifest.pattern_missing"),
        ('path = "people.tif"\nspread = "area"', "manifest.spread_needs_census"),
        ('path = "people.tif"\nspread = "raster"', "manifest.pattern_missing"),
        ('path = "people.tif"\nspread = "roads"\nbuildings = "b.gpkg"', "manifest.only_with"),
        ('source = "osm-buildings"\ntotal = 5\nbuildings = "b.gpkg"', "manifest.only_with"),
        ('source = "osm-buildings"\ntotal = 5\ndistrict = "代码"', "manifest.only_with"),
        ('source = "districts"\npath = "census.xlsx"', "manifest.give_one_of"),
        ('source = "districts"\ntotal = 5', "manifest.only_with"),
    ],
)
def test_keys_that_do_not_fit_together_are_refused(tmp_path, findings, population, code):
    (tmp_path / "region.toml").write_text(f"{HEAD}[population]\n{population}\n{DISTRICTS}", encoding="utf-8")
    assert read_manifest(tmp_path / "region.toml", findings) is None
    assert code in codes(findings)


@pytest.mark.parametrize(
    ("population", "districts", "code"),
    [
        (TABLE, "", "manifest.census_needs_districts"),
        ('source = "districts"', "", "manifest.census_needs_districts"),
        ('source = "districts"', '[districts]\nsource = "osm"\nadmin_level = 8\n', "manifest.census_needs_layer"),
    ],
)
def test_a_census_needs_the_districts(tmp_path, findings, population, districts, code):
    (tmp_path / "region.toml").write_text(f"{HEAD}[population]\n{population}\n{districts}", encoding="utf-8")
    assert read_manifest(tmp_path / "region.toml", findings) is None
    assert codes(findings) == [code]


def test_buildings_need_a_file_or_an_extract(tmp_path, findings):
    head = '[region]\nname = "x"\n[roads]\npath = "r.gpkg"\n[[facilities]]\npath = "c.gpkg"\nservice = "clinic"\n'
    text = f'{head}[population]\n{TABLE}spread = "buildings"\n{DISTRICTS}'
    (tmp_path / "region.toml").write_text(text, encoding="utf-8")
    assert read_manifest(tmp_path / "region.toml", findings) is None
    assert codes(findings) == ["manifest.buildings_missing"]


def test_what_is_counted_is_handed_on(county):
    data = read_region(county(TABLE + 'kind = "registered"\npattern = "people.tif"')).data
    assert data.population_kind == "registered"
    assert isinstance(data.population, DistrictCounts)
    assert data.population.spread == "raster"
    assert read_region(county(TABLE)).data.population_kind is None


BOTH: list[list[object]] = [["代码", "户籍人口(人)", "常住人口(人)"], ["330825200", 500, 300], ["330825100", 120, 100]]


@pytest.mark.parametrize(("kind", "people"), [("resident", [300, 100]), ("registered", [500, 120])])
def test_of_two_columns_the_one_of_the_kind_is_taken(county, kind, people):
    _, per_district, told = settled(county(f'{TABLE}kind = "{kind}"\nspread = "area"', census=BOTH))
    assert per_district[0] == pytest.approx(people)
    assert "census.kind_contradicts" not in told


def test_a_kind_that_the_header_contradicts_is_told(county):
    """Registered people are asked for, and the column named counts residents."""
    population = f'{TABLE}kind = "registered"\npeople = "常住人口"\nspread = "area"'
    assert "census.kind_contradicts" in settled(county(population))[2]
    assert "census.kind_contradicts" in settled(county(TABLE + 'kind = "registered"\nspread = "area"'))[2]


# --- footprints -------------------------------------------------------------------------------------------------------


def footprints(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326", index=range(1, len(shapes) + 1))


SQUARE, POINT = shapely.box(0, 0, 1e-4, 1e-4), shapely.Point(0, 0)


def test_what_is_no_area_is_left_out_and_told(findings):
    found = building_frame(footprints([SQUARE, POINT], levels=[2, 3]), Located(findings, "b.gpkg"))
    assert found["levels"].tolist() == [2.0]
    assert codes(findings) == ["buildings.not_polygons"]
    assert building_frame(footprints([POINT]), Located(findings, "b.gpkg")) is None
    assert codes(findings)[-1] == "buildings.no_polygons"


def test_storeys_that_are_no_number_are_told_and_unknown(findings):
    found = building_frame(footprints([SQUARE, SQUARE], levels=["5", "高层"]), Located(findings, "b.gpkg"))
    assert found["levels"].tolist()[0] == 5.0
    assert np.isnan(found["levels"].tolist()[1])
    assert codes(findings) == ["table.text_in_number"]
