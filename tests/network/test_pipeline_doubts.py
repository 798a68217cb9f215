"""What the pipeline doubts aloud."""

from __future__ import annotations

import geopandas as gpd
from shapely import LineString, Point

import circle
from tests import towns


def region(clinic):
    """Two roads that never meet; 100 people on the first."""
    roads = [[(0, 0), (1000, 0)], [(0, 5000), (1000, 5000)]]
    lines = [LineString([towns.degrees(*p) for p in road]) for road in roads]
    return circle.Region.from_frames(
        roads=gpd.GeoDataFrame(geometry=lines, crs="EPSG:4326"),
        facilities=gpd.GeoDataFrame({"service": ["clinic"]}, geometry=[Point(towns.degrees(*clinic))], crs="EPSG:4326"),
        population=gpd.GeoDataFrame({"people": [100]}, geometry=[Point(towns.degrees(500, 0))], crs="EPSG:4326"),
    )


def test_a_network_that_no_facility_touches_is_told_and_the_run_goes_on():
    """The clinic stands on the road where nobody lives: everybody is without a route, and a warning says so."""
    result = circle.analyze(region((500, 5000)))
    assert "facility.nobody_arrives" in [problem.code for problem in result.problems]
    row = result.summary().set_index("service").loc["clinic"]
    assert (row["people"], row["no_route"], row["covered_15min"]) == (100, 100, 0)


def test_one_that_it_touches_is_not_doubted():
    result = circle.analyze(region((900, 0)))
    assert "facility.nobody_arrives" not in [problem.code for problem in result.problems]
    assert result.summary().set_index("service").loc["clinic", "covered_15min"] == 100
