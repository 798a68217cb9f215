"""Whoever decides the system of a list - region.toml, its headers, the evidence - the records say what it was read in."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from circle.load.datums import WGS84
from circle.load.region import check_region
from circle.load.shifted import bd09_from_wgs84, gcj02_from_wgs84
from tests.load_inputs.conftest import code_of
from tests.load_inputs.test_auto_crs import LAT, LON, beside_roads, grid_roads

SHIFT = {"wgs84": lambda lon, lat: (lon, lat), "gcj02": gcj02_from_wgs84, "bd09": bd09_from_wgs84}
SYSTEM = {"wgs84": WGS84, "gcj02": "gcj02", "bd09": "bd09"}


def region(folder: Path, *, header: str, written: str, declared: str | None) -> tuple[Path, np.ndarray]:
    """A list beside roads whose headers name one datum and whose values are in another, perhaps; and its true places."""
    roads = grid_roads(0.02, 6)
    gpd.GeoDataFrame({"highway": "residential"}, geometry=roads, index=range(len(roads)), crs=WGS84).to_file(
        folder / "roads.geojson"
    )
    true = np.column_stack(beside_roads(roads, 60, 10.0))
    lon, lat = SHIFT[written](*true.T)
    names = [f"{i}号" for i in range(60)]
    pd.DataFrame({"名称": names, f"{header}_lon": lon, f"{header}_lat": lat}).to_csv(folder / "c.csv", index=False)
    pd.DataFrame({"lon": [LON], "lat": [LAT], "people": [9]}).to_csv(folder / "p.csv", index=False)
    crs = f'crs = "{declared}"' if declared else ""
    (folder / "region.toml").write_text(
        f'[region]\nname = "x"\n[roads]\npath = "roads.geojson"\ncrs = "{WGS84}"\n[population]\npath = "p.csv"\n'
        f'crs = "{WGS84}"\n[[facilities]]\npath = "c.csv"\nservice = "clinic"\n{crs}\n',
        encoding="utf-8",
    )
    return folder, true


@pytest.mark.parametrize("header", SHIFT)
@pytest.mark.parametrize("declared", [None, "auto", "gcj02", "bd09", WGS84])
def test_the_system_that_is_recorded_is_the_one_that_puts_the_places_where_they_are(tmp_path, header, declared):
    folder, true = region(tmp_path, header=header, written=header, declared=declared)
    loaded, problems = check_region(folder)
    assert loaded is not None
    table = loaded.data.facilities.table
    np.testing.assert_allclose(table[["lon", "lat"]], true, rtol=0, atol=1e-8)
    told = {code_of(p): p.fields["system"] for p in problems if p.file == "c.csv" and p.code.startswith("crs.")}
    witness = "crs.detected" if declared == "auto" else "crs.confirmed"
    assert set(told) <= {witness, "crs.by_header", "crs.header_followed"}
    assert set(told.values()) == {SYSTEM[header]}
    assert witness in told
    assert {file.crs for file in loaded.data.inputs if file.path == "c.csv"} == {SYSTEM[header]}


@pytest.mark.parametrize("header", SHIFT)
@pytest.mark.parametrize("written", SHIFT)
def test_a_header_that_the_evidence_contradicts_is_an_error_where_the_evidence_is_asked(tmp_path, header, written):
    folder, _ = region(tmp_path, header=header, written=written, declared="auto")
    loaded, problems = check_region(folder)
    errors = [(code_of(p), p.fields["system"], p.fields["told"]) for p in problems if p.severity.value == "error"]
    contradicted = [("crs.header_contradicted", SYSTEM[header], SYSTEM[written])]
    assert errors == ([] if header == written else contradicted)
    assert (loaded is not None) == (header == written)
