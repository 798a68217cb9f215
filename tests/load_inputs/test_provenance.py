"""What is read is also recorded: the system of every layer, as its reader took it, however its parts are written."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyogrio
import pyproj
import pytest
import shapely

from circle.load import read_region
from circle.load.provenance import own_system
from circle.load.vector import read_layer

ROAD = shapely.LineString([(119, 29), (119.01, 29)])


def districts(folder: Path, *, cpg: str, prj: str) -> Path:
    """A shapefile with Chinese headers and text in GB18030, and with the name of its system in the encoding given."""
    path = folder / "d.shp"
    frame = gpd.GeoDataFrame(
        {"乡镇代码": ["330825101000"], "乡镇名称": ["东坑乡"], "常住人口": [100]},
        geometry=[shapely.box(119, 28.99, 119.01, 29.01)],
        crs=4326,
    ).to_crs(4528)
    pyogrio.write_dataframe(frame, path, encoding="gb18030")
    path.with_suffix(".cpg").write_text(cpg)
    text = path.with_suffix(".prj").read_text()
    path.with_suffix(".prj").write_bytes(text.replace(text.split('"')[1], "国家2000_三度带").encode(prj))
    return path


def is_zone_40(system: str | None) -> bool:
    """By its numbers: on the meridian of 120 degrees, 40,500,000 m east."""
    lon, lat = pyproj.Transformer.from_crs(system, 4490, always_xy=True).transform(40_500_000.0, 3_200_000.0)
    northing = pyproj.Geod(ellps="GRS80").inv(120, 0, 120, lat)[2]
    return abs(lon - 120) < 1e-9 and abs(northing - 3_200_000) < 0.1


@pytest.mark.parametrize("cpg", ["UTF-8", "utf8", "GBK", "Big5", "ISO-8859-1", "nonsense"])
@pytest.mark.parametrize("prj", ["utf-8", "gbk"])
def test_the_system_of_a_shapefile_is_recorded_as_it_was_read(tmp_path, at, cpg, prj):
    path = districts(tmp_path, cpg=cpg, prj=prj)
    read = read_layer(path, at)
    assert read is not None
    assert pyproj.CRS(own_system(path)) == read.crs
    assert is_zone_40(own_system(path))


def test_damage_anywhere_in_it_leaves_a_system_or_none(tmp_path):
    """Any two bytes overwritten, any length left: never an exception."""
    path = districts(tmp_path, cpg="GBK", prj="gbk")
    part = path.with_suffix(".prj")
    data = part.read_bytes()
    for place in range(0, len(data) - 1, max(1, len(data) // 20)):
        for damaged in (data[:place] + b"\xff\xfe" + data[place + 2 :], data[:place]):
            part.write_bytes(damaged)
            assert own_system(path) != ""


@pytest.mark.parametrize("name", ["r.geojson", "r.gpkg", "r.fgb"])
def test_other_layers_say_theirs(tmp_path, name):
    gpd.GeoDataFrame({"highway": ["path"]}, geometry=[ROAD], crs=4326).to_file(tmp_path / name)
    assert own_system(tmp_path / name) == "EPSG:4326"


def test_a_region_of_a_shapefile_that_says_another_encoding_is_read_to_its_end(tmp_path):
    """One hundred people are in its only district."""
    districts(tmp_path, cpg="UTF-8", prj="gbk")
    gpd.GeoDataFrame({"highway": ["residential"]}, geometry=[ROAD], crs=4326).to_file(tmp_path / "r.geojson")
    (tmp_path / "c.csv").write_text("name,lon,lat,service\nx,119.002,29,clinic\n")
    (tmp_path / "region.toml").write_text(
        '[region]\nname = "x"\n[roads]\npath = "r.geojson"\n[[facilities]]\npath = "c.csv"\ncrs = "EPSG:4326"\n'
        '[districts]\npath = "d.shp"\n[population]\nsource = "districts"\n'
    )
    loaded = read_region(tmp_path)
    assert sum(loaded.data.population.people) == pytest.approx(100)
    (record,) = [record for record in loaded.data.inputs if record.path == "d.shp"]
    assert is_zone_40(record.crs)
    assert "shapefile.cpg_wrong" in [problem.code for problem in loaded.problems]
