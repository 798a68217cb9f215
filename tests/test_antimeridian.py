"""Shapes that cross 180°, against the same shapes turned to where nothing crosses."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from circle.antimeridian import around, continuous, cut


def globe(lon):
    """Longitudes as coordinate systems give them: in [-180, 180)."""
    return (lon + 180.0) % 360.0 - 180.0


def turned(shape, degrees):
    """A shape turned around the axis of the globe, its longitudes jumping at 180°."""
    return shapely.transform(shape, lambda p: np.column_stack([globe(p[:, 0] + degrees), p[:, 1]]))


@st.composite
def stars(draw):
    """A star-shaped polygon round the origin, drawn either way round, maybe with a hole."""
    spokes = draw(st.integers(3, 14))
    radius = np.array(draw(st.lists(st.floats(0.2, 5.0), min_size=spokes, max_size=spokes)))
    angle = 2 * np.pi * np.arange(spokes) / spokes
    ring = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    centre = np.array([draw(st.floats(-6.0, 6.0)), draw(st.floats(-60.0, 60.0))])
    holes = [ring * 0.05 + centre] if draw(st.booleans()) else []
    shell = ring[:: draw(st.sampled_from([1, -1]))] + centre
    return shapely.Polygon(shell, holes)


@given(stars(), st.sampled_from([180.0, -180.0, 179.0]))
def test_an_area_is_the_same_on_both_sides_together(star, degrees):
    pieces = cut(turned(star, degrees))
    west, _, east, _ = pieces.bounds
    assert pieces.is_valid
    assert west >= -180
    assert east <= 180
    assert pieces.area == pytest.approx(star.area, rel=1e-9)
    for part in shapely.get_parts(pieces):
        assert part.bounds[2] - part.bounds[0] < 15
    back = shapely.union_all([turned(part.buffer(1e-9), -degrees) for part in shapely.get_parts(pieces)])
    assert shapely.symmetric_difference(back, star).area < 1e-6


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=2, max_size=9, unique=True))
def test_a_line_keeps_its_length(points):
    line = shapely.LineString(points)
    pieces = cut(turned(line, 180.0))
    assert pieces.length == pytest.approx(line.length, abs=1e-9)
    assert shapely.get_type_id(pieces) in (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
    assert max(abs(bound) for bound in (pieces.bounds[0], pieces.bounds[2])) <= 180


@pytest.mark.parametrize(
    "shape",
    [
        shapely.box(170, 0, 180, 1),
        shapely.box(-180, 0, -170, 1),
        shapely.MultiPolygon([shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -179, 1)]),
        shapely.LineString([(-90, 0), (80, 0)]),
        shapely.Point(180, 0),
        shapely.MultiPolygon(),
    ],
    ids=["up to it", "from it", "cut already", "long line", "point", "empty"],
)
def test_what_does_not_cross_is_left_alone(shape):
    assert cut(shape) is shape


def test_longitudes_beyond_180_are_brought_back():
    """Some files go on eastward: 179 to 181 is both sides of the line."""
    assert [part.bounds for part in cut(shapely.box(179, 0, 181, 1)).geoms] == [(-180, 0, -179, 1), (179, 0, 180, 1)]
    assert cut(shapely.box(181, 0, 182, 1)).bounds == (-179, 0, -178, 1)


def test_a_hole_across_the_line_stays_a_hole():
    """A square of 4° x 4° with a hole of 2° x 2°, both across 180°: 12 square degrees, half on either side."""
    shape = shapely.Polygon(shapely.box(-2, 0, 2, 4).exterior, [shapely.box(-1, 1, 1, 3).exterior])
    pieces = cut(turned(shape, 180.0))
    assert [part.area for part in pieces.geoms] == pytest.approx([6, 6])


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=20), st.floats(-180, 180))
def test_scattered_points_are_laid_out_without_a_gap(lon, middle):
    """A region 40° wide at most, wherever it lies, is no wider when its longitudes are laid out."""
    points = np.array(lon)
    found = around(globe(points + middle))
    assert np.ptp(found) == pytest.approx(np.ptp(points), abs=1e-9)
    assert globe(found - middle - points) == pytest.approx(np.zeros(len(points)), abs=1e-9)


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=20), st.sampled_from([0.0, 180.0, 170.0]))
def test_longitudes_along_a_line_do_not_jump(lon, middle):
    points = np.array(lon)
    assert np.diff(continuous(globe(points + middle))) == pytest.approx(np.diff(points), abs=1e-9)
