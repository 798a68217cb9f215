"""The sea on the maps of a report: that of `circle.export.sea`, as fine as can be seen."""

from __future__ import annotations

import numpy as np
import shapely
from matplotlib.path import Path

from circle.export.sea import is_shore, sea_faces
from circle.model import Barriers, Floats
from circle.report.paths import Window, compound, lines_in

NOWHERE = np.empty((0, 2))


def sea_path(barriers: Barriers, view: Window, junctions: Floats = NOWHERE) -> Path | None:
    """What lies to the right of the shores in the window; None where there is no shore.

    `junctions` are those of the roads, (n, 2) in degrees: where the data end, no sea lies over them.
    """
    sea = sea_faces(
        lines_in(barriers.lon, barriers.lat, barriers.line_offset, is_shore(barriers), view), view.box, junctions
    )
    if not len(sea):
        return None
    coordinates, owner = shapely.get_coordinates(shapely.get_rings(sea), return_index=True)
    return compound(coordinates, owner, closed=True)
