"""Damaged map layers of any format: an answer or a sentence, never an exception."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from circle.errors import Findings, render
from circle.load.located import Located
from circle.load.road_layers import read_road_layer
from circle.load.shapefile import glance_at, has_shapefile
from circle.load.vector import read_vector

AREAS = [shapely.box(119 + n / 100, 29, 119.01 + n / 100, 29.01) for n in range(3)]
LINES = [shapely.LineString([(119 + n / 100, 29), (119.01 + n / 100, 29.01)]) for n in range(3)]


def layer(folder: Path, name: str, shapes: list[shapely.Geometry]) -> Path:
    """Three features with a class and a name, as any format; a .zip holds a shapefile."""
    frame = gpd.GeoDataFrame({"highway": ["path"] * 3, "name": ["东坑", "b", "c"]}, geometry=shapes, crs=4326)
    path = folder / name
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".zip":
        frame.to_file(folder / "d.shp", encoding="utf-8")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for part in sorted(folder.glob("d.*")):
                if part != path:
                    packed.write(part, part.name)
    else:
        frame.to_file(path)
    return path


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("shapes", [AREAS, LINES], ids=["areas", "lines"])
@pytest.mark.parametrize("name", ["d.zip", "d.shp", "d.geojson", "d.parquet", "d.fgb"])
@pytest.mark.parametrize("bad", [b"\xff", b"\x00\x7f"])
def test_damage_anywhere_in_a_layer_ends_in_an_answer_or_a_sentence(tmp_path, name, shapes, bad):
    path = layer(tmp_path, name, shapes)
    whole = path.read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 40)):
        path.write_bytes(whole[:place] + bad + whole[place + len(bad) :])
        told = Findings()
        read = read_road_layer(path, None, told) if shapes is LINES else read_vector(path, Located(told, name))
        if has_shapefile(path):
            glance_at(path)
        assert read is not None or told.errors
        assert all(render(problem, "en") and render(problem, "zh") for problem in told.problems)


@pytest.mark.parametrize("name", ["d.shp", "d.zip"])
def test_a_ring_that_does_not_close_is_told(tmp_path, name):
    """The first corner of the first ring moved: GEOS makes no polygon of it."""
    path = layer(tmp_path, "d.zip", AREAS)
    shape = tmp_path / "d.shp"
    data = bytearray(shape.read_bytes())
    start = 100 + 8 + 4 + 32 + 4 + 4 + 4  # head, record's head, kind, box, counts of parts and points, first part
    assert int.from_bytes(data[start - 8 : start - 4], "little") == 5
    data[start + 6] ^= 0x08
    shape.write_bytes(data)
    with zipfile.ZipFile(path, "w") as packed:
        for part in (".shp", ".dbf", ".shx", ".prj"):
            packed.write(shape.with_suffix(part), f"d{part}")
    told = Findings()
    assert read_vector(tmp_path / name, Located(told, name)) is None
    assert [problem.code for problem in told.problems] == ["vector.unreadable"]
