"""What a slice is cut out with: boxes, tables, and orders that do not hang on what lies elsewhere."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from circle.batch.tables import Table
from circle.batch.where import BLOCK, Where, grouped
from circle.errors import Findings
from circle.kernels.chains import hilbert_order
from circle.load.manifest import Manifest
from circle.load.mosaic import Block, window_of
from circle.load.schema import checked

HOSTILE = ["县", None, "", "a\x00b", '"]}', "<script>", 3, 2.5, "é", "\U0001f3d4"]


@pytest.mark.parametrize("seed", range(8))
def test_what_meets_a_box_is_found_whatever_lies_where(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.choice([0, 1, BLOCK, BLOCK + 1, 1_000]))
    low = rng.uniform(-500, 500, (2, count))
    high = low + rng.exponential(20.0, (2, count)) * (rng.random(count) < 0.7)
    low[:, rng.random(count) < 0.05] = np.nan
    where = Where.of(*low, *high, ordered=bool(seed % 2))
    for _ in range(20):
        x, y = np.sort(rng.uniform(-550, 550, (2, 2)), axis=1)
        tree = [i for i in range(count) if np.isfinite(low[0, i]) and shapely.box(x[0], y[0], x[1], y[1]).intersects(shapely.box(*low[:, i], *high[:, i]))]
        assert where.meeting((x[0], y[0], x[1], y[1])).tolist() == tree


def test_rows_by_label_are_those_of_the_label() -> None:
    label = np.random.default_rng(0).integers(-1, 5, 100)
    rows, first = grouped(label, 6)
    for k in range(6):
        assert rows[first[k] : first[k + 1]].tolist() == np.flatnonzero(label == k).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_more_points_leave_the_order_of_those_that_are_there(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-30_000, 60_000, (2, 400))
    x[0], y[0] = 65_000.0, -65_000.0  # beyond all others, and within the square of 2 * 65,536 m
    some = np.flatnonzero(rng.random(400) < 0.4)
    x[some[-1]] = 40_000.0  # so that the few need the same square
    few, many = some[hilbert_order(x[some], y[some], fixed=True)], hilbert_order(x, y, fixed=True)
    assert few.tolist() == many[np.isin(many, some)].tolist()


def test_a_window_in_steps_stays_when_a_cell_is_added() -> None:
    block = Block(700, 1_300, np.ones((10, 10)))
    assert window_of([block], 512) == (512, 1_024, 1_024, 1_536)
    assert window_of([block, Block(1_000, 1_500, np.ones((1, 1)))], 512) == (512, 1_024, 1_024, 1_536)
    assert window_of([block]) == (700, 1_300, 710, 1_310)


def test_rows_of_a_table_come_back_as_they_were() -> None:
    frame = gpd.GeoDataFrame(
        {"name": pd.Series(HOSTILE, dtype=object), "people": np.arange(len(HOSTILE)) / 3},
        geometry=[shapely.Point(n, n / 7) if n % 3 else None for n in range(len(HOSTILE))],
        crs=4326,
    )
    rows = np.array([7, 0, 1, 3])
    back = Table.of(frame).at(rows)
    pd.testing.assert_frame_equal(pd.DataFrame(back.drop(columns="geometry")), pd.DataFrame(frame.drop(columns="geometry").iloc[rows].reset_index(drop=True)))
    assert back.geometry.to_wkb().tolist() == frame.geometry.iloc[rows].to_wkb().tolist()
    assert len(Table.of(frame).at(np.empty(0, np.int64))) == 0


@pytest.mark.parametrize(("by", "fine"), [("osm_id", True), ("code", True), ("adcode", False)])
def test_counties_of_openstreetmap_go_by_its_numbers_or_their_codes(by: str, fine: bool) -> None:
    osm = {"source": "osm"}
    document = {
        "region": {"name": "r"}, "osm": {"path": "r.pbf"}, "roads": osm, "facilities": [osm], "population": {"path": "p.tif"},
        "districts": {**osm, "admin_level": 6}, "batch": {"by": by},
    }  # fmt: skip
    findings = Findings()
    made = checked(Manifest, document, findings, file="province.toml", text="")
    assert (made is not None) == fine
    assert [p.code for p in findings.errors] == ([] if fine else ["batch.by_of_osm"])
