"""``[batch]`` of a region file: whose districts are counties, by which codes, for which period."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from circle.errors import Severity
from circle.load.manifest import Manifest, manifest_schema
from circle.load.region import check_region
from tests.cli.conftest import LAT, LON, STEP, write_town
from tests.load_inputs.conftest import codes
from tests.load_inputs.test_manifest import GOOD, read

LAYER = '[districts]\npath = "counties.geojson"\n'
BATCH = '[batch]\nby = "adcode"\nperiod = "2026Q4"\n'


@pytest.mark.parametrize(
    ("written", "wanted"),
    [('"2026Q4"', "2026Q4"), ('"2026-11"', "2026-11"), ('"2026"', "2026"), ("2026", "2026")],
)
def test_periods_are_quarters_months_and_years(tmp_path, findings, written, wanted):
    manifest = read(tmp_path, f"{GOOD}{LAYER}[batch]\nperiod = {written}\n", findings)
    assert codes(findings) == []
    assert manifest is not None
    assert manifest.batch is not None
    assert manifest.batch.period == wanted


@pytest.mark.parametrize(
    "written",
    [
        *('"2026Q5"', '"2026q4"', '"2026-13"', '"2026-00"', '"2026-1"', '"26"', '""', '"2026Q4 "', '"2026Q4\\n"'),
        *("2026.5", "true", "2026-11-01", "[2026]", "20264", '"٢٠٢٦"'),
    ],
)
def test_what_is_no_period_is_refused_in_a_sentence(tmp_path, findings, written):
    assert read(tmp_path, f"{GOOD}{LAYER}[batch]\nperiod = {written}\n", findings) is None
    assert codes(findings) == ["batch.period"]
    assert findings.problems[0].fields["setting"] == "batch.period"


@pytest.mark.parametrize(
    ("sections", "code"),
    [
        (BATCH, "batch.needs_districts"),
        (f'{LAYER}id = "code"\n{BATCH}', "batch.two_codes"),
        (f"[osm]\npath = 'a.osm.pbf'\n[districts]\nsource = 'osm'\nadmin_level = 6\n{BATCH}", "batch.by_of_osm"),
        (f"{LAYER}{BATCH.replace('by', 'bye')}", "manifest.unknown_key_near"),
        (f"{LAYER}{BATCH.replace('adcode', '')}", "manifest.empty_text"),
        (f"{LAYER}[batch]\nby = 3\n", "manifest.not_text"),
        (f"batch = 3\n{GOOD}", "manifest.not_section"),
    ],
)
def test_each_fault_of_the_section_has_its_sentence(tmp_path, findings, sections, code):
    text = sections if GOOD in sections else GOOD + sections
    assert (read(tmp_path, text, findings) is None) == (code != "manifest.unknown_key_near")
    assert codes(findings) == [code]


@pytest.mark.parametrize(
    ("sections", "wanted"),
    [
        (f"{LAYER}{BATCH}", "adcode"),
        (f'{LAYER}id = "adcode"\n{BATCH}', "adcode"),
        (f'{LAYER}id = "code"\n[batch]\n', "code"),
        (f"{LAYER}[batch]\n", None),
        (f'{LAYER}id = "code"\n', "code"),
    ],
)
def test_the_codes_of_the_counties_stand_where_by_says_or_id(tmp_path, findings, sections, wanted):
    manifest = read(tmp_path, GOOD + sections, findings)
    assert isinstance(manifest, Manifest)
    assert manifest.district_codes == wanted


def test_the_schema_knows_the_section():
    section = manifest_schema()["$defs"]["BatchSection"]
    assert set(section["properties"]) == {"by", "period"}
    assert all(value["description"] for value in section["properties"].values())


def with_codes(folder: Path, batch: str) -> Path:
    """The town in two halves whose codes stand under a header that nothing recognises."""
    file = write_town(folder) / "region.toml"
    halves = [
        shapely.box(LON - STEP + i * 3 * STEP, LAT - STEP, LON + (2 + 3 * i) * STEP, LAT + 4 * STEP) for i in (0, 1)
    ]
    layer = gpd.GeoDataFrame({"zone": ["001", "002"], "name": ["甲县", "乙县"]}, geometry=halves, crs="EPSG:4326")
    layer.to_file(folder / "counties.geojson", driver="GeoJSON")
    file.write_text(file.read_text(encoding="utf-8") + LAYER + batch, encoding="utf-8")
    return file


def test_the_whole_is_one_region_by_those_codes_and_says_so(tmp_path):
    file = with_codes(tmp_path, '[batch]\nby = "zone"\n')
    loaded, problems = check_region(file)
    assert loaded is not None
    assert loaded.data.districts is not None
    assert loaded.data.districts.frame["district_id"].tolist() == ["001", "002"]
    assert [p.severity for p in problems if p.code == "batch.one_region"] == [Severity.NOTE]


def test_a_column_that_is_not_there_is_told_as_the_key_that_named_it(tmp_path):
    loaded, problems = check_region(with_codes(tmp_path, '[batch]\nby = "zones"\n'))
    assert loaded is None
    (missing,) = [p for p in problems if p.code == "table.column_missing"]
    assert missing.fields["example"] == 'by = "zone"'
