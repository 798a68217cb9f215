"""From Python too, what cannot be is refused and not answered with nothing."""

from __future__ import annotations

import pandas as pd
import pytest

import circle


@pytest.fixture(scope="module")
def region(sample_regions):
    return circle.load_region(sample_regions / "qingxi")


def test_a_slip_in_a_service_names_the_nearest(region):
    with pytest.raises(circle.InputError, match="clinic"):
        circle.analyze(region, services=("clinik",))


@pytest.mark.parametrize(
    ("origins", "limit"),
    [
        (pd.DataFrame({"lon": [28.9], "lat": [118.9]}), 900.0),
        (pd.DataFrame({"lon": [float("nan")], "lat": [28.9]}), 900.0),
        (pd.DataFrame({"lon": [118.9], "lat": [28.9]}), -5.0),
    ],
    ids=["swapped", "missing", "negative limit"],
)
def test_impossible_points_and_limits_are_refused(region, origins, limit):
    good = pd.DataFrame({"lon": [118.9], "lat": [28.9]})
    with pytest.raises(circle.InputError):
        circle.travel_times(region.network(), origins, good, limit_s=limit)


def test_no_limit_and_no_network_are_refused(region):
    good = pd.DataFrame({"lon": [118.9], "lat": [28.9]})
    with pytest.raises(circle.InputError):
        circle.isochrones(region.network(), good, limits_s=())
    with pytest.raises(circle.InputError, match=r"region\.network"):
        circle.travel_times(region.network, good, good)
