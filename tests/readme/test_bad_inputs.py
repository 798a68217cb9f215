"""Bad input, through the command line: each in its own clear words, in both languages, and nothing half-written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from circle.errors import ExitCode
from tests.cli.conftest import Circle, circle
from tests.readme.bad import CASES, Bad, schools_on_a_piece_of_their_own
from tests.readme.region import LAT, LON, SCHOOLS, edit, write_region, write_workbook

pytestmark = pytest.mark.slow

__all__ = ["circle"]  # the fixture that runs a command in this process

HAN = re.compile("[一-鿿]")
RESULT = {
    "coverage.geojson",
    "facilities.geojson",
    "fields.json",
    "gap_map.html",
    "gaps.geojson",
    "indicators.csv",
    "indicators.xlsx",
    "layers.gpkg",
    "problems.xlsx",
    "isochrones.geojson",
    "provenance.json",
    "residents.parquet",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound region in a folder whose name has a space and Chinese."""
    return write_region(tmp_path / "我的 数据")


def listing(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def said_about(circle: Circle, folder: Path, lang: str) -> list[str]:
    """The messages of ``circle check`` with their severity and file, notes left out."""
    said = circle("check", folder, "--json", "--lang", lang)
    assert said.err == ""
    problems = json.loads(said.out)["problems"]
    return [
        f"{p['severity']}: {p['file']}: {p['row'] or ''}: {p['message']}" for p in problems if p["severity"] != "note"
    ]


def test_the_sound_region_has_no_problem(circle, folder):
    """Or no case below would show anything."""
    assert said_about(circle, folder, "en") == []
    assert circle("check", folder).code == ExitCode.OK


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_check_says_what_was_found_where_and_what_to_do(circle, folder, case: Bad):
    case.spoil(folder)
    for lang, words in (("en", case.en), ("zh", case.zh)):
        said = circle("check", folder, "--lang", lang)
        severity = {"en": ("warning: ", "error: "), "zh": ("警告: ", "错误: ")}[lang][case.stops]
        lines = [line for line in said.out.splitlines() if line.startswith(severity)]
        assert any(all(word in line for word in words) for line in lines), said.out
        assert all(HAN.search(line.split(": ", 2)[-1]) for line in lines if lang == "zh")
        assert said.code == (ExitCode.INPUT if case.stops else ExitCode.OK)
        assert "Traceback" not in said.out + said.err


@pytest.mark.parametrize("case", [case for case in CASES if case.stops], ids=lambda case: case.name)
def test_a_run_stops_at_an_error_and_leaves_nothing(circle, folder, case: Bad):
    case.spoil(folder)
    before = listing(folder)
    said = circle("run", folder, "--out", folder / "new" / "out", "-q")
    assert said.code == ExitCode.INPUT
    assert said.out == ""
    assert all(word in said.err for word in case.en)
    assert "Traceback" not in said.err
    assert listing(folder) == before


@pytest.mark.parametrize("case", [case for case in CASES if not case.stops], ids=lambda case: case.name)
def test_a_run_goes_on_after_a_warning_and_says_it(circle, folder, case: Bad):
    case.spoil(folder)
    said = circle("run", folder, "--out", folder / "out", "-q")
    assert said.code == ExitCode.OK
    assert all(word in said.err for word in case.en)
    assert set(listing(folder / "out")) == RESULT


def test_all_problems_of_all_files_are_told_at_once(circle, folder):
    """One fault in each of the five inputs; one of them only a warning."""
    (folder / "roads.osm.pbf").write_bytes(b"no extract")
    (folder / "people.tif").unlink()
    (folder / "districts.geojson").write_text('{"type": "Feature', encoding="utf-8")
    write_workbook(folder / "schools.xlsx", [["名称", "x坐标", "北"], ["甲", LON, LAT]])
    with (folder / "region.toml").open("a", encoding="utf-8") as file:
        file.write('[elevation]\npath = "dem.tif"\n')
    said = circle("run", folder, "--out", folder / "out", "-q")
    assert said.code == ExitCode.INPUT
    named = {line.split(": ")[1] for line in said.err.splitlines() if line.startswith("error: ")}
    assert named == {"roads.osm.pbf", "people.tif", "districts.geojson", "schools.xlsx", "dem.tif"}
    assert not (folder / "out").exists()


def test_swapped_coordinates_that_are_both_below_ninety_are_named_too(circle, tmp_path):
    """Moroni: 43.3 E, 11.7 S; a swapped list lies in Somalia, which no rule but the roads can tell."""
    folder = write_region(tmp_path / "Moroni", west=43.3, south=-11.7)
    rows = [["École", -11.7, 43.3, 10], ["Lycée", -11.695, 43.305, 10]]
    write_workbook(folder / "schools.xlsx", [SCHOOLS[0], *rows])
    (problem,) = said_about(circle, folder, "en")
    assert problem.startswith("error: schools.xlsx")
    assert "with longitude and latitude swapped they lie inside" in problem


def test_a_service_without_facilities_leaves_everybody_without_one(circle, folder):
    """400 people, nobody covered, each with the reason `no_facility`; the other service is measured as ever."""
    edit(folder / "region.toml", "[population]", "[analysis]\nservices = ['primary_school', 'hospital']\n[population]")
    circle("run", folder, "--out", folder / "out", "-q")
    people = pd.read_parquet(folder / "out" / "residents.parquet")
    assert set(people["hospital_status"]) == {"no_facility"}
    assert people["people_all"].sum() == pytest.approx(400, abs=1e-9)
    table = pd.read_csv(folder / "out" / "indicators.csv")
    assert (table.loc[table["service"] == "hospital", "covered"] == 0).all()
    assert table.loc[table["service"] == "primary_school", "covered"].max() > 0


def test_a_network_that_no_facility_touches_leaves_everybody_without_a_route(circle, folder):
    """Both schools stand on a lane of their own, 1.2 km from the nearest street: too far for a direct leg."""
    schools_on_a_piece_of_their_own(folder)
    said = circle("run", folder, "--out", folder / "out")
    assert said.code == ExitCode.OK
    assert "400 people without Primary school" in said.out
    people = pd.read_parquet(folder / "out" / "residents.parquet")
    assert set(people["primary_school_status"]) == {"no_route"}
    gaps = gpd.read_file(folder / "out" / "gaps.geojson")
    assert gaps["people"].sum() == pytest.approx(400, abs=1e-6)
    assert set(gaps["reason"]) == {"no_route"}


def test_the_folder_of_the_data_is_never_replaced(circle, folder):
    before = listing(folder)
    said = circle("run", folder, "--out", folder, "--force", "-q")
    assert said.code == ExitCode.OUTPUT
    assert "5 things that circle did not write" in said.err
    assert listing(folder) == before


def test_an_output_that_cannot_be_written_is_told_before_any_work(circle, folder):
    """A folder below a file cannot be made by anybody, not even by root."""
    before = listing(folder)
    said = circle("run", folder, "--out", folder / "schools.xlsx" / "out", "-q", "--lang", "zh")
    assert said.code == ExitCode.OUTPUT
    assert said.err.startswith("错误: ")
    assert "无法写入" in said.err
    assert listing(folder) == before


def test_an_interruption_while_files_are_written_leaves_nothing(circle, folder, monkeypatch):
    def interrupted(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    before = listing(folder)
    monkeypatch.setattr("circle.export.folder.map_html", interrupted)
    said = circle("run", folder, "--out", folder / "out", "-q")
    assert said.code == ExitCode.INTERRUPTED
    assert said.err.strip() == "Stopped. Nothing was left behind."
    assert listing(folder) == before
