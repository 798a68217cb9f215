"""What the user says that the population counts stands wherever people are named; where nothing was said, nowhere."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from openpyxl import load_workbook

import circle
from circle.export import answer, map_html, write_outputs
from circle.export.map_data import map_data
from circle.model import POPULATION_KINDS, Analysis
from tests.export.town import town_analysis

WORDS = {
    ("resident", "en"): "usual residents",
    ("resident", "zh"): "常住人口",
    ("registered", "en"): "registered population",
    ("registered", "zh"): "户籍人口",
}


def town(kind: str | None) -> Analysis:
    analysis = town_analysis()
    return replace(analysis, region=replace(analysis.region, population_kind=kind))


@pytest.mark.parametrize(("kind", "lang"), WORDS)
def test_sentence_and_map_say_which_people(kind: str, lang: str) -> None:
    analysis, word = town(kind), WORDS[kind, lang]
    assert word in answer(analysis, lang)
    said = map_data(analysis, lang)[0]["said"][lang]
    assert word in said["title"]
    assert word in said["sentence"]
    assert word in said["kind"]
    lines = [lines[0] for service in said["services"] for _, lines in service["gaps"]]
    assert lines
    assert all(word in line for line in lines)
    page = map_html(analysis, lang=lang)
    assert word in page.split("<title>")[1].split("</title>")[0]
    assert "kind: said().kind" in page


def test_every_file_that_counts_people_says_which(tmp_path: Path) -> None:
    write_outputs(town("registered"), tmp_path)
    for name in ("coverage", "gaps", "isochrones", "facilities"):
        assert set(gpd.read_file(tmp_path / f"{name}.geojson")["population_kind"]) == {"registered"}, name
    assert set(pd.read_csv(tmp_path / "indicators.csv", encoding="utf-8-sig")["population_kind"]) == {"registered"}
    assert set(pq.read_table(tmp_path / "residents.parquet")["population_kind"].to_pylist()) == {"registered"}
    fields = json.loads((tmp_path / "fields.json").read_text(encoding="utf-8"))
    assert fields["population_kind"] == {"value": "registered", "en": "registered population", "zh": "户籍人口"}
    for file, columns in fields["files"].items():
        if file == "layers.gpkg":
            columns = [column for column in columns if column["layer"] == "residents"]
        own = file not in ("problems.xlsx", "indicators.xlsx")  # the workbook says it among what was asked
        assert ([column["name"] for column in columns][-1] == "population_kind") == own, file
    asked = load_workbook(tmp_path / "indicators.xlsx").worksheets[-1]
    rows = set(asked.iter_rows(values_only=True))
    assert ("人口口径", "What people are counted", "户籍人口", "registered population") in rows
    assert json.loads((tmp_path / "provenance.json").read_text(encoding="utf-8"))["population_kind"] == "registered"


def test_where_nothing_was_said_nothing_is_claimed(tmp_path: Path) -> None:
    analysis = town(None)
    write_outputs(analysis, tmp_path)
    written = {path.name: path.read_bytes().decode("utf-8", "replace") for path in tmp_path.iterdir()}
    assert json.loads(written.pop("provenance.json"))["population_kind"] is None
    claims = ["population_kind", *WORDS.values()]
    assert {name: [c for c in claims if c in text] for name, text in written.items()} == {name: [] for name in written}
    for lang in ("en", "zh"):
        assert not any(word in answer(analysis, lang) for word in WORDS.values())
    assert set(POPULATION_KINDS) == {kind for kind, _ in WORDS}


def test_regions_made_of_frames_take_it_too() -> None:
    def frame(shape: shapely.Geometry, **columns: object) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame({name: [value] for name, value in columns.items()}, geometry=[shape], crs=4326)

    layers = {
        "roads": frame(shapely.LineString([(119, 29), (119.01, 29)]), highway="residential"),
        "facilities": frame(shapely.Point(119, 29), service="clinic"),
        "population": frame(shapely.Point(119.005, 29.0005), people=80),
    }
    result = circle.analyze(circle.Region.from_frames(**layers, population_kind="registered"))
    assert "80 people (registered population)" in answer(result.analysis, "en")
    with pytest.raises(circle.InputError, match="resident, registered"):
        circle.Region.from_frames(**layers, population_kind="everybody")  # type: ignore[arg-type]
