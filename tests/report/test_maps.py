"""What the maps of a report draw, held against shapely: the sea, roads as far as they can be seen, names apart."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.path import Path
from matplotlib.text import Text

import circle
from circle.model import Barriers, Districts
from circle.report import draw_all, report_files
from circle.report.charts import DISTRICTS
from circle.report.drawing import Drawing, styled
from circle.report.ground import _roads, window
from circle.report.labels import Labels
from circle.report.paths import STEPS, Window, shapes_path
from circle.report.sea import sea_path
from tests.export.town import town_analysis
from tests.report.reading import body_rows, read_page


def as_area(path: Path) -> shapely.Geometry:
    """What a path fills by the even-odd rule."""
    rings = [shapely.Polygon(ring) for ring in path.to_polygons()]
    filled = shapely.Polygon()
    for ring in rings:
        filled = shapely.symmetric_difference(filled, shapely.make_valid(ring))
    return filled


def shores(*lines: list[tuple[float, float]], one_sided: bool = True) -> Barriers:
    points = np.array([point for line in lines for point in line], dtype=float).reshape(-1, 2)
    offset = np.cumsum([0, *(len(line) for line in lines)])
    count = len(lines)
    return Barriers(
        points[:, 0], points[:, 1], offset, np.zeros(count, np.int8), np.full(count, one_sided), np.empty(0, object)
    )


VIEW = Window((0.0, 0.0, 10.0, 8.0), 1.0)
ISLAND = [(2.0, 2.0), (5.0, 2.0), (5.0, 6.0), (2.0, 6.0), (2.0, 2.0)]
"""Against the clock: land on the left of its shore, water on the right."""


def test_around_an_island_there_is_the_sea_and_in_a_lake_there_is_water():
    frame, island = shapely.box(*VIEW.box), shapely.Polygon(ISLAND)
    sea = as_area(sea_path(shores(ISLAND), VIEW))
    assert shapely.symmetric_difference(sea, shapely.difference(frame, island)).area < 1e-6
    lake = as_area(sea_path(shores(ISLAND[::-1]), VIEW))
    assert shapely.symmetric_difference(lake, island).area < 1e-6


def test_a_coast_through_the_window_has_its_sea_on_the_right():
    sea = as_area(sea_path(shores([(-1.0, 4.0), (4.0, 5.0), (11.0, 3.0)]), VIEW))
    assert shapely.contains_properly(sea, shapely.Point(5, 1))
    assert not shapely.intersects(sea, shapely.Point(5, 7))


def test_a_coast_that_ends_within_the_window_has_its_sea_beside_it_only():
    sea = as_area(sea_path(shores([(-1.0, 4.0), (4.0, 5.0)]), VIEW))
    assert shapely.symmetric_difference(sea, shapely.Polygon([(0, 0), (4, 0), (4, 5), (0, 4.2)])).area < 1e-6


def test_without_a_shore_there_is_no_sea():
    assert sea_path(shores(), VIEW) is None
    assert sea_path(shores(ISLAND, one_sided=False), VIEW) is None


def test_a_slip_in_the_data_floods_no_island():
    """A short stretch drawn the wrong way round, beside an island's long right shore."""
    slip = [(2.0, 4.1), (2.0, 4.0)]
    wrong = shores(ISLAND, slip[::-1])
    sea = as_area(sea_path(wrong, VIEW))
    assert not shapely.intersects(sea, shapely.Point(3.5, 4))
    assert shapely.intersects(sea, shapely.Point(8, 1))


@pytest.fixture(scope="module")
def analysis(sample_regions):
    return circle.analyze(circle.load_region(sample_regions / "qingxi")).analysis


def test_drawn_roads_lie_where_the_roads_are_as_far_as_can_be_seen(analysis):
    network = analysis.network
    bounds = (network.node_lon.min(), network.node_lat.min(), network.node_lon.max(), network.node_lat.max())
    view = window(bounds, margin=0.02, least_m=10, shape=(0.1, 10))
    step = (view.box[2] - view.box[0]) / STEPS
    owner = np.repeat(np.arange(network.edge_count), np.diff(network.segment_offset) + 1)
    lines = shapely.linestrings(network.vertex_lon, network.vertex_lat, indices=owner)
    drawn = [path for path in _roads(network, view) if path is not None]
    assert len(drawn) == 3
    parts = [part for path in drawn for part in np.split(path.vertices, np.flatnonzero(path.codes == Path.MOVETO)[1:])]
    shown = shapely.multilinestrings([shapely.LineString(part) for part in parts])
    long_enough = lines[shapely.length(lines) > 3 * step]
    points = shapely.line_interpolate_point(long_enough, 0.5, normalized=True)
    assert len(points) > 1000
    assert shapely.distance(points, shown).max() < 3 * step
    assert sum(len(path.vertices) for path in drawn) < len(network.vertex_lon)


def test_shapes_are_cut_to_what_is_seen_and_keep_their_holes():
    ring = shapely.difference(shapely.box(-50, -50, 50, 50), shapely.box(2, 2, 4, 4))
    area = shapely.intersection(as_area(shapes_path(np.array([ring]), VIEW)), shapely.box(*VIEW.box))
    assert area.area == pytest.approx(80 - 4, rel=1e-3)
    assert shapes_path(np.array([shapely.box(50, 50, 51, 51)]), VIEW) is None


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_name_covers_another_and_none_leaves_the_map(analysis, lang):
    for name, drawing in draw_all(analysis, lang).items():
        if name != "map" and not name.startswith("gap"):
            continue
        axes, renderer = drawing.axes[0], FigureCanvasAgg(drawing).get_renderer()
        with styled():
            names = [part for part in axes.findobj(Text) if part.get_gid() == "halo"]
            boxes = [part.get_window_extent(renderer) for part in names]
            frame = axes.get_window_extent(renderer)
        assert len(boxes) >= (40 if name == "map" else 2)
        assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
        assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 for box in boxes)


def test_a_name_without_room_is_left_out():
    drawing = Drawing(50, 50)
    axes = drawing.add_axes((0, 0, 1, 1))
    with styled():
        names = Labels(drawing, axes)
        assert names.put((0.5, 0.5), "first", size=12)
        names.keep_free(0.5, 0.5, 500)
        assert not names.put((0.5, 0.5), "second", size=12)
        assert not names.put((0.2, 0.2), "", size=12)
    assert [note.get_text() for note in axes.texts] == ["first"]


def test_of_many_districts_the_chart_shows_the_worst_and_the_tables_all():
    analysis = town_analysis()
    count = 41
    ids = [f"{i:03d}" for i in range(count)]
    frame = gpd.GeoDataFrame(
        {"district_id": ids, "district_name": [f"镇{i}" for i in range(count - 1)] + [None]},
        geometry=[shapely.box(118.5 + i / 2000, 28.9, 118.5 + (i + 1) / 2000, 28.92) for i in range(count)],
        crs=4326,
    )
    rows = analysis.indicators
    district = rows[rows["district_id"] == "0331"]
    many = [
        district.assign(district_id=d, district_name=name, people=100.0, uncovered=float(i), share=1 - i / 100)
        for i, (d, name) in enumerate(zip(ids, frame["district_name"], strict=True))
    ]
    indicators = pd.concat([rows[rows["scope"] == "region"], *many, rows[rows["scope"] == "outside"]], ignore_index=True)
    changed = replace(
        analysis, region=replace(analysis.region, districts=Districts(frame)), indicators=indicators
    )
    page = read_page(report_files(changed, "zh")["report.html"].decode("utf-8"))
    names = [row[0] for row in body_rows(page.tables["districts_1"])]
    assert names[: count] == [*(f"镇{i}" for i in range(count - 1)), "(040)"]
    chart = draw_all(changed, "zh")["coverage_by_district"]
    shown = [note.get_text() for note in chart.axes[0].texts]
    assert len(shown) == DISTRICTS
    assert shown[:3] == ["040", "镇39", "镇38"]
    assert shown[-1] == "镇11"


def test_seven_limits_have_seven_shades_and_a_legend_within_the_chart(sample_regions):
    region = circle.load_region(sample_regions / "qingxi")
    analysis = circle.analyze(region, limits=(3, 5, 10, 15, 20, 25, 30), services=["clinic"]).analysis
    chart = draw_all(analysis, "en")["coverage_by_service"]
    (legend,) = chart.legends
    assert len({patch.get_facecolor() for patch in legend.get_patches()}) == 7
    renderer = FigureCanvasAgg(chart).get_renderer()
    chart.draw(renderer)
    inside = legend.get_window_extent(renderer)
    assert inside.x1 <= chart.bbox.x1
    assert inside.y0 >= chart.axes[0].get_window_extent(renderer).y1
    page = read_page(report_files(analysis, "en")["report.html"].decode("utf-8"))
    assert ("table", {"id": "services", "class": "whole tight"}) in page.tags
