"""Names on a map: the important ones first, none on top of another."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

from circle.report.drawing import INK, Drawing, rim

SIDES = ((0.0, 1.0, "center", "bottom"), (1.0, 0.0, "left", "center"), (-1.0, 0.0, "right", "center"),
         (0.0, -1.0, "center", "top"))  # fmt: skip
CENTRED = ((0.0, 0.0, "center", "center"), *SIDES)


EDGE = 2.5
"""Points between a name and the frame: a browser's letters may be a little taller than those that are measured here."""


class Labels:
    """What stands on a map already, and room for more.

    `axes` must have its final limits and place: what is taken is counted in dots of the figure.
    """

    def __init__(self, drawing: Drawing, axes: Axes) -> None:
        self.axes = axes
        self.renderer: Any = FigureCanvasAgg(drawing).get_renderer()  # type: ignore[no-untyped-call]
        axes.apply_aspect()
        self.frame = axes.get_window_extent(self.renderer).padded(-EDGE * self.per_point)
        self.taken: list[Bbox] = []

    def keep_free(self, lon: float, lat: float, radius: float) -> None:
        """Let no name stand within `radius` points of a place."""
        x, y = self._dots(lon, lat)
        dots = radius * self.per_point
        self.taken.append(Bbox.from_extents(x - dots, y - dots, x + dots, y + dots))

    def put(
        self,
        place: tuple[float, float],
        words: str,
        *,
        size: float,
        away: float = 2.0,
        sides: tuple[tuple[float, float, str, str], ...] = SIDES,
        **look: Any,
    ) -> bool:
        """Write a name beside a place, on the first side that is free; False where there is none."""
        if not words:
            return False
        options = {"color": INK, "zorder": 8, **look}
        note = self.axes.annotate(
            words,
            place,
            xytext=(0, 0),
            textcoords="offset points",
            fontsize=size,
            path_effects=rim(),
            gid="halo",
            annotation_clip=True,
            **options,
        )
        for right, up, across, along in sides:
            note.set_position((right * away, up * away))
            note.set_horizontalalignment(across)  # type: ignore[arg-type]
            note.set_verticalalignment(along)  # type: ignore[arg-type]
            own = note.get_window_extent(self.renderer).padded(0.8 * self.per_point)
            if self._free(own):
                self.taken.append(own)
                return True
        note.remove()
        return False

    @property
    def per_point(self) -> float:
        """Dots of a point."""
        return float(self.renderer.points_to_pixels(1.0))

    def _dots(self, lon: float, lat: float) -> tuple[float, float]:
        x, y = self.axes.transData.transform((lon, lat))
        return float(x), float(y)

    def _free(self, box: Bbox) -> bool:
        inside = all(low <= value <= high for low, value, high in _sides(self.frame, box))
        return inside and not any(box.overlaps(other) for other in self.taken)


def _sides(frame: Bbox, box: Bbox) -> list[tuple[float, float, float]]:
    return [
        (frame.x0, box.x0, frame.x1),
        (frame.x0, box.x1, frame.x1),
        (frame.y0, box.y0, frame.y1),
        (frame.y0, box.y1, frame.y1),
    ]
