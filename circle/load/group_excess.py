"""Groups that are larger than the whole they are part of: at a row of a table, or in a cell of a raster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from pyproj.exceptions import ProjError

from circle.errors import Listed
from circle.kernels.heights import Transform
from circle.kernels.projection import to_crs
from circle.lazily import gpd, pd
from circle.load.columns import SHOWN, find_column, texts
from circle.load.located import Located
from circle.model import Bools, Floats

ALL = "all"
ROUNDED = 0.01
"""Of the whole: estimates with fractions are rounded, or modelled apart from it, and may differ by so much."""
LEAST = 0.01
"""People: below, a cell of estimates says nothing."""


def tell_excess(
    frame: pd.DataFrame,
    columns: Mapping[str, str],
    values: Mapping[str, Floats],
    at: Located,
    *,
    places: Sequence[object] | None = None,
) -> None:
    """An error for every group that is larger than all residents in some row, with the rows, places and both numbers.

    Parameters
    ----------
    frame
        The rows; its index holds the numbers that the user's program shows.
    columns
        Group to column.
    values
        Group to people, NaN where unknown: nothing is said of these.
    places
        What each row is called; None: its name, where a column holds names, else where it lies.
    """
    if ALL not in values:
        return
    everyone = values[ALL]
    for group, people in values.items():
        rows = np.flatnonzero(_exceeds(people, everyone))
        if group == ALL or not len(rows):
            continue
        called = _called(frame.iloc[rows]) if places is None else [str(places[i]) for i in rows.tolist()]
        said = [
            f"{frame.index[row]}: {name + ', ' if name else ''}{_number(people[row])} > {_number(everyone[row])}"
            for row, name in zip(rows[:SHOWN].tolist(), called[:SHOWN], strict=True)
        ]
        pairs = [f"{_number(people[row])} > {_number(everyone[row])}" for row in rows.tolist()]
        cells = Listed("; ".join(said) + ("; …" if len(rows) > SHOWN else ""), frame.index[rows], pairs)
        at.error(
            "population.group_exceeds_row",
            group=group,
            column=columns[group],
            everyone=columns[ALL],
            count=len(rows),
            cells=cells,
        )


def _exceeds(people: Floats, everyone: Floats) -> Bools:
    """Where the one is larger than the other; counts exactly, estimates with fractions beyond their rounding."""
    whole = (people == np.rint(people)) & (everyone == np.rint(everyone))
    return np.asarray(people > np.where(whole, everyone, everyone * (1 + ROUNDED) + LEAST), dtype=np.bool_)


def _called(frame: pd.DataFrame) -> list[str]:
    """The names of rows, else where they lie, else nothing."""
    names: npt.NDArray[np.object_] = np.full(len(frame), None, object)
    column = find_column(frame, "name") or find_column(frame, "district_name")
    if column is not None and list(frame.columns).count(column) == 1:
        names = texts(frame[column])
    spots = [""] * len(frame)
    if isinstance(frame, gpd.GeoDataFrame):
        spots = [
            "" if shape is None or shape.is_empty else "{0.x:.5f} {0.y:.5f}".format(shape.representative_point())
            for shape in frame.geometry
        ]
    return [spot if name is None else str(name) for name, spot in zip(names, spots, strict=True)]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == np.rint(value) else f"{value:,.2f}"


def warn_of_excess(counts: Floats, groups: tuple[str, ...], grid: tuple[str, Transform], at: Located) -> None:
    """A warning for every group that is larger than all residents in some cells of a raster, with the worst of them.

    Parameters
    ----------
    counts
        (groups, rows, columns), ``"all"`` first.
    grid
        System and transform of the first cell.
    """
    for group, people in zip(groups[1:], counts[1:], strict=True):
        more = _exceeds(people, counts[0])
        if not more.any():
            continue
        beyond = np.where(more, people - counts[0], 0.0)
        row, column = np.unravel_index(int(np.argmax(beyond)), beyond.shape)
        at.warn(
            "raster.group_exceeds_cell",
            group=group,
            cells=int(more.sum()),
            people=_number(float(beyond.sum())),
            place=_spot(grid, int(row), int(column)),
            members=_number(float(people[row, column])),
            everyone=_number(float(counts[0][row, column])),
        )


def _spot(grid: tuple[str, Transform], row: int, column: int) -> str:
    """The middle of a cell in degrees."""
    crs, (a, b, c, d, e, f) = grid
    i, j = column + 0.5, row + 0.5
    try:
        lon, lat = to_crs(crs, "EPSG:4326", np.array([a * i + b * j + c]), np.array([d * i + e * j + f]))
    except ProjError:
        return "-"
    return f"{lon[0]:.5f} {lat[0]:.5f}"
