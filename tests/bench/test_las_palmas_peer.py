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
from tests.bench.figures import Say
from tests.bench.measured import Cost, measured

HERE = Path(__file__).resolve().parent
CELL_M, NEAR_ROAD_M, RUNS = 100.0, 150.0, 5
SERVICES = ("school", "clinic", "bus_stop")


def write_inputs(pbf: Path, folder: Path, step: int = 1) -> tuple[Path, Path]:
    """A region file, and the cells within 150 m of a road, every `step`-th of them."""
    (folder / "people.csv").write_text("lon,lat,people\n-15.43,28.12,1\n", encoding="utf-8")
    (folder / "region.toml").write_text(
        f"""
[region]
name = "Las Palmas"
[osm]
path = "{pbf.as_posix()}"
[roads]
source = "osm"
[[facilities]]
source = "osm"
services = {list(SERVICES)}
[population]
path = "people.csv"
crs = "EPSG:4326"
""".replace("'", '"'),
        encoding="utf-8",
    )
    engine = circle.load_region(folder).network().engine
    data = engine.network
    x, y = np.meshgrid(
        np.arange(data.node_x.min(), data.node_x.max(), CELL_M), np.arange(data.node_y.min(), data.node_y.max(), CELL_M)
    )
    lon, lat = to_degrees(data.crs, x.ravel(), y.ravel())
    near = np.flatnonzero(
        nearest_leg_m(join_places(engine, lon, lat, farthest_m=NEAR_ROAD_M).attachment) <= NEAR_ROAD_M
    )
    np.savez(folder / "cells.npz", lon=lon[near][::step], lat=lat[near][::step])
    return folder / "region.toml", folder / "cells.npz"


@pytest.mark.slow
def test_every_cell_gets_its_time_in_a_process_of_its_own(regions: Path, tmp_path: Path) -> None:
    """The half of the comparison that needs no peer, on every 40th cell: all have a time, and memory stays small."""
    region, cells = write_inputs(regions / "las_palmas/las_palmas_2023.osm.pbf", tmp_path, step=40)
    cost = measured([HERE / "circle_side.py", region, cells, tmp_path / "out.npz"])
    found = np.load(tmp_path / "out.npz")
    assert set(found) == set(SERVICES)
    for service in SERVICES:
        assert len(found[service]) == len(np.load(cells)["lon"]) > 200
        assert np.isfinite(found[service]).mean() > 0.9
    assert cost.peak_bytes < 1e9


@pytest.mark.bench
def test_at_least_twice_as_fast_as_pyrosm_with_pandana(regions: Path, tmp_path: Path, figure: Say) -> None:
    """The job again and again in one process each, and once in fresh processes, where half of ours is importing.

    Processes take turns, and what fills the disk's and the compiler's caches is not counted. Of the rounds in one
    process medians are compared, of the processes the quickest: all that the machine does beside them only adds.
    """
    pbf = regions / "las_palmas/las_palmas_2023.osm.pbf"
    region, cells = write_inputs(pbf, tmp_path)
    ours = [HERE / "circle_side.py", region, cells, tmp_path / "ours.npz"]
    theirs = [HERE / "pandana_side.py", pbf, cells, tmp_path / "theirs.npz"]
    measured(ours), measured(theirs)
    fresh = [(measured(ours), measured(theirs)) for _ in range(RUNS)]
    again = [(_later_rounds(measured([*ours, 1 + RUNS])), _later_rounds(measured([*theirs, 1 + RUNS]))) for _ in "12"]
    cold = [min(run.seconds for run in side) for side in zip(*fresh, strict=True)]
    warm = [median(side) for side in zip(*again, strict=True)]
    peak, their_peak = (max(run.peak_bytes for run in runs) / 1e6 for runs in zip(*fresh, strict=True))
    mine, other = np.load(tmp_path / "ours.npz"), np.load(tmp_path / "theirs.npz")
    _assert_the_same_bulk(mine, other)
    assert peak < 1000
    work, peer = "Las Palmas, from the extract to the travel times of all 100 m cells to 3 services", "pyrosm + pandana"
    cold_s, warm_s = ({"ours_s": own, "peer_s": their} for own, their in (cold, warm))
    # seen in fresh processes: 1.96 to 2.08; half of ours is Python and its libraries starting
    figure(row=1, work=f"{work}, fresh process", peer=peer, at_least=3.5, asserted=2, **cold_s)
    figure(row=1, work="the same again in one process, without starting", peer=peer, at_least=2, **warm_s)
    figure(row=1, work="the same, fresh process: peak memory", peer=peer, value=peak, unit="MB")
    figure(row=1, work="the peer's peak memory", value=their_peak, unit="MB")


def _later_rounds(cost: Cost) -> float:
    """Median seconds of all rounds but the first."""
    return median(float(word) for word in cost.said.split()[1:])


def _assert_the_same_bulk(mine: Mapping[str, Floats], other: Mapping[str, Floats]) -> None:
    """Times agree where they can: theirs go from the nearest junction, so they lack legs and parts of edges."""
    for service in SERVICES:
        both = np.isfinite(mine[service]) & np.isfinite(other[service])
        assert both.mean() > 0.9
        assert np.corrcoef(mine[service][both], other[service][both])[0, 1] > 0.9
