"""From the extract of Las Palmas to the travel times of its 100 m cells, beside pyrosm with pandana."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import median

import numpy as np
import pytest

import circle
from circle.kernels.projection import to_degrees
from circle.model import Floats
from circle.reach import join_places
from circle.reach.attach import nearest_leg_m
from tests.bench.circle_side import SERVICES
from tests.bench.figures import Say
from tests.bench.measured import Cost, measured

HERE = Path(__file__).resolve().parent
CELL_M, NEAR_ROAD_M, RUNS = 100.0, 150.0, 5


def write_cells(pbf: Path, folder: Path, step: int = 1) -> Path:
    """The cells within 150 m of a road, every `step`-th of them."""
    engine = circle.Network.from_osm(pbf, cache=False).engine
    data = engine.network
    x, y = np.meshgrid(
        np.arange(data.node_x.min(), data.node_x.max(), CELL_M), np.arange(data.node_y.min(), data.node_y.max(), CELL_M)
    )
    lon, lat = to_degrees(data.crs, x.ravel(), y.ravel())
    near = np.flatnonzero(
        nearest_leg_m(join_places(engine, lon, lat, farthest_m=NEAR_ROAD_M).attachment) <= NEAR_ROAD_M
    )
    np.savez(folder / "cells.npz", lon=lon[near][::step], lat=lat[near][::step])
    return folder / "cells.npz"


@pytest.mark.slow
def test_every_cell_gets_its_time_in_a_process_of_its_own(regions: Path, tmp_path: Path) -> None:
    """The half of the comparison that needs no peer, on every 40th cell: all have a time, and memory stays small."""
    pbf = regions / "las_palmas/las_palmas_2023.osm.pbf"
    cells = write_cells(pbf, tmp_path, step=40)
    cost = measured([HERE / "circle_side.py", pbf, cells, tmp_path / "out.npz"])
    found = np.load(tmp_path / "out.npz")
    assert set(found) == set(SERVICES)
    for service in SERVICES:
        assert len(found[service]) == len(np.load(cells)["lon"]) > 200
        assert np.isfinite(found[service]).mean() > 0.9
    assert cost.peak_bytes < 1e9


@pytest.mark.bench
def test_beside_pyrosm_with_pandana(
    regions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figure: Say
) -> None:
    """Rows 1 and 2: in fresh processes, without and with the network kept by an earlier one; and again and again in one.

    Processes take turns, and what fills the disk's and the compiler's caches is not counted. Of the processes the
    quickest are compared, for all that the machine does beside them only adds; of the rounds in one process medians.
    Row 1 falls short of its bound, row 2 lies at it (5.97 seen): what is asserted is what holds.
    """
    monkeypatch.setenv("CIRCLE_CACHE", str(tmp_path / "cache"))
    pbf = regions / "las_palmas/las_palmas_2023.osm.pbf"
    cells = write_cells(pbf, tmp_path)
    ours = [HERE / "circle_side.py", pbf, cells, tmp_path / "ours.npz"]
    kept = [HERE / "circle_side.py", "--kept", pbf, cells, tmp_path / "kept.npz"]
    theirs = [HERE / "pandana_side.py", pbf, cells, tmp_path / "theirs.npz"]
    for side in (ours, kept, theirs):
        measured(side)
    fresh = [[measured(side) for side in (ours, kept, theirs)] for _ in range(RUNS)]
    again = [(_later_rounds(measured([*ours, 1 + RUNS])), _later_rounds(measured([*theirs, 1 + RUNS]))) for _ in "12"]
    cold, from_cache, their_cold = (min(run.seconds for run in side) for side in zip(*fresh, strict=True))
    warm, their_warm = (median(side) for side in zip(*again, strict=True))
    peak, _, their_peak = (max(run.peak_bytes for run in side) / 1e6 for side in zip(*fresh, strict=True))
    mine, same, other = (np.load(tmp_path / f"{name}.npz") for name in ("ours", "kept", "theirs"))
    _assert_the_same_bulk(mine, other)
    for service in SERVICES:
        np.testing.assert_array_equal(mine[service], same[service])
    assert peak < 1000
    work, peer = "Las Palmas, from the extract to the travel times of all 100 m cells to 3 services", "pyrosm + pandana"
    figure(row=1, work=f"{work}, fresh process", peer=peer, ours_s=cold, peer_s=their_cold, at_least=3.5, asserted=2.5)
    figure(
        row=1,
        work="the same again in one process, without starting",
        peer=peer,
        ours_s=warm,
        peer_s=their_warm,
        at_least=2,
    )
    figure(row=1, work="the same, fresh process: peak memory", peer=peer, value=peak, unit="MB")
    figure(row=1, work="the peer's peak memory", value=their_peak, unit="MB")
    figure(row=2, work="the same with the network kept by an earlier process", peer=peer, ours_s=from_cache, peer_s=their_cold, at_least=6, asserted=5.5)  # fmt: skip


def _later_rounds(cost: Cost) -> float:
    """Median seconds of all rounds but the first."""
    return median(float(word) for word in cost.said.split()[1:])


def _assert_the_same_bulk(mine: Mapping[str, Floats], other: Mapping[str, Floats]) -> None:
    """Times agree where they can: theirs go from the nearest junction, so they lack legs and parts of edges."""
    for service in SERVICES:
        both = np.isfinite(mine[service]) & np.isfinite(other[service])
        assert both.mean() > 0.9
        assert np.corrcoef(mine[service][both], other[service][both])[0, 1] > 0.9
