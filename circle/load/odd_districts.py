"""What is odd about single districts, so that whoever takes them one by one can tell each of its own."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from circle.errors import Problem, Severity
from circle.lazily import pd
from circle.model import Bools, Floats, Ints, OddDistrict

Cells = npt.NDArray[np.object_]
MOST_NAMED = 5


def odd_rows(
    called: tuple[Cells, Cells], given: tuple[Cells | None, Cells | None], rows: Iterable[object], has_area: Bools
) -> list[OddDistrict]:
    """Rows without an area, a name or a code.

    Parameters
    ----------
    called
        (n,) codes and names as they are used.
    given
        (n,) codes and names as they are written, None where a row has none; None: the layer has no such column.
    rows
        (n,) row numbers that users see.
    has_area
        (n,) whether the row has one.
    """
    codes, names = called
    lacking = [np.zeros(len(codes), np.bool_) if column is None else pd.isna(column) for column in given]
    found = []
    for at, row in enumerate(rows):
        if not has_area[at]:
            found.append(_odd(codes[at], names[at], "batch.no_shape", Severity.ERROR, at=str(row)))
        if lacking[0][at]:
            found.append(_odd(codes[at], names[at], "batch.no_code", code=str(codes[at])))
        if lacking[1][at]:
            found.append(_odd(codes[at], names[at], "batch.no_name"))
    return found


def odd_codes(table: pd.DataFrame, before: Cells) -> list[OddDistrict]:
    """Districts that share a code, or stand in several rows.

    Parameters
    ----------
    table
        ``district_id`` and ``district_name`` of every row with an area, codes told apart.
    before
        The codes as they were.
    """
    codes, names = (table[column].to_numpy(dtype=object) for column in ("district_id", "district_name"))
    shared = table["district_id"].groupby(before).transform("nunique").to_numpy() > 1
    times = table.groupby("district_id")["district_id"].transform("size").to_numpy()
    first = ~table["district_id"].duplicated().to_numpy()
    found = []
    for at in np.flatnonzero(first & (shared | (times > 1))).tolist():
        if shared[at]:
            found.append(_odd(codes[at], names[at], "batch.code_shared", code=str(before[at]), own=str(codes[at])))
        if times[at] > 1:
            found.append(_odd(codes[at], names[at], "batch.several_areas", count=int(times[at])))
    return found


def odd_overlaps(table: pd.DataFrame, pairs: tuple[Ints, Ints], common_m2: Floats) -> list[OddDistrict]:
    """Both of every two districts that share land, those with most of it named."""
    codes, names = (table[column].to_numpy(dtype=object) for column in ("district_id", "district_name"))
    shared: dict[int, list[tuple[float, str]]] = {}
    for one, other, area in zip(pairs[0].tolist(), pairs[1].tolist(), common_m2.tolist(), strict=True):
        shared.setdefault(one, []).append((area, str(names[other])))
        shared.setdefault(other, []).append((area, str(names[one])))
    found = []
    for at, others in sorted(shared.items()):
        ordered = [name for _, name in sorted(others, key=lambda item: (-item[0], item[1]))]
        listed = ", ".join(ordered[:MOST_NAMED]) + (" …" if len(ordered) > MOST_NAMED else "")
        area = f"{sum(area for area, _ in others) / 1e6:,.2f}"
        found.append(_odd(codes[at], names[at], "batch.overlap", area=area, others=listed))
    return found


def _odd(
    code: object, name: object, problem: str, severity: Severity = Severity.WARNING, /, **fields: object
) -> OddDistrict:
    return OddDistrict(str(code), str(name), Problem(problem, severity, fields))
