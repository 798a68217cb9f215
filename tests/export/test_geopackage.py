"""``layers.gpkg``: read back with geopandas and with SQLite, held against the GeoPackage standard and the other files."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as Xml

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from openpyxl import load_workbook

from circle.errors import QueryError
from circle.export import Manner, write_outputs
from circle.export.geopackage import DATE
from circle.export.target import refuse_unfit, target_system
from circle.gaps import COLUMNS
from circle.model import Analysis, RoadRepairs
from tests.export.town import SOUTH, STEP, WEST, town_analysis

LAYERS = ["coverage", "isochrones", "gaps", "water", "barriers", "roads", "residents", "facilities", "places"]
HOSTILE = "\"'><img src=x onerror=alert(1)></script>`${1}\x00\x1b\ud800{0}\u2028=1"


def with_repairs(analysis: Analysis) -> Analysis:
    none = np.zeros(1)
    repairs = RoadRepairs(
        "auto", True, 3.0, 5, none + WEST, none + SOUTH, np.zeros(1, np.int8), none + 0.5, np.ones(1, np.int64)
    )
    return replace(analysis, region=replace(analysis.region, streets=replace(analysis.region.streets, repairs=repairs)))


@pytest.fixture(scope="module", params=["time", "distance"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("out")
    write_outputs(with_repairs(town_analysis(metric=request.param)), made)
    return made


@pytest.fixture
def database(folder: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(folder / "layers.gpkg")
    yield opened
    opened.close()


def rows(database: sqlite3.Connection, query: str) -> list[tuple]:
    return database.execute(query).fetchall()


def test_it_is_a_geopackage_by_the_standard(database: sqlite3.Connection) -> None:
    """Requirements 2, 5-7, 11, 13, 17, 22 of OGC 12-128: application, integrity, systems, contents, geometry columns."""
    assert rows(database, "PRAGMA application_id") == [(0x47504B47,)]  # "GPKG"
    assert rows(database, "PRAGMA user_version") == [(10200,)]  # newer ones are warned of by GDAL 3.6
    assert rows(database, "PRAGMA integrity_check") == [("ok",)]
    assert rows(database, "PRAGMA foreign_key_check") == []
    systems = {
        row[0]: row
        for row in rows(
            database, "SELECT srs_id, organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys"
        )
    }
    assert {-1, 0, 4326} <= set(systems)
    assert systems[4326][1].lower() == "epsg"
    assert pyproj.CRS.from_wkt(systems[4326][3]).to_epsg() == 4326
    contents = rows(database, "SELECT table_name, data_type, last_change, srs_id FROM gpkg_contents")
    assert [row[0] for row in contents] == [*LAYERS, "road_repairs", "layer_styles"]
    assert {row[1] for row in contents} == {"features", "attributes"}
    assert {row[2] for row in contents} == {DATE}
    kinds = dict(rows(database, "SELECT table_name, geometry_type_name FROM gpkg_geometry_columns"))
    assert kinds == {
        "coverage": "MULTIPOLYGON", "isochrones": "MULTIPOLYGON", "gaps": "MULTIPOLYGON", "roads": "LINESTRING",
        "water": "MULTIPOLYGON", "barriers": "LINESTRING", "residents": "POINT", "facilities": "POINT", "places": "POINT", "road_repairs": "POINT",
    }  # fmt: skip
    assert {row[0] for row in rows(database, "SELECT srs_id FROM gpkg_geometry_columns")} == {4326}


def test_extents_and_the_spatial_index_are_those_of_the_shapes(folder: Path, database: sqlite3.Connection) -> None:
    """The index is held against shapely's own bounds, entry by entry."""
    extensions = rows(database, "SELECT table_name, column_name, extension_name FROM gpkg_extensions")
    for layer in LAYERS:
        frame = gpd.read_file(folder / "layers.gpkg", layer=layer, fid_as_index=True)
        box = rows(database, f"SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = '{layer}'")[0]
        np.testing.assert_allclose(box, frame.total_bounds, atol=1e-9)
        assert (layer, "geom", "gpkg_rtree_index") in extensions
        index = {
            row[0]: row[1:] for row in rows(database, f"SELECT id, minx, miny, maxx, maxy FROM rtree_{layer}_geom")
        }
        shown = frame[frame.geometry.notna()]
        assert set(index) == set(shown.index)
        np.testing.assert_allclose([index[fid] for fid in shown.index], shown.bounds, atol=2e-5)  # R-trees keep floats
        assert frame.geometry.dropna().is_valid.all()


def test_every_blob_carries_the_header_and_system_of_the_standard(database: sqlite3.Connection) -> None:
    for layer in LAYERS:
        for (blob,) in rows(database, f"SELECT geom FROM {layer} WHERE geom IS NOT NULL"):
            assert blob[:2] == b"GP"
            assert blob[2] == 0
            little = "little" if blob[3] & 1 else "big"
            assert int.from_bytes(blob[4:8], little) == 4326


def test_layers_hold_what_the_other_files_hold(folder: Path) -> None:
    def layer(name: str) -> gpd.GeoDataFrame:
        return gpd.read_file(folder / "layers.gpkg", layer=name)

    for name in ("coverage", "gaps", "isochrones", "facilities", "road_repairs"):
        written, other = layer(name), gpd.read_file(folder / f"{name}.geojson")
        assert written.columns.tolist() == other.columns.tolist(), name
        pd.testing.assert_frame_equal(
            pd.DataFrame(written.drop(columns="geometry")), pd.DataFrame(other.drop(columns="geometry")),
            check_dtype=False, atol=1e-6,
        )  # fmt: skip
        assert written.geometry.isna().tolist() == other.geometry.isna().tolist()
        apart = shapely.hausdorff_distance(written.geometry.dropna(), other.geometry.dropna())
        assert (apart < 1e-7).all(), name
    homes, table = layer("residents"), pd.read_parquet(folder / "residents.parquet")
    cost = next(name for name in table if name.startswith("clinic_travel_"))
    reached = np.isfinite(table[cost])
    assert homes[cost].notna().tolist() == reached.tolist()
    np.testing.assert_allclose(homes.loc[reached, cost], table.loc[reached, cost])
    assert homes["clinic_status"].tolist() == table["clinic_status"].astype(str).tolist()
    assert homes["people_all"].sum() == 1615
    assert homes.geometry.isna().tolist() == [False] * 48 + [True]
    roads = layer("roads")
    assert roads["length_m"].tolist() == [2100, 1600]
    assert roads["class"].tolist() == ["primary", "footway"]
    assert roads["class_rank"].tolist() == ["major", "minor"]
    assert shapely.get_num_coordinates(roads.geometry).tolist() == [3, 2]


def test_water_barriers_and_places_are_those_of_the_region(folder: Path) -> None:
    region = town_analysis().region
    barriers, places = region.barriers, region.settlements.frame
    water, lines, named = (gpd.read_file(folder / "layers.gpkg", layer=name) for name in ("water", "barriers", "places"))
    assert shapely.union_all(water.geometry).equals(shapely.union_all(barriers.water))
    assert set(lines["kind"]) <= {"water", "railway", "motorway"}
    vertices = shapely.get_coordinates(lines.geometry)
    np.testing.assert_allclose(vertices, np.column_stack([barriers.lon, barriers.lat]), atol=1e-9)
    assert [("water", "railway", "motorway")[kind] for kind in barriers.kind] == lines["kind"].tolist()
    assert lines["one_sided"].astype(bool).tolist() == barriers.one_sided.tolist()
    assert sorted(named["name"]) == sorted(places["name"])
    where = {row.name_: (row.geometry.x, row.geometry.y) for row in places.rename(columns={"name": "name_"}).itertuples()}
    for row in named.rename(columns={"name": "name_"}).itertuples():
        assert (row.geometry.x, row.geometry.y) == pytest.approx(where[row.name_])


def test_a_region_without_water_or_places_has_no_such_layers(tmp_path: Path) -> None:
    analysis = town_analysis()
    none = np.zeros(0)
    bare = replace(
        analysis.region.barriers, lon=none, lat=none, line_offset=np.zeros(1, np.int64), kind=np.zeros(0, np.int8),
        one_sided=np.zeros(0, bool), water=np.empty(0, dtype=object),
    )  # fmt: skip
    write_outputs(replace(analysis, region=replace(analysis.region, barriers=bare, settlements=None)), tmp_path)
    found = pyogrio.list_layers(tmp_path / "layers.gpkg")[:, 0].tolist()
    assert [name for name in LAYERS if name in found] == [name for name in LAYERS if name not in ("water", "barriers", "places")]


def test_columns_have_chinese_aliases_and_a_description(folder: Path, database: sqlite3.Connection) -> None:
    said = rows(database, "SELECT table_name, column_name, name, description FROM gpkg_data_columns")
    fields = json.loads((folder / "fields.json").read_text("utf-8"))["files"]["layers.gpkg"]
    for layer in [*LAYERS, "road_repairs"]:
        columns = pyogrio.read_info(folder / "layers.gpkg", layer=layer)["fields"].tolist()
        own = [row[1:] for row in said if row[0] == layer]
        assert [row[0] for row in own] == columns
        assert all(re.search(r"[一-鿿]", row[1]) and len(row[1]) < 40 for row in own)
        assert [field["name"] for field in fields if field["layer"] == layer] == columns
    assert all(field["en"] and field["zh"] and field["type"] for field in fields)
    used = rows(database, "SELECT table_name FROM gpkg_extensions WHERE extension_name = 'gpkg_schema'")
    assert {row[0] for row in used} == {"gpkg_data_columns", "gpkg_data_column_constraints"}


def values_and_ranges(root: Xml.Element) -> tuple[str, list[str], list[tuple[float, float]]]:
    renderer = root.find("renderer-v2")
    assert renderer is not None
    categories = [node.get("value", "") for node in renderer.iter("category")]
    ranges = [(float(node.get("lower", "")), float(node.get("upper", ""))) for node in renderer.iter("range")]
    names = {node.get("name") for node in renderer.find("symbols")}  # type: ignore[union-attr]
    used = {node.get("symbol") for node in [*renderer.iter("category"), *renderer.iter("range")]}
    assert used == names
    return renderer.get("attr", ""), categories, ranges


def test_every_layer_has_a_style_that_fits_its_values(folder: Path, database: sqlite3.Connection) -> None:
    """The classes are told by a column that is there, and no value is left without one."""
    styles = rows(
        database, "SELECT f_table_name, f_geometry_column, styleQML, useAsDefault, update_time FROM layer_styles"
    )
    assert [row[0] for row in styles] == [*LAYERS, "road_repairs"]
    for layer, geometry, qml, default, time in styles:
        assert (geometry, default, time) == ("geom", 1, DATE)
        root = Xml.fromstring(qml)
        assert root.tag == "qgis"
        frame = gpd.read_file(folder / "layers.gpkg", layer=layer)
        column, categories, ranges = values_and_ranges(root)
        shown = frame[frame.geometry.notna() & frame[column].notna()][column]
        assert len(shown) > 0
        if ranges:
            assert [low for low, _ in ranges[1:]] == [high for _, high in ranges[:-1]]
            assert shown.between(ranges[0][0], ranges[-1][1]).all()
        else:
            assert set(shown.astype(str)) <= set(categories)
        order = root.find(".//orderByClause")
        assert order is None or (order.text or "").strip('"') in frame
        label = root.find(".//text-style")
        assert label is None or label.get("fieldName") in frame
        kind = {"0": "Point", "1": "LineString", "2": "Polygon"}[root.findtext("layerGeometryType", "")]
        assert all(kind in found for found in frame.geom_type.dropna().unique())
        fields = [node.get("field") for node in root.iter("alias")]
        assert fields == ["fid", *frame.columns.drop("geometry")]
        assert all(re.search(r"[一-鿿]", node.get("name", "")) for node in root.iter("alias"))


def luminance(colour: str) -> float:
    red, green, blue = (int(part) / 255 for part in colour.split(",")[:3])
    return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2


def test_steps_of_a_scale_grow_darker(database: sqlite3.Connection) -> None:
    """What is told apart by lightness is seen by every eye, and in grey print."""
    for layer in ("coverage", "gaps"):
        (qml,) = rows(database, f"SELECT styleQML FROM layer_styles WHERE f_table_name = '{layer}'")[0]
        fills = [node.get("value", "") for node in Xml.fromstring(qml).iter("Option") if node.get("name") == "color"]
        light = [luminance(colour) for colour in fills]
        assert len(light) == 5
        assert all(a - b > 0.03 for a, b in pairwise(light)), light


@pytest.mark.parametrize("crs", [None, "EPSG:4490", "EPSG:4549"])
def test_the_same_analysis_gives_the_same_bytes(crs: str | None, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_outputs(town_analysis(hostile="=1<>&\"'"), tmp_path / name, Manner(crs=crs))
    assert (tmp_path / "a" / "layers.gpkg").read_bytes() == (tmp_path / "b" / "layers.gpkg").read_bytes()


@pytest.mark.parametrize(
    ("crs", "epsg"), [("EPSG:4490", 4490), ("epsg:4549", 4549), ("CGCS2000", 4490), ("EPSG:32650", 32650)]
)
def test_another_system_moves_every_layer_there(crs: str, epsg: int, tmp_path: Path) -> None:
    """Held against geopandas' own change of systems; GeoJSON stays where RFC 7946 wants it."""
    write_outputs(town_analysis(), tmp_path, Manner(crs=crs))
    plain = tmp_path / "plain"
    plain.mkdir()
    write_outputs(town_analysis(), plain)
    for layer in LAYERS:
        moved, there = (gpd.read_file(path / "layers.gpkg", layer=layer) for path in (tmp_path, plain))
        assert moved.crs.to_epsg() == epsg
        wanted = there.to_crs(epsg)
        assert (moved.geometry.isna() | moved.geom_equals_exact(wanted.geometry, 1e-6)).all()
    assert (tmp_path / "gaps.geojson").read_bytes() == (plain / "gaps.geojson").read_bytes()
    record = json.loads((tmp_path / "provenance.json").read_text("utf-8"))
    assert record["geopackage"]["crs"] == f"EPSG:{epsg}"


def test_a_projection_by_hand_comes_back_to_the_degrees(tmp_path: Path) -> None:
    """Zone 50 of UTM, central meridian 117°: a point east of it lies beyond 500 km; the series by Krüger as EPSG has it."""
    write_outputs(town_analysis(), tmp_path, Manner(crs="EPSG:32650"))
    first = gpd.read_file(tmp_path / "layers.gpkg", layer="facilities").geometry.iloc[0]
    lon, lat = np.radians([WEST + STEP - 117.0, SOUTH + STEP])
    e2 = 0.00669437999014
    nu = 6378137 / np.sqrt(1 - e2 * np.sin(lat) ** 2)
    t, c, a = np.tan(lat) ** 2, e2 / (1 - e2) * np.cos(lat) ** 2, lon * np.cos(lat)
    east = 500_000 + 0.9996 * nu * (
        a + (1 - t + c) * a**3 / 6 + (5 - 18 * t + t**2 + 72 * c - 58 * e2 / (1 - e2)) * a**5 / 120
    )
    assert first.x == pytest.approx(east, abs=0.01)


REFUSED = {
    "": "no coordinate system", "EPSG:99999": "no coordinate system", "x" * 500: "no coordinate system", "gcj02": "deliberate shift", "BD-09": "deliberate shift",
    "EPSG:4979": "two-dimensional", "EPSG:4978": "two-dimensional", "EPSG:5703": "two-dimensional", 'LOCAL_CS["x"]': "two-dimensional",
    "EPSG:2193": "another place", "EPSG:32633": "another place", "+proj=gnom +lat_0=0 +lon_0=0": "read back",
    "EPSG:4610": "is not public", "EPSG:4214": "is not public",
}  # fmt: skip


@pytest.mark.parametrize("asked", sorted(REFUSED))
def test_a_system_that_is_unknown_or_unfit_is_refused_in_words(asked: str, tmp_path: Path) -> None:
    with pytest.raises(QueryError, match=REFUSED[asked]):
        write_outputs(town_analysis(), tmp_path, Manner(crs=asked))
    assert list(tmp_path.iterdir()) == []


def test_systems_across_the_meridian_are_told_by_their_own_side() -> None:
    """Fiji's grid reaches from 176.81° E to 178.15° W."""
    fiji = target_system("EPSG:3460")
    refuse_unfit(fiji, np.array([179.5, -179.5]), np.array([-17.0, -16.0]), "Taveuni")
    with pytest.raises(QueryError):
        refuse_unfit(fiji, np.array([0.5, 1.5]), np.array([-17.0, -16.0]), "elsewhere")


def test_hostile_text_comes_through_and_nothing_breaks(tmp_path: Path) -> None:
    """What no file can hold - zero bytes, halves of characters - is replaced; the style stays XML."""
    hostile = HOSTILE.replace("\ud800", "").replace("\x00", "").replace("\x1b", "")
    write_outputs(town_analysis(hostile=hostile, service=f"桑拿{hostile}"), tmp_path)
    facilities = gpd.read_file(tmp_path / "layers.gpkg", layer="facilities")
    assert facilities["name"].iloc[0] == f"中心小学{hostile}"
    with sqlite3.connect(tmp_path / "layers.gpkg") as opened:
        for (qml,) in opened.execute("SELECT styleQML FROM layer_styles"):
            Xml.fromstring(qml)
    opened.close()


def test_control_characters_and_halves_of_characters_are_replaced() -> None:
    from circle.export.geopackage import _text
    from circle.export.qgis_styles import Class, Style, Symbol, qml

    assert _text("a\0b\ud800") == "a\ufffdb?"
    made = qml(Style("marker", "a", [Class(HOSTILE, Symbol("#000000"), value=HOSTILE)]), {"a": HOSTILE})
    category = Xml.fromstring(made).find(".//category")
    assert category is not None
    assert "<img src=x" in category.get("label", "")
    assert not {"\x00", "\x1b"} & set(category.get("label", ""))


def test_a_layer_without_rows_has_the_columns_and_types_of_one_with_rows(tmp_path: Path) -> None:
    """As where nobody is unserved: the pipeline then makes a frame of columns without types."""
    analysis = town_analysis()
    none = gpd.GeoDataFrame({name: [] for name in COLUMNS}, geometry=[], crs="EPSG:4326")
    for name, made in (("some", analysis), ("none", replace(analysis, gaps=none))):
        (tmp_path / name).mkdir()
        write_outputs(made, tmp_path / name)
    some, empty = (pyogrio.read_info(tmp_path / name / "layers.gpkg", layer="gaps") for name in ("some", "none"))
    assert empty["features"] == 0
    kinds = [dict(zip(info["fields"].tolist(), info["dtypes"].tolist(), strict=True)) for info in (some, empty)]
    assert kinds[0] == kinds[1]
    assert len(load_workbook(tmp_path / "none" / "indicators.xlsx").worksheets[3]["A"]) == 2


def test_two_services_of_one_name_keep_aliases_of_their_own(tmp_path: Path) -> None:
    write_outputs(town_analysis(service="小学"), tmp_path)
    with sqlite3.connect(tmp_path / "layers.gpkg") as opened:
        names = [row[0] for row in opened.execute("SELECT name FROM gpkg_data_columns WHERE table_name = 'residents'")]
    opened.close()
    assert len(set(names)) == len(names)
    assert any("primary_school" in name for name in names)


@pytest.mark.skipif(sys.platform == "win32", reason="sizes of files are limited by POSIX")
@pytest.mark.parametrize("most", [1_000, 60_000, 150_000, 190_000])
def test_a_disk_that_is_full_is_an_error_of_the_system(most: int, tmp_path: Path) -> None:
    """Wherever the file ends: while GDAL writes, or while SQLite finishes. In a process of its own, whose files are limited."""
    code = f"""
import resource, signal
from pathlib import Path
from circle.export.geopackage import write_geopackage
from circle.export.gis_layers import gis_layers
from circle.export.target import target_system
from tests.export.town import town_analysis
layers = list(gis_layers(town_analysis()))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, -1))
try:
    write_geopackage(Path({str(tmp_path / "a.gpkg")!r}), layers, target_system(None))
except OSError:
    print("OSError")
"""
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2]
    )
    assert said.stdout.strip() == "OSError", said.stderr
