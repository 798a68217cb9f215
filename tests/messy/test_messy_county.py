"""Five files as offices hand them over, through `init`, `check` and `run`: the clean county's answer, and why."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from tests.messy.county import census, sources, write_clean, write_messy
from tests.messy.shifted import gcj02_of

pytestmark = pytest.mark.slow

SLIPPED_S = 10.0
"""Lines that were moved by up to 0.4 m here and there make a way so much longer or shorter."""
SLIPPED_SHARE = 1e-3
"""And a cell or two of people who live at the very limit then lie on its other side."""


def circle(*words: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "circle", *map(str, words), "--lang", "en"],
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def counties(sample_regions: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders `clean` and `messy`, and the results `clean_out`."""
    folder = tmp_path_factory.mktemp("counties")
    source = sources(sample_regions / "qingxi")
    write_clean(source, folder / "clean")
    write_messy(source, folder / "messy")
    circle("run", folder / "clean", "--out", folder / "clean_out", "--quiet")
    return folder


@pytest.fixture(scope="module", params=["gcj02", "auto"])
def messy(request: pytest.FixtureRequest, counties: Path) -> Path:
    """The result of the messy folder: `init`, the one line that it asks for (the lists' system), and `run`."""
    folder, out = counties / "messy", counties / f"messy_out_{request.param}"
    (folder / "region.toml").unlink(missing_ok=True)
    said = circle("init", folder)
    assert said.count("please say crs") == 2
    text = (folder / "region.toml").read_text(encoding="utf-8")
    assert text.count('# crs = "gcj02"') == 2
    (folder / "region.toml").write_text(text.replace('# crs = "gcj02"', f'crs = "{request.param}"'), encoding="utf-8")
    assert json.loads(circle("check", folder, "--json"))["fit"]
    circle("run", folder, "--out", out, "--quiet")
    circle("verify", out, "--quiet")
    return out


def region_rows(out: Path) -> pd.DataFrame:
    table = pd.read_csv(out / "indicators.csv", encoding="utf-8-sig", dtype={"district_id": str})
    return table.set_index(["scope", "district_id", "service", "group", "limit"]).sort_index()


def test_the_clean_answer_comes_out(messy: Path, counties: Path) -> None:
    """Of every service, limit and township; nobody is lost on the way."""
    clean, found = region_rows(counties / "clean_out"), region_rows(messy)
    assert list(found.index) == list(clean.index)
    assert (found["people"] == clean["people"]).all()
    assert (found["facilities"] == clean["facilities"]).all()
    total = clean["people"].max()
    assert (found["covered"] - clean["covered"]).abs().max() <= SLIPPED_SHARE * total
    assert clean["covered"].max() > 0.5 * total


def test_every_place_has_its_clean_travel_times(messy: Path, counties: Path) -> None:
    clean, found = (pd.read_parquet(out / "residents.parquet") for out in (counties / "clean_out", messy))
    pd.testing.assert_frame_equal(found[["lon", "lat", "district_id"]], clean[["lon", "lat", "district_id"]])
    for column in [name for name in clean if name.endswith("_travel_time_s")]:
        assert (np.isinf(found[column]) == np.isinf(clean[column])).all()
        reached = np.isfinite(clean[column])
        assert (found[column] - clean[column])[reached].abs().max() <= SLIPPED_S


def test_the_people_are_those_of_the_census(messy: Path, sample_regions: Path) -> None:
    """Each township keeps the number that stands in the table, to the person."""
    source = sources(sample_regions / "qingxi")
    asked = dict(zip(source.districts["code"], census(source.districts, source.population), strict=True))
    rows = region_rows(messy).query("scope == 'district'")["people"].groupby("district_id").first()
    assert {code: round(people, 6) for code, people in rows.items()} == asked


def test_every_decision_can_be_read(messy: Path) -> None:
    """What was found of each file, and what was done about it, stands in the provenance."""
    record: dict[str, Any] = json.loads((messy / "provenance.json").read_text(encoding="utf-8"))
    told = {(problem["code"], problem["file"]) for problem in record["problems"]}
    assert {
        ("topology.repaired", "道路.geojson"),
        ("file.encoding", "医疗机构.csv"),
        ("file.encoding", "乡镇界.shp"),
        ("crs.roads_confirmed", "道路.geojson"),
        ("census.left_out_total", "人口普查.xlsx"),
        ("census.counted", "人口普查.xlsx"),
    } <= told
    systems = {entry["path"]: entry["crs"] for entry in record["inputs"]}
    assert systems["乡镇界.shp"] == "EPSG:4528"
    assert systems["医疗机构.csv"] in ("gcj02", "auto")
    lists = [problem["text"] for problem in record["problems"] if problem["file"] == "医疗机构.csv"]
    assert any("gcj02" in text and "EPSG:4326" in text and "bd09" in text for text in lists)
    assert any("totals" in problem["text"] for problem in record["problems"] if problem["file"] == "学校名录.xlsx")
    assert record["network"]["topology"]["decided"] == "repair"
    assert record["population_kind"] == "resident"


@pytest.fixture(scope="module")
def shifted(sample_regions: Path, counties: Path) -> Path:
    """The clean folder once more, its roads as a web map shows them; what they are in is left to `auto`."""
    folder = counties / "shifted"
    source = sources(sample_regions / "qingxi")
    file = write_clean(source, folder)
    roads = source.roads.set_geometry(
        shapely.transform(source.roads.geometry.array, lambda xy: np.column_stack(gcj02_of(*xy.T)))
    )
    roads.to_file(folder / "roads.gpkg", engine="pyogrio")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('path = "roads.gpkg"', 'path = "roads.gpkg"\ncrs = "auto"'), encoding="utf-8")
    return folder


def test_roads_are_told_by_where_people_live(shifted: Path, counties: Path) -> None:
    """Out of GCJ-02 every place has its clean time again; the file's own word, WGS84, is not believed."""
    out = counties / "shifted_out"
    circle("run", shifted, "--out", out, "--quiet")
    clean, found = (pd.read_parquet(folder / "residents.parquet") for folder in (counties / "clean_out", out))
    for column in [name for name in clean if name.endswith("_travel_time_s")]:
        reached = np.isfinite(clean[column])
        assert (np.isfinite(found[column]) == reached).all()
        # vertices are kept to a centimetre; a road just 50 m beyond the nearest may by that be a candidate or none
        assert ((found[column] - clean[column])[reached].abs() > 1.0).mean() < 0.002
    record = json.loads((out / "provenance.json").read_text(encoding="utf-8"))
    assert {entry["path"]: entry["crs"] for entry in record["inputs"]}["roads.gpkg"] == "gcj02"


def test_roads_without_a_raster_are_not_guessed(shifted: Path, tmp_path: Path) -> None:
    for file in shifted.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    text = (tmp_path / "region.toml").read_text(encoding="utf-8")
    bare = re.sub("^(pattern|spread) = .*\n", "", text, flags=re.MULTILINE)
    (tmp_path / "region.toml").write_text(bare, encoding="utf-8")
    words = [sys.executable, "-m", "circle", "check", str(tmp_path), "--json", "--lang", "en"]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False)
    said = json.loads(done.stdout)
    assert not said["fit"]
    assert "crs.roads_without_evidence" in {problem["code"] for problem in said["problems"]}
