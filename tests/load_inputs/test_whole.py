"""Files cut off anywhere: a law over all lengths, on files that GDAL wrote."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

from circle.errors import Findings
from circle.load.located import Located
from circle.load.whole import is_whole
from tests.load_inputs.conftest import codes

GRID = Affine(0.01, 0.0, 118.9, 0.0, -0.01, 28.9)
LAYOUTS = {
    "strips": {},
    "compressed": {"compress": "deflate"},
    "tiles": {"tiled": True, "blockxsize": 16, "blockysize": 16},
    "big": {"BIGTIFF": "YES"},
    "big endian": {"ENDIANNESS": "BIG"},
    "cloud optimised": {"driver": "COG"},
}


def write_tiff(path: Path, options: dict[str, object]) -> bytes:
    """Distinct values, so that no layout can leave a block out."""
    values = np.arange(40 * 40, dtype=np.float64).reshape(1, 40, 40)
    profile = {"driver": "GTiff", "width": 40, "height": 40, "count": 1, "dtype": "float64", "crs": "EPSG:4326"}
    with rasterio.open(path, "w", **{**profile, "transform": GRID, **options}) as raster:
        raster.write(values)
    return path.read_bytes()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_tiff_without_its_end_is_never_whole(tmp_path, layout):
    """Wherever it is cut: within the head, the tags, what the tags point to, or the cells."""
    path = tmp_path / "people.tif"
    data = write_tiff(path, LAYOUTS[layout])
    assert is_whole(path, Located(Findings(), "people.tif"))
    for length in sorted({*range(4, 700), *range(700, len(data) - 4, 97), len(data) - 5}):
        findings = Findings()
        path.write_bytes(data[:length])
        assert not is_whole(path, Located(findings, "people.tif")), length
        assert codes(findings) == ["file.cut_off"]


@pytest.mark.parametrize("suffix", [".shp", ".shx", ".dbf"])
def test_a_shapefile_without_the_end_of_a_part_is_never_whole(tmp_path, suffix):
    path = tmp_path / "学校.shp"
    points = shapely.points([[118.9 + n / 100, 28.9] for n in range(9)])
    gpd.GeoDataFrame({"名称": [f"{n} 小" for n in range(9)]}, geometry=points, crs=4326).to_file(path)
    assert is_whole(path, Located(Findings(), "学校.shp"))
    part = path.with_suffix(suffix)
    data = part.read_bytes()
    for length in range(len(data) - 1):  # the last byte of a .dbf only says that it is the last
        findings = Findings()
        part.write_bytes(data[:length])
        assert not is_whole(path, Located(findings, "学校.shp")), length
        assert codes(findings) == ["file.cut_off"]


def test_what_is_no_tiff_is_left_to_its_reader(tmp_path):
    path = tmp_path / "page.tif"
    path.write_bytes(b"<html><title>404 Not Found</title></html>")
    assert is_whole(path, Located(Findings(), "page.tif"))


@pytest.mark.parametrize("layout", ["strips", "big"])
def test_damage_anywhere_in_the_tags_is_left_to_the_reader_too(tmp_path, layout):
    """Any two bytes overwritten: types that do not exist, directories of directories; an answer, never an exception."""
    path = tmp_path / "people.tif"
    data = write_tiff(path, LAYOUTS[layout])
    for place in range(4, min(700, len(data) - 1), 2):
        for damage in (b"\xff\xff", b"\x0e\x00"):
            path.write_bytes(data[:place] + damage + data[place + 2 :])
            assert is_whole(path, Located(Findings(), "people.tif")) in (True, False)
