"""Panels side by side: what stands at the end of one is not cut by the next, nor run into it."""

from __future__ import annotations

from itertools import combinations

from matplotlib.backends.backend_agg import FigureCanvasAgg

from circle.report.charts import districts_charts
from circle.report.drawing import styled
from tests.export.town import town_analysis


def test_words_and_dots_of_neighbouring_panels_stand_apart() -> None:
    with styled():
        (drawing,) = districts_charts(town_analysis(), "en")
        renderer = FigureCanvasAgg(drawing).get_renderer()
        drawing.draw(renderer)
        panels = drawing.axes
        assert len(panels) >= 3
        words = [mark.get_window_extent(renderer) for axes in panels for mark in axes.get_xticklabels()]
        for one, other in combinations(words, 2):
            assert not one.expanded(1.05, 1.0).overlaps(other)
        for axes in panels:
            assert not axes.patch.get_visible()
            dots = [line for line in axes.lines if line.get_marker() == "o"]
            assert dots
            assert not any(line.get_clip_on() for line in dots)
