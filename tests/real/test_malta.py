"""Malta from two formats: the extract and the shapefile made from it give the same times."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import circle
from circle.api.asked import default_question
from circle.errors import Findings
from circle.load.barriers import joined_barriers
from circle.load.osm import read_osm
from circle.load.osm_extract import OsmWanted
from circle.load.road_layers import read_road_layer
from circle.model import Streets
from circle.network import build_network

pytestmark = pytest.mark.slow

PLACES, FACILITIES = 2_000, 50


def network_of(streets: Streets | None, findings: Findings) -> circle.Network:
    assert findings.errors == []
    assert streets is not None
    return circle.Network(build_network(streets, joined_barriers(()), default_question()))


@pytest.fixture(scope="module")
def from_pbf(regions: Path) -> circle.Network:
    findings = Findings()
    extract = read_osm(regions / "malta/malta.osm.pbf", OsmWanted(barriers=False, class_only=True), findings)
    assert extract is not None
    return network_of(extract.streets, findings)


@pytest.fixture(scope="module")
def from_shp(regions: Path) -> circle.Network:
    findings = Findings()
    streets = read_road_layer(regions / "malta/gis_osm_roads_free_1.shp", None, findings, class_only=True)
    return network_of(streets, findings)


def points(network: circle.Network, count: int, seed: int) -> pd.DataFrame:
    """Random places within about 100 m of random vertices of the roads."""
    random, data = np.random.default_rng(seed), network.data
    at = random.integers(0, len(data.vertex_lon), count)
    shift = random.uniform(-0.0009, 0.0009, (2, count))
    return pd.DataFrame({"lon": data.vertex_lon[at] + shift[0], "lat": data.vertex_lat[at] + shift[1]})


def test_travel_times_are_the_same_from_both_formats(
    from_pbf: circle.Network, from_shp: circle.Network, capsys: pytest.CaptureFixture[str]
) -> None:
    """At least 99 % of places are as far from the nearest of the facilities within a second.

    From a single facility a little more may differ: the shapefile lacks 62 of 107,772 segments, and a missing link on
    the way to one facility is missing for everybody beyond it.
    """
    people, facilities = points(from_pbf, PLACES, 1), points(from_pbf, FACILITIES, 2)
    times = np.full((2, PLACES, FACILITIES), np.inf)
    for row, network in enumerate((from_pbf, from_shp)):
        found = circle.travel_times(network, people, facilities)
        times[row, found["origin"], found["destination"]] = found["travel_time_s"]
    assert np.isfinite(times[0]).mean() > 0.5
    apart = np.abs(np.subtract(*np.where(np.isfinite(times), times, 1e9)))
    nearest = times.min(axis=2)
    with capsys.disabled():
        print(
            f"\nMalta: equal exactly: {(nearest[0] == nearest[1]).mean():.2%} of places, {(apart == 0).mean():.2%} of pairs"
        )
    assert np.isclose(*nearest, rtol=0, atol=1).mean() >= 0.99
    assert (apart <= 1).mean() >= 0.97
    assert np.array_equal(np.isfinite(times[0]), np.isfinite(times[1]))
