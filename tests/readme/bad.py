"""Every bad input that a planner's folder may hold: how to make it, and the words that must be said about it.

Each case spoils a sound region in one way. The words are what a reader needs - the value found, where, what to do -
written down here by hand in both languages.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.readme import region
from tests.readme.region import LAT, LON, SCHOOLS, STEP, Spoil, cut_off, edit, write_raster, write_workbook


@dataclass(frozen=True)
class Bad:
    """One way to spoil a region.

    Parameters
    ----------
    name
        What is wrong.
    spoil
        Makes it wrong.
    stops
        Whether it is an error (a run stops) or a warning (a run goes on).
    en, zh
        Passages of the message.
    """

    name: str
    spoil: Spoil
    stops: bool
    en: tuple[str, ...]
    zh: tuple[str, ...]


def _remove(name: str) -> Spoil:
    return lambda folder: (folder / name).unlink()


def _cut(name: str, share: float = 0.5) -> Spoil:
    return lambda folder: cut_off(folder / name, share)


def _garbage(name: str) -> Spoil:
    return lambda folder: (folder / name).write_bytes(b"<html><title>404 Not Found</title></html>" * 20)


def _toml(was: str, now: str) -> Spoil:
    return lambda folder: edit(folder / "region.toml", was, now)


def _schools(*rows: tuple[object, ...], header: tuple[object, ...] = tuple(SCHOOLS[0])) -> Spoil:
    return lambda folder: write_workbook(folder / "schools.xlsx", [header, *rows])


def _people(values: object, **profile: object) -> Spoil:
    return lambda folder: write_raster(
        folder / "people.tif",
        np.broadcast_to(np.asarray(values, np.float64), (4, 4)).copy(),
        **profile,  # type: ignore[arg-type]
    )


def _people_in_a_list(text: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / "people.csv").write_text(text, encoding="utf-8")
        edit(folder / "region.toml", 'path = "people.tif"', 'path = "people.csv"\ncrs = "EPSG:4326"')

    return spoil


def _spare_district(folder: Path, ring: list[tuple[float, float]]) -> None:
    region.write_polygons(folder / "districts.geojson", {"甲乡": ring})


def _bow_tie(folder: Path) -> None:
    a, b, c, d = LON - STEP, LON + 4 * STEP, LAT - STEP, LAT + 4 * STEP
    _spare_district(folder, [(a, c), (b, d), (b, c), (a, d)])


def _districts_as_shapefile(suffix: str) -> Spoil:
    """The districts as a shapefile, the end of one of its files missing."""

    def spoil(folder: Path) -> None:
        import geopandas as gpd

        gpd.read_file(folder / "districts.geojson").to_file(folder / "districts.shp", encoding="utf-8")
        edit(folder / "region.toml", "districts.geojson", "districts.shp")
        cut_off(folder / f"districts{suffix}", 0.8)

    return spoil


def _in_gbk(folder: Path) -> None:
    text = (folder / "region.toml").read_text(encoding="utf-8")
    (folder / "region.toml").write_bytes(text.encode("gbk"))


def _far_district(folder: Path) -> None:
    _spare_district(folder, [(20, 30), (21, 30), (21, 31), (20, 31)])


def _no_district(folder: Path) -> None:
    region.write_polygons(folder / "districts.geojson", {})


def _streets_in_a_layer(*, empty: bool = False, crs: str | None = "EPSG:4326") -> Spoil:
    def spoil(folder: Path) -> None:
        import geopandas as gpd
        import shapely

        lines = [] if empty else [shapely.LineString([(LON, LAT), (LON + 3 * STEP, LAT + 3 * STEP)])]
        frame = gpd.GeoDataFrame({"highway": ["residential"] * len(lines)}, geometry=lines, crs=crs)
        frame.to_parquet(folder / "roads.parquet")
        edit(folder / "region.toml", 'source = "osm"', 'path = "roads.parquet"')

    return spoil


def _motorways_only(folder: Path) -> None:
    region.write_streets(folder / "roads.osm.pbf", highway="motorway")


def schools_on_a_piece_of_their_own(folder: Path) -> None:
    """A network that no facility touches: both schools stand on a lane east of the town that nothing joins to it."""
    west = LON + 5.5 * STEP
    lane = [(west, LAT), (west + STEP, LAT)]
    region.write_streets(folder / "roads.osm.pbf", more=[(lane, {"highway": "residential"})])
    rows = [["甲校", west + 0.001, LAT, 10], ["乙校", west + 0.002, LAT, 10]]
    write_workbook(folder / "schools.xlsx", [SCHOOLS[0], *rows])


def _moved_schools(count: int, lon: float, lat: float) -> Spoil:
    """Six schools, `count` of them moved by degrees."""
    rows = [(f"学校{n}", LON + lon * (n < count), LAT + lat * (n < count), 10) for n in range(6)]
    return _schools(*rows)


CASES = (
    # --- files that are missing or damaged ----------------------------------------------------------------------------
    Bad("no extract", _remove("roads.osm.pbf"), True, ("roads.osm.pbf", "does not exist"), ("roads.osm.pbf", "不存在")),
    Bad("no workbook", _remove("schools.xlsx"), True, ("schools.xlsx", "does not exist"), ("schools.xlsx", "不存在")),
    Bad("no raster", _remove("people.tif"), True, ("people.tif", "does not exist"), ("people.tif", "不存在")),
    Bad("no districts", _remove("districts.geojson"), True, ("districts.geojson", "not exist"), ("不存在",)),
    Bad("truncated pbf", _cut("roads.osm.pbf"), True, ("roads.osm.pbf", "download"), ("roads.osm.pbf", "下载")),
    Bad("web page as pbf", _garbage("roads.osm.pbf"), True, ("roads.osm.pbf", "download"), ("roads.osm.pbf", "下载")),
    Bad("truncated tiff", _cut("people.tif", 0.8), True, ("people.tif", "is cut off"), ("people.tif", "下载")),
    Bad("web page as tiff", _garbage("people.tif"), True, ("people.tif", "cannot be read"), ("people.tif", "无法读取")),
    Bad("truncated xlsx", _cut("schools.xlsx"), True, ("schools.xlsx", "its end is missing"), ("schools.xlsx", "结尾缺失")),
    Bad("web page as xlsx", _garbage("schools.xlsx"), True, ("schools.xlsx", "web page"), ("schools.xlsx", "网页")),
    Bad("truncated geojson", _cut("districts.geojson"), True, ("districts.geojson", "damaged"), ("districts.geojson",)),
    Bad(
        "shapefile cut off",
        _districts_as_shapefile(".shp"),
        True,
        ("districts.shp", "is cut off", "districts.shp has a length of"),
        ("districts.shp", "文件不完整"),
    ),
    Bad(
        "shapefile with its attributes cut off",
        _districts_as_shapefile(".dbf"),
        True,
        ("districts.shp", "is cut off", "districts.dbf has a length of"),
        ("districts.shp", "文件不完整", "districts.dbf"),
    ),
    Bad(
        "raster cut off within its tags",
        _cut("people.tif", 0.4),
        True,
        ("people.tif", "is cut off"),
        ("people.tif", "文件不完整"),
    ),
    # --- columns and values -------------------------------------------------------------------------------------------
    Bad(
        "wrong column",
        _schools(("甲", LON, LAT, 10), header=("名称", "东", "北", "学位数")),
        True,
        ("schools.xlsx", "名称, 东, 北, 学位数", "lon = "),
        ("schools.xlsx", "名称", "东", "北", "lon = "),
    ),
    Bad(
        "column named in region.toml is not there",
        _toml('service = "primary_school"', 'service = "primary_school"\ncapacity = "床位"'),
        True,
        ("schools.xlsx", "床位", "学位数"),
        ("schools.xlsx", "床位", "学位数"),
    ),
    Bad(
        "text in a column of numbers",
        _schools(("甲", LON, LAT, "约三百"), ("乙", LON + 0.01, LAT, 200)),
        False,
        ("schools.xlsx", "2: “约三百”", "学位数"),
        ("schools.xlsx", "约三百", "学位数"),
    ),
    Bad(
        "text for a coordinate",
        _schools(("甲", "东经一百", LAT, 10), ("乙", LON + 0.01, LAT, 200)),
        False,
        ("schools.xlsx", "东经一百", "no usable coordinates"),
        ("schools.xlsx", "东经一百"),
    ),
    Bad(
        "text where people are counted",
        _people_in_a_list(f"lon,lat,people\n{LON},{LAT},many\n{LON},{LAT},3\n"),
        True,
        ("people.csv", "2: “many”", "people"),
        ("people.csv", "many", "people"),
    ),
    # --- where things lie ---------------------------------------------------------------------------------------------
    Bad(
        "table without coordinate system",
        _toml('crs = "EPSG:4326"\n', ""),
        True,
        ("schools.xlsx", 'crs = "EPSG:4326"', "gcj02"),
        ("schools.xlsx", 'crs = "EPSG:4326"', "gcj02"),
    ),
    Bad(
        "raster without coordinate system",
        _people(25, crs=None),
        True,
        ("people.tif", "EPSG:4326"),
        ("people.tif", "EPSG:4326"),
    ),
    Bad(
        "layer without coordinate system",
        _streets_in_a_layer(crs=None),
        True,
        ("roads.parquet", "does not say its coordinate system"),
        ("roads.parquet", "坐标系"),
    ),
    Bad(
        "longitude and latitude swapped, one of them beyond 90",
        _schools(("甲", LAT, LON, 10), ("乙", LAT, LON + 0.01, 200)),
        True,
        ("schools.xlsx", "swapped", "118.9"),
        ("schools.xlsx", "118.9"),
    ),
    Bad(
        "most facilities outside",
        _moved_schools(4, -5.0, 0.0),
        True,
        ("schools.xlsx", "4 of 6 places", "113.9", "coordinate system"),
        ("schools.xlsx", "113.9", "坐标系"),
    ),
    Bad(
        "some facilities outside",
        _moved_schools(2, 0.03, 0.0),
        False,
        ("schools.xlsx", "2 of 6 places", "OSM object: 2, 3)"),
        ("schools.xlsx", "2", "3"),
    ),
    Bad("raster of another place", _people(25, west=20.0), True, ("people.tif", "another place"), ("people.tif",)),
    Bad("districts of another place", _far_district, True, ("districts.geojson", "outside"), ("districts.geojson",)),
    # --- nothing, or not what it should be ----------------------------------------------------------------------------
    Bad("workbook without rows", _schools(), True, ("schools.xlsx", "no rows"), ("schools.xlsx",)),
    Bad(
        "list of people without rows", _people_in_a_list("lon,lat,people\n"), True, ("people.csv", "no rows"), ("csv",)
    ),
    Bad("districts without features", _no_district, True, ("districts.geojson", "no features"), ("districts.geojson",)),
    Bad("roads without features", _streets_in_a_layer(empty=True), True, ("roads.parquet", "no features"), ("roads",)),
    Bad("roads that nobody may walk", _motorways_only, True, ("roads.osm.pbf", "walk", "8"), ("roads.osm.pbf", "8")),
    Bad(
        "polygon that crosses itself",
        _bow_tie,
        False,
        ("districts.geojson", "1 polygon was not valid", "touches or crosses itself"),
        ("districts.geojson", "1", "自相交"),
    ),
    Bad("raster of nodata", _people(-99999), True, ("people.tif", "nodata"), ("people.tif", "nodata")),
    Bad("raster of nobody", _people(0), True, ("people.tif", "all counts are zero"), ("people.tif", "为零")),
    Bad(
        "raster with negative people",
        _people([25, 25, -3, 25]),
        False,
        ("people.tif", "4 cells", "smallest -3", "count as 0"),
        ("people.tif", "4", "-3", "0"),
    ),
    Bad(
        "negative people in a list",
        _people_in_a_list(f"lon,lat,people\n{LON},{LAT},-7\n{LON},{LAT},3\n"),
        True,
        ("people.csv", "2: “-7”", "negative"),
        ("people.csv", "-7"),
    ),
    # --- services -----------------------------------------------------------------------------------------------------
    Bad(
        "no facility of a service",
        _toml("[population]", '[analysis]\nservices = ["primary_school", "hospital"]\n\n[population]'),
        False,
        ("region.toml", "no facility offers", "hospital"),
        ("region.toml", "没有任何设施"),
    ),
    # --- region.toml --------------------------------------------------------------------------------------------------
    Bad(
        "unknown key",
        _toml('service = "primary_school"', 'servise = "primary_school"'),
        True,
        ("region.toml", "row 13", "facilities[1].servise", "Did you mean service?"),
        ("region.toml", "13", "facilities[1].servise", "service"),
    ),
    Bad(
        "unknown section",
        _toml("[districts]", "[district]"),
        True,
        ("region.toml", "Did you mean districts?"),
        ("region.toml", "districts"),
    ),
    Bad(
        "limits in the wrong order beside an unknown key",
        _toml("[population]", "[analysis]\nlimit = 3\nlimits = [15, 10]\n\n[population]"),
        True,
        ("region.toml", "row 17", "analysis.limits is [15, 10]", "ascending"),
        ("region.toml", "17", "analysis.limits", "由小到大"),
    ),
    Bad(
        "the unknown key beside limits in the wrong order",
        _toml("[population]", "[analysis]\nlimit = 3\nlimits = [15, 10]\n\n[population]"),
        True,
        ("region.toml", "row 16", "analysis.limit is not known", "Did you mean limits?"),
        ("region.toml", "16", "analysis.limit", "limits"),
    ),
    Bad(
        "key in Chinese without quotes",
        _toml('name = "四街镇"', '名称 = "四街镇"'),
        True,
        ("region.toml", "row 2", "stands in quotes", 'Write: "名称" = "四街镇"'),
        ("region.toml", "2", "须加英文引号", '"名称" = "四街镇"'),
    ),
    Bad(
        "region.toml in GBK",
        _in_gbk,
        False,
        ("region.toml", "not UTF-8", "GB18030"),
        ("region.toml", "GB18030", "另存为 UTF-8"),
    ),
    Bad("no TOML", _toml('"四街镇"', "四街镇"), True, ("region.toml", "row 2", "name = 四街镇"), ("region.toml", "2")),
)
