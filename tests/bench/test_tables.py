"""A list of 200,000 points of interest, as Amap exports them: read, placed and told which service each row offers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from python_calamine import load_workbook

from circle.collecting import collection_paused
from circle.errors import Findings
from circle.load.facilities import facility_rows
from circle.load.located import Located
from circle.load.points import point_frame
from circle.load.sections import FacilitiesSection
from circle.load.tables import read_table
from tests.bench.figures import Say

ROWS, ROUNDS, LIMIT_S = 200_000, 3, 3.0
KINDS = (
    ("小学", "科教文化服务;学校;小学"),
    ("中学", "科教文化服务;学校;中学"),
    ("村卫生室", "医疗保健服务;诊所;诊所"),
    ("卫生院", "医疗保健服务;综合医院;卫生院"),
    ("(公交站)", "交通设施服务;公交车站;公交车站相关"),
    ("超市", "购物服务;超级市场;超市"),
    ("饭店", "餐饮服务;中餐厅;中餐厅"),
    ("驾校", "科教文化服务;学校;驾校"),
)
OFFERING = 6
"""Of the kinds above: restaurants and driving schools offer nothing."""


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The list as .csv and, beside it, as .xlsx."""
    random = np.random.default_rng(5)
    kind = np.arange(ROWS) % len(KINDS)
    table = pd.DataFrame(
        {
            "id": [f"B0{i:08X}" for i in range(ROWS)],
            "name": [f"第{i}号{KINDS[k][0]}" for i, k in enumerate(kind)],
            "type": [KINDS[k][1] for k in kind],
            "address": "中心街1号",
            "pname": "浙江省",
            "cityname": "衢州市",
            "adname": "龙游县",
            "gcj02_lon": (118.0 + random.random(ROWS)).round(6),
            "gcj02_lat": (28.5 + random.random(ROWS)).round(6),
        }
    )
    path = tmp_path_factory.mktemp("export") / "poi.csv"
    table.to_csv(path, index=False, encoding="utf-8")
    table.to_excel(path.with_suffix(".xlsx"), index=False, engine="xlsxwriter")
    return path


def classified(path: Path) -> int:
    """How many rows offer a service; read as `circle.load_region` reads, without looks for garbage."""
    with collection_paused():
        return _classified(path)


def _classified(path: Path) -> int:
    at = Located(Findings(), path.name)
    section = FacilitiesSection.model_validate({"path": path.name})
    table = read_table(path, at)
    assert table is not None
    frame = point_frame(table, section, "gcj02", at)
    assert frame is not None
    rows = facility_rows(frame, section, at)
    assert rows is not None
    return len(rows)


def by_peer(path: Path) -> int:
    """The cells only: nothing is looked for, placed or classified."""
    if path.suffix == ".csv":
        return len(pd.read_csv(path, dtype=str, keep_default_na=False))
    return len(load_workbook(path).get_sheet_by_index(0).to_python()) - 1


def best(work: Callable[[Path], int], path: Path) -> tuple[float, int]:
    seconds = []
    for _ in range(ROUNDS):
        begin = perf_counter()
        count = work(path)
        seconds.append(perf_counter() - begin)
    return min(seconds), count


@pytest.mark.bench
@pytest.mark.parametrize(("suffix", "peer"), [(".csv", "pandas.read_csv"), (".xlsx", "calamine")])
def test_a_table_of_200_000_rows_is_read_and_classified_in_three_seconds(suffix, peer, export, figure: Say):
    """In all; of a workbook, calamine alone takes about half."""
    path = export.with_suffix(suffix)
    (own, offering), (other, read) = best(classified, path), best(by_peer, path)
    assert read == ROWS
    assert offering == ROWS * OFFERING // len(KINDS)
    work = f"a {suffix} of 200,000 rows read and classified"
    figure(row=None, work=f"{work}: seconds", value=own, unit="s", at_most=LIMIT_S)
    figure(row=None, work=work, peer=f"{peer}, the cells only", ours_s=own, peer_s=other)
