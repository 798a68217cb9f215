"""The bundled county with its lists as an office would hand them over: the same people are covered, to the person."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from circle import api
from circle.load.datums import to_wgs84
from circle.load.shifted import bd09_from_wgs84, gcj02_from_wgs84
from tests.load_inputs.conftest import write_workbook
from tests.load_inputs.old_excel import write_xls

ROOT = Path(__file__).resolve().parent.parent.parent
CLEAN = ROOT / "sample_regions" / "qingxi"


def clean_lists() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Schools and clinics with `lon` and `lat` in WGS84."""
    schools = pd.read_excel(CLEAN / "schools.xlsx", engine="calamine")
    clinics = pd.read_csv(CLEAN / "clinics.csv")
    lon, lat = to_wgs84(schools["经度"], schools["纬度"], "gcj02")
    return schools.assign(lon=lon, lat=lat), clinics.assign(lon=clinics["经度"], lat=clinics["纬度"])


def messy_schools(schools: pd.DataFrame) -> dict[str, list[list[object]]]:
    """One sheet per kind, in BD-09: a merged title, who filled it in, a header of two rows, a total and a remark."""
    sheets: dict[str, list[list[object]]] = {"封面": [["青溪县教育局"], ["编制单位", "教育局"]]}
    lon, lat = bd09_from_wgs84(schools["lon"], schools["lat"])
    for kind, rows in schools.assign(x=lon, y=lat).groupby("类别"):
        sheet: list[list[object]] = [["青溪县学校名单"], ["填报单位：教育局", None, "单位：个"]]
        sheet += [["学校名称", "类别", "百度坐标", None, "学位数（个）"], [None, None, "百度经度", "百度纬度", None]]
        columns = rows[["学校名称", "类别", "x", "y", "学位数"]]
        sheet += [[None if pd.isna(cell) else cell for cell in row] for row in columns.to_numpy(dtype=object)]
        sheets[str(kind)] = [*sheet, ["合 计", None, None, None, float(rows["学位数"].sum())], ["注：坐标取自百度地图"]]
    return sheets


def messy_clinics(clinics: pd.DataFrame) -> str:
    """Semicolons, GCJ-02 in one cell, and the header printed again in the middle."""
    lon, lat = gcj02_from_wgs84(clinics["lon"], clinics["lat"])
    head = "医疗机构名称（全称）;高德经纬度;床位数"
    lines = [
        f"{name};{x:.9f},{y:.9f};{'' if pd.isna(beds) else int(beds)}"
        for name, x, y, beds in zip(clinics["机构名称"], lon, lat, clinics["床位数"], strict=True)
    ]
    return "\r\n".join([head, *lines[:40], head, *lines[40:], "合计;;999"]) + "\r\n"


@pytest.mark.slow
@pytest.mark.parametrize("workbook", ["schools2.xlsx", "schools2.xls"])
def test_messy_lists_give_the_clean_answer_to_the_person(workbook, tmp_path):
    schools, clinics = clean_lists()
    folder = shutil.copytree(CLEAN, tmp_path / "青溪")
    (write_xls if workbook.endswith(".xls") else write_workbook)(folder / workbook, messy_schools(schools))
    (folder / "clinics2.csv").write_bytes(messy_clinics(clinics).encode("gb18030"))
    region = (folder / "region.toml").read_text(encoding="utf-8")
    start, end = region.index("[[facilities]]"), region.index('[[facilities]]\nsource = "osm"')
    lists = f'[[facilities]]\npath = "{workbook}"\nsheet = "*"\n\n'
    lists += '[[facilities]]\npath = "clinics2.csv"\nservice = "clinic"\nname = "医疗机构名称"\n\n'
    (folder / "region.toml").write_text(region[:start] + lists + region[end:], encoding="utf-8")
    wanted, found = api.load_region(CLEAN), api.load_region(folder)
    clean, messy = (
        one.data.facilities.table.sort_values(["service", "lon", "lat"]).reset_index(drop=True)
        for one in (wanted, found)
    )
    assert clean["service"].tolist() == messy["service"].tolist()
    assert clean["name"].dropna().tolist() == messy["name"].dropna().tolist()
    assert np.allclose(clean[["lon", "lat"]], messy[["lon", "lat"]], rtol=0, atol=2e-9)
    assert np.array_equal(clean["capacity"], messy["capacity"], equal_nan=True)
    told = {problem.code for problem in found.problems}
    assert {"crs.by_header", "table.totals", "table.header_again", "services.decided", "file.encoding"} <= told
    pd.testing.assert_frame_equal(api.analyze(wanted).summary(), api.analyze(found).summary(), check_exact=True)
