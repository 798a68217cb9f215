"""Whole regions: from files, from frames, and everything that can be wrong with several files at once."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from circle.errors import InputError, Severity
from circle.load import check_region, read_region, region_from_frames
from circle.load.datums import to_wgs84
from circle.load.frames import Frames
from circle.load.placement import Box, likely_mistake
from tests.load_inputs.conftest import CLINICS, LAT, LON, REGION, code_of


def judged(folder):
    loaded, problems = check_region(folder)
    return loaded, [code_of(problem) for problem in problems]


def test_a_region_is_read_from_its_folder(town):
    """Sixteen cells of 25 people; two clinics in the workbook, one school in OSM."""
    folder = town()
    loaded = read_region(folder)
    data = loaded.data
    assert data.name == "十字镇"
    assert data.facilities.table["service"].tolist() == ["clinic", "clinic", "primary_school"]
    assert data.facilities.table["capacity"].tolist()[:2] == [30.0, 2.0]
    assert data.population.counts.sum() == 400
    assert data.extent.source == "pbf_header"
    assert data.settlements is not None
    assert data.settlements.frame["name"].tolist() == ["上村"]
    assert loaded.question.services == ("clinic", "primary_school")
    assert [problem.severity for problem in loaded.problems if problem.severity is not Severity.NOTE] == []


def test_every_input_is_hashed(town):
    folder = town()
    inputs = {record.path: record for record in read_region(folder / "region.toml").data.inputs}
    assert set(inputs) == {"region.toml", "roads.osm", "clinics.xlsx", "people.tif"}
    assert all(
        record.sha256 == hashlib.sha256((folder / path).read_bytes()).hexdigest() for path, record in inputs.items()
    )
    assert inputs["clinics.xlsx"].crs == "EPSG:4326"
    assert inputs["people.tif"].crs == "EPSG:4326"


def test_no_region_file_is_an_error_that_names_init(tmp_path):
    with pytest.raises(InputError, match="circle init"):
        read_region(tmp_path)
    assert judged(tmp_path / "nowhere.toml")[1] == ["region.file_missing"]


def test_all_problems_of_all_files_are_told_at_once(town):
    """A missing raster, a workbook with a wrong column, missing districts, an unknown standard: four errors."""
    region = (
        REGION.replace("people.tif", "gone.tif") + '[districts]\npath = "gone.geojson"\n[analysis]\nstandard = "none"\n'
    )
    folder = town(region, clinics=[["名称", "东", "纬度"], ["甲", LON, LAT]])
    loaded, problems = check_region(folder)
    errors = {(problem.file, code_of(problem)) for problem in problems if problem.severity is Severity.ERROR}
    assert loaded is None
    assert errors == {
        ("gone.tif", "file.missing"),
        ("clinics.xlsx", "table.column_missing"),
        ("gone.geojson", "file.missing"),
        ("none", "manifest.standard_unknown"),
    }


def test_swapped_coordinates_beyond_ninety_degrees_are_named(town):
    rows = [CLINICS[0], *([name, lat, lon, beds] for name, lon, lat, beds in CLINICS[1:])]
    assert "crs.swapped" in judged(town(clinics=rows))[1]


@pytest.mark.parametrize(
    ("move", "crs", "code"),
    [((5.0, 0.0), "EPSG:4326", "place.outside"), ((0.05, 0.0), "EPSG:4326", "place.some_outside")],
)
def test_places_outside_stop_the_run_only_when_they_are_most(town, move, crs, code):
    rows = [CLINICS[0], *([name, lon + move[0], lat, beds] for name, lon, lat, beds in CLINICS[1:])]
    loaded, found = judged(town(clinics=rows))
    assert code in found
    assert (loaded is None) == (code == "place.outside")


def test_districts_of_another_region_are_an_error(town):
    folder = town(REGION + '[districts]\npath = "d.geojson"\n')
    for west, stops in ((20.0, True), (118.5, False)):
        area = shapely.box(west, 28.5, west + 1, 29.5)
        gpd.GeoDataFrame({"name": ["甲"]}, geometry=[area], crs=4326).to_file(folder / "d.geojson")
        loaded, found = judged(folder)
        assert ("place.outside" in found) == stops
        assert (loaded is None) == stops


def test_residents_of_another_region_are_an_error(town):
    region = REGION.replace('path = "people.tif"', 'path = "people.csv"\ncrs = "EPSG:4326"')
    folder = town(region)
    (folder / "people.csv").write_text("lon,lat,people\n20,28.9,5\n20.1,28.9,5\n118.9,28.9,5\n", encoding="utf-8")
    loaded, found = judged(folder)
    assert loaded is None
    assert "place.outside" in found


def test_the_wrong_zone_is_recognised(town):
    """Eastings about 120 E read in the zone of 117 E put the town three degrees too far west."""
    from pyproj import Transformer

    x, y = Transformer.from_crs(4326, 4549, always_xy=True).transform(LON, LAT)
    region = REGION.replace('crs = "EPSG:4326"', 'crs = "EPSG:4548"')
    loaded, problems = check_region(town(region, clinics=[CLINICS[0], ["甲", x, y, 1]]))
    found = [problem for problem in problems if problem.severity is Severity.ERROR]
    assert loaded is None
    assert [code_of(problem) for problem in found] == ["place.outside_other_crs"]
    assert found[0].fields["crs"] == "EPSG:4549"


def test_the_likely_mistake_is_found_by_trying():
    box = Box(43.0, -12.5, 44.5, -11.3)
    lon, lat = np.array([43.3, 44.2]), np.array([-11.7, -12.1])
    assert likely_mistake(lat, lon, "EPSG:4326", box) == ""
    assert likely_mistake(lon + 20, lat, "EPSG:4326", box) is None
    x, y = np.array([300_000.0]), np.array([8_700_000.0])
    assert likely_mistake(*to_wgs84(x, y, "EPSG:32737"), "EPSG:32737", box) == "EPSG:32738"


def test_a_service_that_nobody_offers_is_asked_all_the_same(town):
    loaded, found = judged(town(REGION.replace('"primary_school"', '"primary_school", "hospital"')))
    assert found == ["facilities.none_of_service"]
    assert loaded is not None
    assert loaded.question.services == ("clinic", "primary_school", "hospital")


@pytest.mark.parametrize(
    ("analysis", "code"),
    [
        ('metric = "distance"\nlimits = [5, 10, 15]', "question.unlikely_distance"),
        ("limits = [300, 500, 1000]", "question.unlikely_time"),
        ('metric = "distance"\nlimits = [300, 1000]', None),
        ("limits = [1, 180]", None),
    ],
)
def test_limits_in_the_wrong_unit_are_doubted(town, analysis, code):
    loaded, found = judged(town(REGION.split("[analysis]")[0] + f"\n[analysis]\n{analysis}\n"))
    assert loaded is not None
    assert found == ([code] if code else [])


def test_a_service_whose_every_row_lacks_a_place_is_told(town):
    """The one hospital of a list has words for a longitude; the list's clinics stay."""
    folder = town(REGION)
    (folder / "list.csv").write_text(
        f"name,type,lon,lat\nA,clinic,{LON},{LAT}\nB,hospital,一百一十八,{LAT}\n", encoding="utf-8"
    )
    text = (folder / "region.toml").read_text(encoding="utf-8")
    section = '[[facilities]]\npath = "list.csv"\ncrs = "EPSG:4326"\nservice_column = "type"\n\n[population]'
    (folder / "region.toml").write_text(text.replace("[population]", section), encoding="utf-8")
    loaded, found = judged(folder)
    assert loaded is not None
    assert sorted(found) == ["facilities.not_located", "facilities.service_unplaced", "table.no_place"]
    assert "hospital" not in set(loaded.data.facilities.table["service"])


@pytest.mark.parametrize(
    ("extent", "source"), [("[118.0, 28.0, 119.5, 29.5]", "declared"), ('"area.geojson"', "declared")]
)
def test_a_declared_extent_wins(town, extent, source):
    folder = town(REGION.replace("[region]\n", f"[region]\nextent = {extent}\n"))
    area = shapely.box(118.0, 28.0, 119.5, 29.5)
    gpd.GeoDataFrame(geometry=[area], crs=4326).to_file(folder / "area.geojson")
    found = read_region(folder).data.extent
    assert found.source == source
    assert shapely.equals(found.polygon, area)


def test_roads_population_and_places_may_be_layers(town):
    """The same crossroads as lines, people as points of a table with one unplaced row, places as a layer."""
    folder = town(
        """
        [region]
        name = "十字镇"
        [roads]
        path = "roads.gpkg"
        [[facilities]]
        path = "clinics.xlsx"
        crs = "EPSG:4326"
        service = "clinic"
        [population]
        path = "people.csv"
        crs = "EPSG:4326"
        groups = { elderly = "老人" }
        [places]
        path = "people.csv"
        crs = "EPSG:4326"
        """
    )
    lines = [[(LON - 0.01, LAT), (LON, LAT), (LON + 0.01, LAT)], [(LON, LAT - 0.01), (LON, LAT), (LON, LAT + 0.01)]]
    roads = gpd.GeoDataFrame(
        {"highway": ["residential"] * 2}, geometry=[shapely.LineString(line) for line in lines], crs=4326
    )
    roads.to_file(folder / "roads.gpkg")
    rows = f"村名,经度,纬度,人口,老人\n上村,{LON},{LAT},100,20\n下村,?,?,50,10\n"
    (folder / "people.csv").write_text(rows, encoding="gb18030")
    loaded, found = judged(folder)
    assert loaded is not None
    data = loaded.data
    assert data.extent.source == "road_hull"
    assert data.population.frame["all"].sum() == 150
    assert data.population.frame["elderly"].sum() == 30
    assert data.population.frame.geometry.isna().tolist() == [False, True]
    assert data.settlements is not None
    assert data.settlements.frame["people"].tolist() == [100.0]
    assert "table.no_place" in found


def frames(crs=4549):
    lines = [shapely.LineString([(LON - 0.01, LAT), (LON, LAT), (LON + 0.01, LAT)])]
    roads = gpd.GeoDataFrame({"highway": ["residential"]}, geometry=lines, crs=4326).to_crs(crs)
    facilities = gpd.GeoDataFrame({"service": ["clinic"]}, geometry=gpd.points_from_xy([LON], [LAT]), crs=4326)
    people = gpd.GeoDataFrame({"people": [7, 8]}, geometry=gpd.points_from_xy([LON, LON], [LAT, LAT + 0.01]), crs=4326)
    return {"roads": roads, "facilities": facilities.to_crs(crs), "population": people.to_crs(crs)}


def test_frames_in_any_system_make_a_region():
    data = region_from_frames(Frames(**frames(), name="甲"))
    assert data.streets.lon.tolist() == pytest.approx([LON - 0.01, LON, LON + 0.01])
    assert data.facilities.table["lon"].tolist() == pytest.approx([LON])
    assert data.population.frame["all"].sum() == 15


def test_roads_may_be_a_graph():
    graph = nx.Graph(crs="EPSG:4326")
    graph.add_node(1, x=LON, y=LAT)
    graph.add_node(2, x=LON + 0.01, y=LAT)
    graph.add_edge(1, 2)
    data = region_from_frames(Frames(**{**frames(), "roads": graph}))
    assert data.streets.forward.tolist() == [True]
    assert data.streets.backward.tolist() == [True]


def test_faults_of_all_frames_are_told_at_once():
    given = frames()
    given["roads"] = [1, 2]
    given["facilities"] = given["facilities"].set_crs(None, allow_override=True)
    given["population"] = given["population"].drop(columns="people")
    with pytest.raises(InputError) as caught:
        region_from_frames(Frames(**given))
    assert {problem.file: code_of(problem) for problem in caught.value.problems} == {
        "roads=": "frames.not_roads",
        "facilities=": "frames.no_crs",
        "population=": "frames.people_missing",
    }


def test_what_is_no_frame_is_refused():
    given = {**frames(), "facilities": {"service": "clinic"}, "population": [1, 2]}
    with pytest.raises(InputError) as caught:
        region_from_frames(Frames(**given))
    assert [code_of(problem) for problem in caught.value.problems] == ["frames.not_geo", "frames.not_population"]


def test_places_need_names(town):
    folder = town(REGION + '[places]\npath = "p.geojson"\n')
    gpd.GeoDataFrame({"height": [3]}, geometry=[shapely.Point(LON, LAT)], crs=4326).to_file(folder / "p.geojson")
    assert "places.no_names" in judged(folder)[1]


def test_importing_the_reader_is_light():
    code = "import sys, circle.load; sys.exit(any(m in sys.modules for m in ('pandas', 'geopandas', 'osmnx', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_comoros_is_read_to_the_last_person(regions, tmp_path):
    """WorldPop's published sum is 869,595; the extract has 3 islands at level 4."""
    folder = regions / "comoros"
    (tmp_path / "region.toml").write_text(
        f"""
        [region]
        name = "Comoros"
        [osm]
        path = '{folder}/roads.osm.pbf'
        [roads]
        source = "osm"
        [[facilities]]
        source = "osm"
        services = ["school", "hospital", "pharmacy"]
        [[facilities]]
        path = '{folder}/health.gpkg'
        service_column = "amenity"
        [population]
        path = '{folder}/com_ppp_2020_UNadj.tif'
        [districts]
        source = "osm"
        admin_level = 4
        """,
        encoding="utf-8",
    )
    data = read_region(tmp_path).data
    assert data.population.counts.sum() == pytest.approx(869_595, abs=1)
    assert data.districts is not None
    assert len(data.districts.frame) == 3
    assert data.facilities.table["facility_id"].is_unique
    assert set(data.facilities.entrance_facility) == set(range(len(data.facilities.table)))
