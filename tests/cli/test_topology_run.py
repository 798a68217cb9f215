"""Roads drawn without topology, from the file to the written folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from circle import InputError, Region
from circle.errors import ExitCode, render
from circle.load.manifest import manifest_schema
from tests.cli.conftest import LAT, LON, STEP, write_town

STREETS = [[(0, k), (3, k)] for k in range(4)] + [[(k, 0), (k, 3)] for k in range(4)]


def undrawn(town: Path, setting: str = "", **columns: list[object]) -> Path:
    """The town with each street as one line of two points; the outer four meet at corners, the others anywhere."""
    lines = [shapely.LineString([(LON + a * STEP, LAT + b * STEP) for a, b in street]) for street in STREETS]
    layer = gpd.GeoDataFrame({"highway": ["residential"] * 8, **columns}, geometry=lines, crs=4326)
    layer.to_file(town / "roads.gpkg", layer="roads")
    region = town / "region.toml"
    text = region.read_text(encoding="utf-8")
    region.write_text(text.replace("[roads]\n", f"[roads]\n{setting}"), encoding="utf-8")
    return town


def test_streets_without_topology_give_the_answer_of_streets_with_it(circle, tmp_path):
    """The same people; times to 0.1 s, for a crossing is rounded to a centimetre. 12 places beside the shared corners."""
    properly, messy = write_town(tmp_path / "a"), undrawn(write_town(tmp_path / "b"))
    for town in (properly, messy):
        assert circle("run", town, "--out", town / "out").code == ExitCode.OK
    one, two = (pd.read_csv(town / "out/indicators.csv") for town in (properly, messy))
    pd.testing.assert_frame_equal(one, two, check_exact=False, rtol=0, atol=0.1)
    people = [name for name in one.columns if not name.endswith("_s")]
    pd.testing.assert_frame_equal(one[people], two[people], check_exact=True)
    assert not (properly / "out/road_repairs.geojson").exists()
    repairs = gpd.read_file(messy / "out/road_repairs.geojson")
    assert repairs["kind"].value_counts().to_dict() == {"end_to_line": 8, "crossing": 4}
    assert repairs["joined"].all()
    middle = repairs[repairs["kind"] == "crossing"].geometry
    found = sorted((round((p.x - LON) / STEP, 3), round((p.y - LAT) / STEP, 3)) for p in middle)
    assert found == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_what_was_decided_stands_in_the_folder(circle, tmp_path):
    town = undrawn(write_town(tmp_path / "b"))
    said = circle("run", town, "--out", town / "out")
    assert "meet in 12 places without a shared vertex" in said.err
    assert "road_repairs.geojson" in said.err
    kept = json.loads((town / "out/provenance.json").read_text("utf-8"))["network"]["topology"]
    assert kept["asked"] == "auto"
    assert kept["decided"] == "repair"
    assert kept["snap_m"] == 3.0
    assert kept["places"]["crossing"] == 4
    fields = json.loads((town / "out/fields.json").read_text("utf-8"))["files"]["road_repairs.geojson"]
    assert [field["name"] for field in fields] == ["kind", "joined", "distance_m", "way_id"]
    assert all(field["en"] and field["zh"] for field in fields)
    assert circle("verify", town / "out").code == ExitCode.OK


def test_as_drawn_is_obeyed(circle, tmp_path):
    """Nobody can turn where streets only cross: from the school one gets nowhere but along two streets."""
    town = undrawn(write_town(tmp_path / "b"), 'topology = "as-drawn"\n')
    assert circle("run", town, "--out", town / "out").code == ExitCode.OK
    assert not (town / "out/road_repairs.geojson").exists()
    assert json.loads((town / "out/provenance.json").read_text("utf-8"))["network"]["topology"] is None


def test_a_bridge_keeps_streets_apart(circle, tmp_path):
    """The street k = 1 from west to east is a bridge: its ends come down, the two streets below pass under it."""
    town = undrawn(write_town(tmp_path / "b"), 'topology = "repair"\n', 桥梁=["否", "是", *["否"] * 6])
    assert circle("run", town, "--out", town / "out").code == ExitCode.OK
    repairs = pd.DataFrame(gpd.read_file(town / "out/road_repairs.geojson"))
    assert repairs.groupby("kind")["joined"].agg(["size", "all"]).to_dict("index") == {
        "crossing": {"size": 2, "all": True},
        "end_to_line": {"size": 8, "all": True},
        "left_apart": {"size": 2, "all": False},
    }


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ('topology = "fix"\n', "auto, repair, as-drawn"),
        ("snap_m = 0\n", "> 0"),
        ("snap_m = 26\n", "≤ 25"),
        ('snap_m = "3 m"\n', "number"),
        ('topology = "as-drawn"\nsnap_m = 2\n', "snap_m would have no effect"),
        ("snap = 2\n", "snap_m"),
    ],
)
def test_settings_that_cannot_be_are_refused_with_what_can(circle, tmp_path, setting, told):
    town = undrawn(write_town(tmp_path / "b"), setting)
    said = circle("run", town, "--out", town / "out")
    assert said.code == ExitCode.INPUT
    assert told in said.err + said.out


def test_the_schema_describes_both_settings():
    roads = manifest_schema()["$defs"]["RoadsSection"]["properties"]
    assert "shared vertex" in roads["topology"]["description"]
    assert roads["topology"]["anyOf"][0]["enum"] == ["auto", "repair", "as-drawn"]
    assert roads["snap_m"]["anyOf"][0] == {"exclusiveMinimum": 0, "maximum": 25, "type": "number"}
    assert "metres" in roads["snap_m"]["description"]


def frames(town: Path) -> dict[str, gpd.GeoDataFrame]:
    schools = gpd.GeoDataFrame({"service": ["clinic"]}, geometry=[shapely.Point(LON, LAT)], crs=4326)
    return {
        "roads": gpd.read_file(town / "roads.gpkg"),
        "facilities": schools,
        "population": gpd.read_file(town / "people.gpkg"),
    }


@pytest.mark.parametrize(
    ("options", "joined"), [({}, 12), ({"topology": "repair", "snap_m": 1}, 12), ({"topology": "as-drawn"}, 0)]
)
def test_frames_take_the_same_settings(tmp_path, options, joined):
    region = Region.from_frames(**frames(undrawn(write_town(tmp_path / "b"))), **options)
    assert region.road_repairs()["joined"].sum() == joined
    said = [render(problem, lang) for problem in region.problems for lang in ("en", "zh")]
    assert any("Region.road_repairs()" in sentence for sentence in said) == bool(joined)
    assert not any("[roads]" in sentence or "geojson" in sentence for sentence in said)


@pytest.mark.parametrize(
    "options",
    [{"topology": "mend"}, {"snap_m": 0}, {"snap_m": "wide"}, {"snap_m": 26}, {"topology": "as-drawn", "snap_m": 2}],
)
def test_settings_for_frames_that_cannot_be_are_refused(tmp_path, options):
    with pytest.raises(InputError, match=r"topology is|snap_m: a number is needed") as caught:
        Region.from_frames(**frames(undrawn(write_town(tmp_path / "b"))), **options)
    code = "api.number_needed" if options.get("snap_m") == "wide" else "frames.topology_unknown"
    assert [problem.code for problem in caught.value.problems] == [code]


def test_people_may_lie_in_a_shapefile_in_an_archive(circle, tmp_path):
    """An archive is not for rasters only."""
    town = write_town(tmp_path / "a")
    (town / "shp").mkdir()
    gpd.read_file(town / "people.gpkg").to_file(town / "shp/people.shp")
    shutil.make_archive(str(town / "people"), "zip", town / "shp")
    region = town / "region.toml"
    region.write_text(region.read_text("utf-8").replace("people.gpkg", "people.zip"), encoding="utf-8")
    said = circle("check", town)
    assert said.code == ExitCode.OK
    assert "Residents: 160 at 16 places" in said.out
