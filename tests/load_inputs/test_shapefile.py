"""Shapefiles as offices have them: text that says it is another, parts missing, heights and measures, archives."""

from __future__ import annotations

import shutil
import struct
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from circle.errors import render
from circle.load.columns import find_column, need_column
from circle.load.districts import layer_districts
from circle.load.population import count_features
from circle.load.provenance import own_system
from circle.load.road_layers import read_road_layer
from circle.load.shapefile import Glance, glance_at
from circle.load.vector import read_vector
from tests.load_inputs.conftest import codes

NAMES = ["衢州市第一中学", "大坞镇中心小学", "Xinhua No. 2", None]
HEADERS = ["名称", "所属乡镇名称", "beds"]


def schools(folder: Path, encoding: str, *, cpg: str | None, language: int = 0) -> Path:
    """A shapefile written by GDAL in an encoding, with what it says of itself replaced."""
    path = folder / "学校.shp"
    frame = gpd.GeoDataFrame(
        {"名称": NAMES, "town": ["大坞镇", "莲湖里乡", "大坞镇", "大坞镇"], "beds": [1, 2, 3, 4]},
        geometry=shapely.points([[118.8 + n / 100, 28.9] for n in range(4)]),
        crs=4326,
    )
    pyogrio.write_dataframe(frame, path, encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[29] = language
    dbf[64:75] = "所属乡镇名称".encode(encoding)[:10].ljust(11, b"\0")
    path.with_suffix(".dbf").write_bytes(dbf)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize(
    "cpg", [None, "", "SYSTEM", "UTF-8", "utf8\n", "GBK", "936", "ANSI 936", "ISO-8859-1", "1252", "Big5"]
)
@pytest.mark.parametrize("language", [0, 0x03, 0x4D, 0x57])
def test_the_text_is_read_as_it_is_whatever_the_file_says(tmp_path, at, findings, encoding, cpg, language):
    """A .cpg that names another encoding is told, and what would be read by it is not."""
    frame = read_vector(schools(tmp_path, encoding, cpg=cpg, language=language), at)
    assert frame is not None
    assert frame["名称"].tolist()[:3] == NAMES[:3]
    assert frame["名称"].isna().tolist() == [False, False, False, True]
    assert frame["beds"].tolist() == [1, 2, 3, 4]
    assert list(frame.columns)[1] == ("所属乡" if encoding == "utf-8" else "所属乡镇名")
    right = {"utf-8": ("UTF-8", "utf8\n"), "gb18030": ("GBK", "936", "ANSI 936")}[encoding]
    wrong = cpg not in (None, "", "SYSTEM", *right)
    assert codes(findings) == (["shapefile.cpg_wrong"] if wrong else ["file.encoding"] if encoding == "gb18030" else [])
    if wrong:
        fields = findings.problems[0].fields
        assert fields["said"] == cpg.strip()
        assert fields["found"] == encoding.upper()
        assert fields["example"] in [*NAMES, "大坞镇", "莲湖里乡"]


@pytest.mark.parametrize(
    ("encoding", "names", "cpg", "expected"),
    [
        ("big5", ["臺北市立國小", "高雄醫院"], "Big5", []),
        ("cp1252", ["École Zürich", "Señor"], "1252", []),
        ("cp1252", ["École Zürich", "Señor"], None, ["vector.encoding_unknown"]),
        ("utf-8", ["École Zürich", "Señor"], "1252", []),
        ("utf-8", ["École Zürich", "Señor"], None, []),
        ("cp1251", ["Школа", "Больница"], "1251", []),
    ],
)
def test_other_encodings_are_believed_where_the_bytes_allow_it(tmp_path, at, findings, encoding, names, cpg, expected):
    path = tmp_path / "a.shp"
    points = shapely.points([[118.8, 28.9], [118.9, 28.9]])
    pyogrio.write_dataframe(gpd.GeoDataFrame({"name": names}, geometry=points, crs=4326), path, encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    frame = read_vector(path, at)
    assert frame is not None
    if not (encoding == "utf-8" and cpg == "1252"):  # both can be read: the claim holds
        assert frame["name"].tolist() == names
    assert codes(findings) == expected


def test_a_sign_cut_off_by_the_end_of_the_field_is_left_out(tmp_path, at, findings):
    """Ten bytes of UTF-8 hold three Chinese signs and a third of the fourth."""
    path = schools(tmp_path, "utf-8", cpg=None)
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    width = dbf[32 + 16]
    text = ("衢州" * 40).encode()[:width]
    start = struct.unpack("<H", dbf[8:10])[0] + 1
    dbf[start : start + width] = text
    path.with_suffix(".dbf").write_bytes(dbf)
    frame = read_vector(path, at)
    assert frame is not None
    assert frame["名称"][1] == ("衢州" * 40)[: width // 3]
    assert frame["名称"][2] == NAMES[1]
    assert codes(findings) == []


def test_one_damaged_cell_among_many_is_told_and_the_others_are_read(tmp_path, at, findings):
    path = tmp_path / "a.shp"
    names = [f"第{n}小学" for n in range(200)]
    points = shapely.points([[118.8 + n / 1000, 28.9] for n in range(200)])
    gpd.GeoDataFrame({"name": names}, geometry=points, crs=4326).to_file(path, encoding="utf-8")
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes().replace("第7小学".encode(), b"\xff\xfe\xff" + "7小学".encode()))
    frame = read_vector(path, at)
    assert frame is not None
    assert frame["name"].tolist()[8:] == names[8:]
    assert frame["name"][8].endswith("7小学")
    assert codes(findings) == ["shapefile.cells_damaged"]


def test_many_damaged_cells_are_told_too(tmp_path, at, findings):
    path = tmp_path / "a.shp"
    names = [f"第{n}小学" for n in range(100)]
    points = shapely.points([[118.8 + n / 1000, 28.9] for n in range(100)])
    gpd.GeoDataFrame({"name": names}, geometry=points, crs=4326).to_file(path, encoding="utf-8")
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes().replace("第1".encode(), b"\xff\xfe\xff1"))
    frame = read_vector(path, at)
    assert frame is not None
    assert frame["name"].tolist()[20:] == names[20:]
    assert codes(findings) == ["shapefile.cells_damaged"]
    assert findings.problems[0].fields["count"] == 11


def shp(kind: int, records: list[bytes]) -> tuple[bytes, bytes]:
    """A .shp and its .shx by the white paper of 1998."""
    body, index, place = b"", b"", 50
    for number, record in enumerate(records, 1):
        body += struct.pack(">2i", number, len(record) // 2) + record
        index += struct.pack(">2i", place, len(record) // 2)
        place += 4 + len(record) // 2

    def head(words: int) -> bytes:
        box = struct.pack("<8d", 118.0, 28.0, 119.0, 29.0, 0.0, 0.0, 0.0, 0.0)
        return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, words) + struct.pack("<2i", 1000, kind) + box

    return head(50 + len(body) // 2) + body, head(50 + len(index) // 2) + index


def record(kind: int, parts: list[list[tuple[float, float]]], *more: float) -> bytes:
    """A poly line or polygon; `more`: values that every point has besides."""
    points = [point for part in parts for point in part]
    xs, ys = zip(*points, strict=True)
    data = struct.pack("<i4d2i", kind, min(xs), min(ys), max(xs), max(ys), len(parts), len(points))
    starts = np.cumsum([0, *[len(part) for part in parts[:-1]]])
    data += struct.pack(f"<{len(parts)}i", *starts)
    data += b"".join(struct.pack("<2d", *point) for point in points)
    for value in more:
        data += struct.pack("<2d", value, value) + struct.pack(f"<{len(points)}d", *[value] * len(points))
    return data


NULL = struct.pack("<i", 0)
LINE = [(118.0, 28.0), (118.01, 28.0), (118.01, 28.01)]
SQUARE = [(118.0, 28.0), (118.0, 28.1), (118.1, 28.1), (118.1, 28.0), (118.0, 28.0)]
HOLE = [(118.04, 28.04), (118.06, 28.04), (118.06, 28.06), (118.04, 28.06), (118.04, 28.04)]
ISLAND = [(118.2, 28.0), (118.2, 28.1), (118.3, 28.1), (118.3, 28.0), (118.2, 28.0)]


@pytest.mark.parametrize(("kind", "more"), [(3, ()), (23, (7.0,)), (13, (55.0,)), (13, (55.0, 7.0))])
@pytest.mark.parametrize("with_index", [True, False])
def test_lines_with_heights_measures_or_both_are_lines(tmp_path, at, findings, kind, more, with_index):
    """Poly lines, PolyLineM, PolyLineZ without and with measures; a null shape among them is told."""
    path = tmp_path / "a.shp"
    shapes, index = shp(kind, [record(kind, [LINE], *more), NULL, record(kind, [LINE, ISLAND], *more)])
    path.write_bytes(shapes)
    if with_index:
        path.with_suffix(".shx").write_bytes(index)
    frame = read_vector(path, at, crs="EPSG:4326")
    assert frame is not None
    assert frame.index.tolist() == [1, 3]
    assert not frame.geometry.has_z.any()
    assert shapely.get_coordinates(frame.geometry[1]).tolist() == [list(point) for point in LINE]
    assert frame.geometry[3].geom_type == "MultiLineString"
    expected = ["shapefile.dbf_missing", "vector.no_geometry"]
    assert codes(findings) == (expected if with_index else ["shapefile.shx_missing", *expected])
    assert path.with_suffix(".shx").exists() == with_index


@pytest.mark.parametrize(("kind", "more"), [(5, ()), (25, (1.0,)), (15, (9.0, 1.0))])
def test_polygons_of_one_and_several_parts_with_holes_and_nothing(tmp_path, at, findings, kind, more):
    """A square of 0.01 square degrees with a hole of 0.0004, one with an island, and a null shape: two districts."""
    path = tmp_path / "a.shp"
    shapes, _ = shp(kind, [record(kind, [SQUARE, HOLE], *more), record(kind, [ISLAND], *more), NULL])
    path.write_bytes(shapes)
    frame = read_vector(path, at, crs="EPSG:4490")
    assert frame is not None
    districts = layer_districts(frame, None, None, at)
    assert districts is not None
    assert shapely.area(districts.frame.geometry.array).tolist() == pytest.approx([0.0096, 0.01])


def test_areas_lines_and_points_in_one_layer_leave_the_areas(tmp_path, at, findings):
    square, island = shapely.Polygon(SQUARE), shapely.Polygon(ISLAND)
    mixed = shapely.GeometryCollection([island, shapely.Point(118.5, 28.5)])
    frame = gpd.GeoDataFrame(
        {"name": ["a", "b", "c", "d"]},
        geometry=[square, shapely.MultiPolygon([island]), shapely.LineString(LINE), mixed],
        crs=4326,
    )
    frame.to_file(tmp_path / "a.geojson")
    read = read_vector(tmp_path / "a.geojson", at)
    assert read is not None
    districts = layer_districts(read, None, None, at)
    assert districts is not None
    assert districts.frame["district_name"].tolist() == ["a", "b", "d"]
    assert districts.frame.geom_type.tolist() == ["Polygon", "MultiPolygon", "Polygon"]
    assert shapely.area(districts.frame.geometry.array).tolist() == pytest.approx([0.01, 0.01, 0.01])
    assert codes(findings) == ["districts.not_polygons", "districts.overlap"]


def test_without_its_index_nothing_is_written_beside_it_and_the_columns_stay(tmp_path, at, findings):
    path = schools(tmp_path, "gb18030", cpg=None)
    path.with_suffix(".shx").unlink()
    before = sorted(other.name for other in tmp_path.iterdir())
    frame = read_vector(path, at)
    assert frame is not None
    assert frame["名称"].tolist()[:3] == NAMES[:3]
    assert sorted(other.name for other in tmp_path.iterdir()) == before
    assert codes(findings) == ["shapefile.shx_missing", "file.encoding"]


def test_without_its_index_its_system_is_known_all_the_same(tmp_path):
    path = tmp_path / "a.shp"
    gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(40_500_000, 3_200_000)], crs=4528).to_file(path)
    assert own_system(path) == "EPSG:4528"
    path.with_suffix(".shx").unlink()
    assert own_system(path) == "EPSG:4528"
    path.with_suffix(".prj").unlink()
    assert own_system(path) is None


@pytest.mark.parametrize("kept", [40, 120])
def test_a_prj_that_was_cut_off_is_named_as_what_is_damaged(tmp_path, at, findings, kept):
    path = schools(tmp_path, "utf-8", cpg="UTF-8")
    path.with_suffix(".prj").write_bytes(path.with_suffix(".prj").read_bytes()[:kept])
    assert read_vector(path, at) is None
    assert codes(findings) == ["vector.crs_damaged"]
    assert "None" not in render(findings.problems[0], "en")


def test_parts_in_capitals_belong_to_it(tmp_path, at, findings):
    path = schools(tmp_path, "utf-8", cpg="UTF-8")
    for suffix in (".dbf", ".prj", ".cpg"):
        path.with_suffix(suffix).rename(path.with_suffix(suffix.upper()))
    frame = read_vector(path, at)
    assert frame is not None
    assert frame["名称"].tolist()[:3] == NAMES[:3]
    assert codes(findings) == []


def test_a_layer_that_is_another_is_refused(tmp_path, at, findings):
    path = schools(tmp_path, "utf-8", cpg=None)
    assert read_vector(path, at, layer="医院") is None
    assert codes(findings) == ["vector.layer_missing"]
    assert read_vector(path, at, layer="学校") is not None


def archive(path: Path, files: dict[str, Path], *, windows: bool = False) -> Path:
    """A .zip; `windows`: Chinese names in GBK and no flag that says so, as the Explorer of Windows writes them."""
    stand_in = {name: f"{n:0{len(name.encode('gbk')) - 4}d}{Path(name).suffix}" for n, name in enumerate(files)}
    with zipfile.ZipFile(path, "w") as target:
        for name, file in files.items():
            target.writestr(stand_in[name] if windows else name, file.read_bytes())
    if windows:
        raw = path.read_bytes()
        for name, short in stand_in.items():
            raw = raw.replace(short.encode(), name.encode("gbk"))
        path.write_bytes(raw)
    return path


@pytest.mark.parametrize("windows", [True, False])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("inside", ["{}", "数据/2020/{}"])
def test_a_shapefile_in_an_archive_in_any_folder_of_it(tmp_path, at, findings, encoding, inside, windows):
    schools(tmp_path, encoding, cpg="ISO-8859-1")
    parts = {inside.format(file.name): file for file in tmp_path.glob("学校.*") if file.suffix != ".shx"}
    frame = read_vector(archive(tmp_path / "a.zip", parts, windows=windows), at, layer="学校")
    assert frame is not None
    assert frame["名称"].tolist()[:3] == NAMES[:3]
    assert frame.crs == "EPSG:4326"
    assert codes(findings) == ["shapefile.shx_missing", "shapefile.cpg_wrong"]


def test_of_several_in_an_archive_one_is_read_and_the_others_named(tmp_path, at, findings):
    path = schools(tmp_path, "utf-8", cpg=None)
    parts = {f"{name}{file.suffix}": file for name in ("a", "b") for file in tmp_path.glob("学校.*")}
    packed = archive(tmp_path / "p.zip", parts)
    assert path.exists()
    assert read_vector(packed, at) is not None
    assert read_vector(packed, at, layer="b") is not None
    assert read_vector(packed, at, layer="c") is None
    assert codes(findings) == ["vector.layers_several", "vector.layer_missing"]


def test_of_several_in_an_archive_the_only_one_with_lines_are_the_roads(tmp_path, at, findings):
    schools(tmp_path, "utf-8", cpg=None)
    lines = gpd.GeoDataFrame({"highway": ["path"]}, geometry=[shapely.LineString(LINE)], crs=4326)
    lines.to_file(tmp_path / "路.shp", encoding="utf-8")
    parts = {f"数据/{file.name}": file for name in ("学校", "路") for file in tmp_path.glob(f"{name}.*")}
    streets = read_road_layer(archive(tmp_path / "p.zip", parts), None, findings)
    assert streets is not None
    assert streets.classes == ("path",)
    assert codes(findings) == []


def test_a_part_cut_off_within_an_archive_is_told(tmp_path, at, findings):
    path = schools(tmp_path, "utf-8", cpg=None)
    path.with_suffix(".dbf").write_bytes(path.with_suffix(".dbf").read_bytes()[:-50])
    assert read_vector(archive(tmp_path / "p.zip", {f.name: f for f in tmp_path.glob("学校.*")}), at) is None
    assert codes(findings) == ["file.cut_off"]


@pytest.mark.parametrize("damage", ["cut", "garbage", "flipped", "password"])
def test_broken_archives_are_errors(tmp_path, at, findings, damage):
    schools(tmp_path, "utf-8", cpg=None)
    packed = archive(tmp_path / "p.zip", {f.name: f for f in tmp_path.glob("学校.*")})
    data = bytearray(packed.read_bytes())
    if damage == "cut":
        data = data[: len(data) // 2]
    elif damage == "garbage":
        data = bytearray(b"PK\x03\x04" + b"nothing" * 40)
    elif damage == "password":  # the flags of every member, beside its content and in the directory
        for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            for n in range(len(data) - 40):
                if data[n : n + 4] == mark:
                    data[n + flags] |= 1
    else:
        data[data.index((9994).to_bytes(4, "big")) + 60] ^= 0xFF
    packed.write_bytes(data)
    assert read_vector(packed, at) is None
    assert codes(findings) == ["vector.unreadable"]


def test_a_part_that_unpacks_to_more_than_a_shapefile_may_have_is_refused_unread(tmp_path, at, findings, monkeypatch):
    """By what the archive says of it: nothing is unpacked."""
    schools(tmp_path, "utf-8", cpg=None)
    packed = archive(tmp_path / "p.zip", {f.name: f for f in tmp_path.glob("学校.*")})
    size = (tmp_path / "学校.dbf").stat().st_size
    monkeypatch.setattr("circle.load.shapefile.PART_LIMIT_BYTES", size)
    assert read_vector(packed, at) is not None
    assert codes(findings) == []
    monkeypatch.setattr("circle.load.shapefile.PART_LIMIT_BYTES", size - 1)
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: b"" if _[1].file_size < size else pytest.fail("unpacked"))
    assert read_vector(packed, at) is None
    assert findings.problems[-1].code == "shapefile.part_too_large"
    assert findings.problems[-1].fields["size"] == f"{size:,}"


@pytest.mark.parametrize("suffix", [".dbf", ".shp", ".shx", ".cpg", ".prj"])
def test_damage_anywhere_ends_in_an_answer_or_a_sentence(tmp_path, at, suffix):
    """Any two bytes of any part overwritten: whatever comes of it, never an exception."""
    path = schools(tmp_path, "gb18030", cpg="GBK", language=0x4D)
    part = path.with_suffix(suffix)
    data = part.read_bytes()
    for place in range(0, len(data) - 1, max(1, len(data) // 120)):
        part.write_bytes(data[:place] + b"\xff\xfe" + data[place + 2 :])
        frame = read_vector(path, at, crs="EPSG:4326")
        assert frame is None or len(frame) <= 4


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_a_system_with_a_chinese_name_is_understood(tmp_path, at, findings, encoding):
    """The name of a system means nothing; its numbers do. 118.8, 28.9 is where the first point was put."""
    path = schools(tmp_path, "utf-8", cpg=None)
    frame = pyogrio.read_dataframe(path).to_crs(4549)
    pyogrio.write_dataframe(
        frame.rename(columns=dict(zip(frame.columns, ["a", "b", "c", "geometry"], strict=True))), path
    )
    prj = path.with_suffix(".prj")
    text = prj.read_text()
    name = text.split('"')[1]
    prj.write_bytes(text.replace(name, "国家2000_三度带_120度").encode(encoding))
    read = read_vector(path, at)
    assert read is not None
    assert (read.geometry.x[1], read.geometry.y[1]) == pytest.approx((118.8, 28.9), abs=1e-7)
    assert codes(findings) == []


def test_the_heads_are_glanced_at_for_the_proposal(tmp_path):
    """Kind, decoded headers and whether there is a .prj; of an archive, of each shapefile in it."""
    path = schools(tmp_path, "gb18030", cpg=None)
    path.with_suffix(".prj").unlink()
    expected = Glance("学校", "Point", ["名称", "所属乡镇名", "beds"], has_crs=False)
    assert glance_at(path) == [expected]
    parts = {f"a/{name}{file.suffix}": file for name in ("学校", "医院") for file in tmp_path.glob("学校.*")}
    packed = archive(tmp_path / "p.zip", parts)
    assert glance_at(packed) == [expected._replace(layer="医院"), expected]


def test_headers_of_which_ten_bytes_are_left_are_known(tmp_path, at, findings):
    """学校名称 is twelve bytes in UTF-8; 所属乡镇名称 also too long in GBK. Declared, or one of the words that circle knows."""
    frame = gpd.GeoDataFrame(columns=["学校名", "所属乡", "population", "常住人"])
    assert find_column(frame, "name") == "学校名"
    assert find_column(frame, "district_name", "所属乡镇名称") == "所属乡"
    assert need_column(frame, "name", "所属乡镇名称", at) == "所属乡"
    assert find_column(frame, "name", "学校编号") is None
    assert codes(findings) == ["shapefile.header_cut"]


def test_people_in_columns_with_short_headers(tmp_path, at, findings):
    people = gpd.GeoDataFrame(
        {"常住人": [10, 20], "六十岁": [1, 2]}, geometry=shapely.points([[118.8, 28.9], [118.9, 28.9]]), crs=4326
    )
    found = count_features(people, at, people="常住人口总数", groups={"elderly": "六十岁以上人口"})
    assert found is not None
    assert found.frame[["all", "elderly"]].sum().tolist() == [30, 3]


@pytest.mark.slow
@pytest.mark.parametrize("cpg", [None, "GBK", "ISO-8859-1"])
def test_malta_reads_the_same_whatever_its_cpg_says(regions, tmp_path, at, findings, cpg):
    """The real shapefile of roads: UTF-8, Maltese names; against what GDAL reads by its own .cpg."""
    for file in (regions / "malta").glob("gis_osm_roads_free_1.*"):
        shutil.copy(file, tmp_path)
    path = tmp_path / "gis_osm_roads_free_1.shp"
    expected = pyogrio.read_dataframe(path)
    path.with_suffix(".cpg").unlink()
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    frame = read_vector(path, at)
    assert frame is not None
    assert frame["name"].fillna("").tolist() == expected["name"].fillna("").tolist()
    assert expected["name"].str.contains("[ħżġċ]", na=False).sum() > 500


@pytest.mark.slow
def test_malta_without_its_index_or_in_an_archive_gives_the_same_streets(regions, tmp_path, findings):
    """And, having topology, comes out of the default as it is drawn."""
    files = {file.suffix: file for file in (regions / "malta").glob("gis_osm_roads_free_1.*")}
    for suffix, file in files.items():
        if suffix != ".shx":
            shutil.copy(file, tmp_path)
    packed = archive(tmp_path / "malta.zip", {f"roads/{file.name}": file for file in files.values()})
    whole = read_road_layer(files[".shp"], None, findings)
    for path in (tmp_path / "gis_osm_roads_free_1.shp", packed):
        streets = read_road_layer(path, None, findings)
        assert whole is not None
        assert streets is not None
        assert np.array_equal(streets.way_vertex, whole.way_vertex)
        assert np.array_equal(streets.lon, whole.lon)
        assert streets.repairs is not None
        assert not streets.repairs.joined.any()
        assert streets.repairs.junctions > 20_000


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_catchments_of_las_palmas_through_a_shapefile(regions, tmp_path, at, findings, encoding):
    """29 areas, four of several parts, in EPSG:5635; the real file has lost the end of its header Denominación."""
    source = read_vector(regions / "las_palmas/school_catchments_secondary.geojson", at)
    assert source is not None
    path = tmp_path / "catchments.shp"
    pyogrio.write_dataframe(source, path, encoding=encoding)
    path.with_suffix(".cpg").unlink()
    frame = read_vector(path, at)
    assert frame is not None
    districts = layer_districts(frame, "Codigo", "Denominación", at)
    assert districts is not None
    assert len(districts.frame) == 29
    assert districts.frame["district_name"].tolist() == source["Denominaci"].tolist()
    areas = (shapely.area(shapes.geometry.array).sum() for shapes in (districts.frame, source))
    assert next(areas) == pytest.approx(next(areas), rel=1e-9)
    assert (districts.frame.geom_type == "MultiPolygon").sum() == 4
    assert "shapefile.header_cut" in codes(findings)
