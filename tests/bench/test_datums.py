"""A million points out of the shifted datums, beside PROJ at a projection of as many."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np
import pyproj
import pytest

from circle.load.shifted import bd09_from_wgs84, gcj02_from_wgs84, wgs84_from_bd09, wgs84_from_gcj02
from tests.bench.figures import Say

POINTS, SECONDS, ROUNDS = 1_000_000, 0.5, 3


def seconds(work: Callable[[], object]) -> float:
    """The best of some rounds: what is slower is the machine's doing."""
    best = np.inf
    for _ in range(ROUNDS):
        begin = perf_counter()
        work()
        best = min(best, perf_counter() - begin)
    return best


@pytest.mark.bench
@pytest.mark.parametrize(("there", "back"), [(gcj02_from_wgs84, wgs84_from_gcj02), (bd09_from_wgs84, wgs84_from_bd09)])
def test_a_million_points_are_converted_in_half_a_second(there: Callable, back: Callable, figure: Say) -> None:  # type: ignore[type-arg]
    """Exactly: the way there and back is the start. The peer makes metres of a Gauss-Krueger zone out of degrees."""
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(75, 134, POINTS), rng.uniform(5, 52, POINTS)
    x, y = there(lon, lat)
    again = back(x, y)
    assert max(np.abs(again[0] - lon).max(), np.abs(again[1] - lat).max()) < 1e-11  # a millionth of a metre
    zone = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4549", always_xy=True)
    peer = seconds(lambda: zone.transform(lon, lat))
    forth, home = seconds(lambda: there(lon, lat)), seconds(lambda: back(x, y))
    datum = there.__name__.partition("_")[0].upper()
    for own, way in ((forth, f"WGS84 to {datum}"), (home, f"{datum} back to WGS84, exact")):
        figure(row=None, work=f"1 M points, {way}: seconds", value=own, unit="s", at_most=SECONDS)
        figure(
            row=None,
            work=f"1 M points, {way}",
            peer="PROJ, a Gauss-Krüger projection of as many",
            ours_s=own,
            peer_s=peer,
        )
