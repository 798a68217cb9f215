"""``fields.json`` against the files themselves: every column of every table, its unit, its type, in both languages."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from circle.export import write_outputs
from tests.export.test_geopackage import with_repairs
from tests.export.town import town_analysis

NO_TABLES = {"fields.json", "provenance.json"}
Columns = list[tuple[str, str]]
"""Sheet or layer, and name."""


def geojson_columns(path: Path) -> Columns:
    features = json.loads(path.read_text("utf-8"))["features"]
    names = [list(feature["properties"]) for feature in features]
    assert all(own == names[0] for own in names)
    return [("", name) for name in names[0]]


def workbook_columns(path: Path) -> Columns:
    """Below a row of Chinese headers stands that of English ones; of the list of problems it is the first row."""
    book = load_workbook(path)
    if path.name == "problems.xlsx":
        return [("", cell.value) for cell in book.worksheets[0][1]]
    rows = {sheet.title: 5 if sheet is book.worksheets[0] else 2 for sheet in book}
    return [(sheet.title, cell.value) for sheet in book for cell in sheet[rows[sheet.title]]]


def geopackage_columns(path: Path) -> Columns:
    with closing(sqlite3.connect(path)) as opened:
        tables = [row[0] for row in opened.execute("SELECT table_name FROM gpkg_contents WHERE data_type = 'features'")]
        named = [(table, row[1]) for table in tables for row in opened.execute(f"PRAGMA table_info({table})")]
    return [(table, name) for table, name in named if name not in ("fid", "geom")]


def csv_columns(path: Path) -> Columns:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [("", name) for name in next(csv.reader(file))]


READERS = {
    ".geojson": geojson_columns, ".xlsx": workbook_columns, ".gpkg": geopackage_columns, ".csv": csv_columns,
    ".parquet": lambda path: [("", name) for name in pq.read_schema(path).names],
}  # fmt: skip


@pytest.fixture(scope="module", params=["time", "distance"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("out")
    analysis = with_repairs(town_analysis(metric=request.param, service="桑拿 {x} <b>"))
    analysis = replace(analysis, region=replace(analysis.region, population_kind="registered"))
    write_outputs(analysis, made)
    return made


@pytest.fixture(scope="module")
def fields(folder: Path) -> dict[str, list[dict[str, Any]]]:
    files: dict[str, list[dict[str, Any]]] = json.loads((folder / "fields.json").read_text("utf-8"))["files"]
    return files


def test_every_column_of_every_table_is_told_in_its_order(
    folder: Path, fields: dict[str, list[dict[str, Any]]]
) -> None:
    tables = {path.name: READERS[path.suffix](path) for path in folder.iterdir() if path.suffix in READERS}
    assert len(tables) == 10
    assert {path.name for path in folder.iterdir()} == {*tables, *NO_TABLES, "gap_map.html"}
    assert set(fields) == set(tables)
    for name, columns in tables.items():
        told = [(field.get("sheet", field.get("layer", "")), field["name"]) for field in fields[name]]
        assert told == columns, name


def test_each_says_what_it_is_in_both_languages(fields: dict[str, list[dict[str, Any]]]) -> None:
    for name, columns in fields.items():
        for field in columns:
            assert {"type", "unit", "en", "zh"} <= set(field), (name, field)
            assert re.search(r"[一-鿿]", field["zh"]), (name, field)
            assert not re.search(r"[一-鿿]", field["en"].replace("桑拿 {x} <b>", "")), (name, field)
            assert not re.search(
                r"\{[a-z]+\}", (field["en"] + field["zh"] + field["unit"]).replace("桑拿 {x} <b>", "")
            ), field


def test_units_are_those_that_the_names_say(folder: Path, fields: dict[str, list[dict[str, Any]]]) -> None:
    """Our names carry their units (``_s``, ``_m``), and a share is between 0 and 1."""
    endings = {"_s": "s", "_m": "m", "_lon": "degrees", "_lat": "degrees"}
    for name, columns in fields.items():
        for field in columns if name not in ("indicators.xlsx", "problems.xlsx") else []:
            for ending, unit in endings.items():
                if field["name"].endswith(ending):
                    assert field["unit"] == unit, (name, field)
            if "_share" in field["name"] or field["name"].startswith("share"):
                assert field["unit"] == "0-1", (name, field)
            if re.search(r"people|covered", field["name"]) and "share" not in field["name"]:
                assert field["unit"] == "people", (name, field)


def test_types_are_those_of_the_values(folder: Path, fields: dict[str, list[dict[str, Any]]]) -> None:
    kinds: dict[str, Any] = {"string": str, "number": (int, float), "integer": int, "boolean": bool}
    for path in folder.glob("*.geojson"):
        told = {field["name"]: kinds[field["type"]] for field in fields[path.name]}
        for feature in json.loads(path.read_text("utf-8"))["features"]:
            for name, value in feature["properties"].items():
                assert value is None or isinstance(value, told[name]), (path.name, name, value)
                assert isinstance(value, bool) <= (told[name] is bool), (path.name, name)
    schema = pq.read_schema(folder / "residents.parquet")
    for field in fields["residents.parquet"]:
        kind = schema.field(field["name"]).type
        assert str(getattr(kind, "value_type", kind)) == field["type"], field
    sqlite = {
        "string": "TEXT",
        "number": "REAL",
        "double": "REAL",
        "integer": "INTEGER",
        "int64": "INTEGER",
        "boolean": "BOOLEAN",
    }
    with closing(sqlite3.connect(folder / "layers.gpkg")) as opened:
        for field in fields["layers.gpkg"]:
            columns = {row[1]: row[2] for row in opened.execute(f"PRAGMA table_info({field['layer']})")}
            kept = columns[field["name"]]
            assert kept.startswith(sqlite[field["type"]]) or kept == "MEDIUMINT", (field, kept)
