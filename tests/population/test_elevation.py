"""Heights from files."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
import rasterio

from circle.errors import Findings
from circle.kernels.heights import sample_bilinear
from circle.load.elevation import read_elevation
from tests.population.grids import codes, write_raster


def test_tiles_that_share_an_edge_row_become_one_grid(tmp_path):
    """SRTM tiles repeat the row between them: 3 + 3 rows make 5."""
    north = write_raster(tmp_path / "n.tif", np.array([[10], [20], [30]], dtype=np.int16), nodata=-32768)
    south = write_raster(
        tmp_path / "s.tif", np.array([[30], [40], [50]], dtype=np.int16), origin=(10.0, 49.998), nodata=-32768
    )
    findings = Findings()
    elevation = read_elevation([south, north], findings)
    assert elevation.height_m[:, 0].tolist() == [10, 20, 30, 40, 50]
    assert elevation.height_m.dtype == np.float32
    assert elevation.transform[5] == pytest.approx(50.0)
    assert findings.problems == []


def test_voids_are_unknown_and_impossible_heights_are_told(tmp_path):
    path = write_raster(tmp_path / "d.tif", np.array([[10, -32768, 32767]], dtype=np.int16), nodata=-32768)
    findings = Findings()
    elevation = read_elevation([path], findings)
    assert elevation.height_m[0].tolist() == [10.0]
    assert [(p.code, p.fields["cells"]) for p in findings.problems] == [("elevation.implausible", 1)]


def test_a_grid_of_voids_is_an_error(tmp_path):
    findings = Findings()
    path = write_raster(tmp_path / "d.tif", np.full((2, 2), -32768, dtype=np.int16), nodata=-32768)
    assert read_elevation([path], findings) is None
    assert codes(findings) == ["elevation.all_void"]


def test_heights_for_part_of_the_region_are_told(tmp_path):
    """Heights over the western half of the box."""
    path = write_raster(tmp_path / "d.tif", np.ones((10, 5)))
    findings = Findings()
    assert read_elevation([path], findings, bounds=(10.0, 49.99, 10.01, 50.0)) is not None
    assert [(p.code, p.fields["percent"]) for p in findings.problems] == [("elevation.partial", "50")]


def test_a_tile_that_is_no_archive_is_an_error(tmp_path):
    findings = Findings()
    (tmp_path / "S12E043.hgt.zip").write_bytes(b"")
    assert read_elevation([tmp_path / "S12E043.hgt.zip"], findings) is None
    assert codes(findings) == ["raster.unreadable"]


@pytest.mark.parametrize("kind", ["tif", "hgt"])
@pytest.mark.parametrize("inside", ["{}", "DEM/2020/{}", "高程/{}", "__MACOSX/._{}"])
def test_rasters_in_archives_wherever_they_lie_in_them(tmp_path, kind, inside):
    """A tile of SRTM by its specification, 1201 × 1201 heights of two bytes, and a TIFF; what a Mac adds is no raster."""
    if kind == "hgt":
        content, name = np.full((1201, 1201), 77, ">i2").tobytes(), "N28E118.HGT"
    else:
        content, name = write_raster(tmp_path / "d.tif", np.full((5, 5), 77, np.int16)).read_bytes(), "d.TIF"
    with zipfile.ZipFile(tmp_path / "我的 dem.ZIP", "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("readme.txt", "heights")
        if "_" in inside:
            target.writestr(inside.format(name), b"Mac OS X")
            target.writestr(name, content)
        else:
            target.writestr(inside.format(name), content)
    findings = Findings()
    elevation = read_elevation([tmp_path / "我的 dem.ZIP"], findings)
    assert codes(findings) == []
    assert elevation is not None
    assert np.unique(elevation.height_m).tolist() == [77.0]
    if kind == "hgt":
        assert elevation.transform[2] == pytest.approx(118 - 0.5 / 1200)


def test_zipped_srtm_tiles_are_read_where_they_are_needed(regions):
    """Karthala, the volcano of Grande Comore, is 2,361 m high; heights agree with rasterio's own sampling."""
    tiles = sorted((regions / "comoros").glob("*.hgt.zip"))
    findings = Findings()
    elevation = read_elevation(tiles, findings, bounds=(43.2, -11.95, 43.55, -11.3))
    assert codes(findings) == ["raster.part_read"]
    assert elevation.height_m.size < 3.1e6
    assert 2300 < np.nanmax(elevation.height_m) <= 2361
    with zipfile.ZipFile(tiles[0]) as archive:
        assert archive.namelist() == ["S12E043.hgt"]
    with rasterio.open(f"/vsizip/{tiles[0]}/S12E043.hgt") as file:
        x, y = file.xy(2500, 1200)
        expected = next(file.sample([(x, y)]))[0]
    assert sample_bilinear(elevation.height_m, elevation.transform, [x], [y])[0] == pytest.approx(expected)
