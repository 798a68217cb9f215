"""The folder of results: complete, described, adding up, and the same bytes every time."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from circle.export import Manner, write_outputs
from circle.export.fields import describe
from circle.model import Analysis
from tests.export.town import town_analysis

FILES = {
    "coverage.geojson",
    "gaps.geojson",
    "isochrones.geojson",
    "facilities.geojson",
    "residents.parquet",
    "indicators.csv",
    "indicators.xlsx",
    "layers.gpkg",
    "problems.xlsx",
    "gap_map.html",
    "fields.json",
    "provenance.json",
}
HOSTILE = "\"'><img src=x onerror=alert(1)></script>`${1}{{7*7}}{0}\u2028=1"


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return town_analysis()


@pytest.fixture(scope="module")
def folder(analysis: Analysis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("结果 out")
    write_outputs(analysis, made)
    return made


def _json(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)


def test_every_file_is_written_and_listed(analysis: Analysis, folder: Path, tmp_path: Path) -> None:
    assert {path.name for path in folder.iterdir()} == FILES
    listed = write_outputs(analysis, tmp_path)
    assert {path.name for path in listed} == FILES
    assert listed[-1].name == "provenance.json"


@pytest.mark.parametrize("metric", ["time", "distance"])
@pytest.mark.parametrize("hostile", ["", HOSTILE])
def test_the_same_analysis_gives_the_same_bytes(metric: str, hostile: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_outputs(town_analysis(metric=metric, hostile=hostile), tmp_path / name, Manner("zh"))
    for name in FILES - {"provenance.json"}:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


@pytest.mark.parametrize("districts", [True, False])
@pytest.mark.parametrize("metric", ["time", "distance"])
def test_every_written_column_is_described_in_both_languages(metric: str, districts: bool, tmp_path: Path) -> None:
    write_outputs(town_analysis(metric=metric, districts=districts), tmp_path)
    fields = _json(tmp_path / "fields.json")["files"]
    written = {path.name: gpd.read_file(path).columns.drop("geometry") for path in tmp_path.glob("*.geojson")}
    written["residents.parquet"] = pq.read_schema(tmp_path / "residents.parquet").names
    written["indicators.csv"] = pd.read_csv(tmp_path / "indicators.csv", encoding="utf-8-sig").columns
    written["problems.xlsx"] = pd.read_excel(tmp_path / "problems.xlsx", engine="calamine").columns
    assert set(fields) == {*written, "indicators.xlsx", "layers.gpkg"}  # these have tests of their own
    for name, columns in written.items():
        assert [field["name"] for field in fields[name]] == list(columns)
        assert all(field["en"] and field["zh"] and field["type"] for field in fields[name])


def test_a_column_that_nobody_described_is_refused(analysis: Analysis) -> None:
    with pytest.raises(KeyError, match="mystery"):
        describe({"gaps.geojson": ["gap_id", "mystery"]}, analysis)


def test_people_add_up_in_every_file(analysis: Analysis, folder: Path) -> None:
    """1,615 people: 10 … 57 in the grid and 7 of unknown location."""
    coverage = gpd.read_file(folder / "coverage.geojson")
    assert coverage["people"].sum() == pytest.approx(1615)
    for service in ("primary_school", "clinic", "all_services"):
        parts = [f"{service}_covered_15min", f"{service}_uncovered_15min", f"{service}_unknown"]
        np.testing.assert_allclose(coverage[parts].sum(axis=1), coverage["people"])
    assert coverage["scope"].tolist() == ["district", "district", "outside", "unlocated"]
    residents = pd.read_parquet(folder / "residents.parquet")
    assert residents["people_all"].sum() == 1615
    facilities = gpd.read_file(folder / "facilities.geojson")
    covered = residents.loc[residents["clinic_travel_time_s"] <= 900, "people_all"].sum()
    assert facilities.loc[facilities["service"] == "clinic", "people_15min"].sum() == pytest.approx(covered)


def test_infinite_unknown_and_missing_stay_apart_in_the_parquet_file(folder: Path) -> None:
    table = pq.read_table(folder / "residents.parquet")
    cost = table["clinic_travel_time_s"]
    assert cost.null_count == 0
    values = cost.to_numpy()
    assert np.isnan(values).tolist() == [False] * 48 + [True]
    assert np.isinf(values).sum() == 6
    assert table["district_id"].null_count == 2
    assert set(table["district_id"].to_pylist()) == {"0331", "0332", None}
    status = table["clinic_status"].to_pylist()
    assert status[-1] == "unknown"
    assert set(np.array(status)[np.isinf(values)]) == {"no_route"}


def test_residents_are_geoparquet(analysis: Analysis, folder: Path) -> None:
    """Read by geopandas, and held against the standard's own list of what the metadata must say."""
    path = folder / "residents.parquet"
    homes = gpd.read_parquet(path)
    assert homes.crs.to_epsg() == 4326
    known = homes.geometry.notna()
    assert known.tolist() == [True] * 48 + [False]
    assert homes.geometry[known].x.tolist() == analysis.residents.lon[:48].tolist()
    assert homes.geometry[known].y.tolist() == homes.loc[known, "lat"].tolist()
    about = json.loads(pq.read_schema(path).metadata[b"geo"])
    assert about["version"] == "1.0.0"
    assert about["primary_column"] == "geometry"
    column = about["columns"]["geometry"]
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["Point"])
    np.testing.assert_allclose(column["bbox"], homes.total_bounds)


def test_geojson_layers_open_with_valid_shapes_in_wgs84(folder: Path) -> None:
    for path in folder.glob("*.geojson"):
        frame = gpd.read_file(path)
        assert frame.crs.to_epsg() == 4326
        assert frame.geometry.dropna().is_valid.all(), path.name
    gaps = gpd.read_file(folder / "gaps.geojson")
    assert gaps["rank"].tolist()[:2] == [1, 2]
    assert '"rank":1,' in (folder / "gaps.geojson").read_text(encoding="utf-8")
    assert gaps["site_travel_time_s"].isna().tolist() == [False, True, True]
    features = _json(folder / "gaps.geojson")["features"]
    assert [feature["properties"]["site_reaches_facility"] for feature in features] == [True, False, None]
    isochrones = gpd.read_file(folder / "isochrones.geojson")
    assert isochrones["limit_s"].tolist()[:3] == [300, 600, 900]
    assert (isochrones["share_wrong"] == 0.001).all()


def test_the_table_for_spreadsheets_holds_every_indicator(analysis: Analysis, folder: Path) -> None:
    text = (folder / "indicators.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == len(analysis.indicators)
    assert rows[0]["district_id"] == ""
    assert {row["district_id"] for row in rows} == {"", "0331", "0332"}
    assert "unreached" in {row["p90_travel_time_s"] for row in rows}
    assert "inf" not in text
    assert "nan" not in text


def test_provenance_tells_what_went_in_and_what_came_out(folder: Path) -> None:
    record = _json(folder / "provenance.json")
    assert set(record["outputs"]) == FILES - {"provenance.json"}
    for name, digest in record["outputs"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert record["inputs"] == [
        {"path": "roads.osm.pbf", "sha256": "0" * 64, "layer": "roads", "crs": "EPSG:4326", "notes": []}
    ]
    assert record["question"]["standard"]["rows"][0]["confidence"] == "secondary"
    assert record["question"]["walking_speed_kmh"] == 4.0
    assert record["question"]["limits"][-1] == {"label": "15min", "value": 900.0}
    assert record["network"]["length_m"] == 2100 + 1600
    assert record["counts"]["people"] == {"all": 1615.0, "children": 403.0}
    assert record["problems"][0]["code"] == "file.missing"
    assert record["problems"][0]["text"].startswith("x.csv · row 3: ")
    assert record["audit"]["long_legs"][0]["leg_m"] is None
    assert record["seconds"] == {"network": 0.5}


def test_without_districts_the_region_is_one_feature(tmp_path: Path) -> None:
    write_outputs(town_analysis(districts=False), tmp_path)
    (feature,) = _json(tmp_path / "coverage.geojson")["features"]
    assert feature["properties"]["scope"] == "region"
    assert feature["properties"]["people"] == 1615
    assert feature["geometry"]["type"] == "Polygon"


def test_hostile_names_come_through_every_file_unchanged(tmp_path: Path) -> None:
    write_outputs(town_analysis(hostile=HOSTILE), tmp_path)
    facilities = _json(tmp_path / "facilities.geojson")["features"]
    assert facilities[0]["properties"]["facility_id"] == f"007{HOSTILE}"
    assert _json(tmp_path / "provenance.json")["region"]["name"] == f"青溪{HOSTILE}"
    residents = pd.read_parquet(tmp_path / "residents.parquet")
    assert f"0331{HOSTILE}" in set(residents["district_id"].dropna())
    text = (tmp_path / "indicators.csv").read_bytes().decode("utf-8-sig")
    assert f"竹坞乡{HOSTILE}" in {row["district_name"] for row in csv.DictReader(io.StringIO(text, newline=""))}


def test_a_service_that_no_table_knows_is_written_under_its_own_name(tmp_path: Path) -> None:
    name = "桑拿 {x} <b>"
    write_outputs(town_analysis(service=name), tmp_path)
    assert f"{name}_travel_time_s" in pq.read_schema(tmp_path / "residents.parquet").names
