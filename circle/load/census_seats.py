"""County seats under the county's own code: a town beside the others, and no sum of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from circle.load.census_codes import larger_areas
from circle.load.census_labels import Row
from circle.load.sums import EXACT
from circle.model import Districts, Floats, Ints


def seats_of(
    rows: tuple[npt.NDArray[np.object_], Ints, Floats], codes: Sequence[str | None], districts: Districts
) -> frozenset[str]:
    """The codes by which a district lies beside those whose codes lie in it, and whose row is not their sum.

    Of such a code alone, its row would be taken for their total, and a whole town would be left out. A district that
    is drawn around the others is their county.

    Parameters
    ----------
    rows
        (n,) what each row is so far, its district, its people.
    codes
        Of each row, as `circle.load.census_codes.area_of_code` leaves them.
    """
    kind, district, people = rows
    counted = [i for i, code in enumerate(codes) if code is not None and kind[i] is Row.COUNTED and people[i] > 0]
    below: dict[str, list[int]] = {}
    for i in counted:
        for outer in larger_areas(str(codes[i])):
            below.setdefault(outer, []).append(i)
    shapes = np.asarray(districts.frame.geometry.array, dtype=object)
    return frozenset(
        str(codes[i])
        for i in counted
        if (parts := below.get(str(codes[i]))) is not None
        and abs(float(people[parts].sum()) - float(people[i])) > EXACT
        and not _is_around(shapes[district[i]], shapes[district[parts]])
    )


def _is_around(shape: shapely.Geometry, parts: npt.NDArray[np.object_]) -> bool:
    """Whether most of the parts lie in the shape."""
    within = shapely.covers(shape, shapely.point_on_surface(parts))
    return bool(np.mean(within) > 0.5)
