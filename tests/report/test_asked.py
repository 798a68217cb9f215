"""What the report says was asked is what was asked: a standard is named only where its limits are the ones."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

import circle
from circle.export.quality_sheets import _asked
from circle.model import Analysis
from circle.report import report_files


def analysed(**asked: object) -> Analysis:
    road, clinic, home = shapely.LineString([(119, 29), (119.01, 29)]), shapely.Point(119.01, 29), shapely.Point(119, 29)
    layers = {"roads": (road, "highway", "residential"), "facilities": (clinic, "service", "clinic"), "population": (home, "people", 9)}
    frames = {name: gpd.GeoDataFrame({column: [value]}, geometry=[shape], crs=4326) for name, (shape, column, value) in layers.items()}
    return circle.analyze(circle.Region.from_frames(**frames, **asked)).analysis


@pytest.mark.parametrize(
    ("asked", "limits"),
    [({}, None), ({"limits": (5, 10, 15)}, None), ({"limits": (10, 40)}, "10 min, 40 min"), ({"limits": (1,)}, "1 min"), ({"metric": "distance", "limits": (300, 500)}, "300 m, 500 m")],
)
def test_a_standard_is_named_only_where_its_limits_are_asked(asked: dict[str, object], limits: str | None) -> None:
    analysis = analysed(**asked)
    page = report_files(analysis, "en")["report.html"].decode()
    assert ("Asked: Fifteen minutes on foot" in page) == (limits is None)
    assert ("GB 50180" in page) == (limits is None)
    rows = {name["en"]: value["en"] for name, value in _asked(analysis)}
    assert (rows["Standard"] == "none: limits of one's own") == (limits is not None)
    if limits is not None:
        assert f"limits of its own, {limits}" in page
        assert "no standard asks for them" in page
        assert rows["Basis"] == "" if "Basis" in rows else True
