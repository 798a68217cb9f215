"""Whether a list without coordinates is a census by district, and what goes with one."""

from __future__ import annotations

import numpy as np

from circle.lazily import pd
from circle.load.census_codes import area_of_code, is_rounded
from circle.load.columns import find_column, normal_header, texts
from circle.load.population_kind import kind_said

_MOST = 0.5


def census_keys(table: pd.DataFrame, label: str) -> tuple[dict[str, str], dict[str, str]] | None:
    """What a region file should say of a census table.

    Parameters
    ----------
    table
        A list without coordinates.
    label
        The name of its file, which may say what was counted.

    Returns
    -------
    keys, open_keys
        As in `Sighting`; None where the list counts no people by district.

    Examples
    --------
    >>> table = pd.DataFrame({"地区": ["湖镇镇"], "统计代码": ["330825101000"], "户籍人口": [46000]})
    >>> census_keys(table, "2020")
    ({'district': '统计代码', 'kind': 'registered'}, {})
    """
    people, district = find_column(table, "people"), district_column(table)
    if people is None or district is None or district == people:
        return None
    said = kind_said(people) or kind_said(label)
    return (
        ({"district": district}, {"kind": "resident"}) if said is None else ({"district": district, "kind": said}, {})
    )


def own_column_keys(people: str) -> dict[str, str]:
    """What a region file should say of the districts' own column of people.

    >>> own_column_keys("常住人口"), own_column_keys("POP")
    ({'people': '常住人口', 'kind': 'resident'}, {'people': 'POP'})
    """
    said = kind_said(people)
    return {"people": people} | ({"kind": said} if said else {})


def district_column(table: pd.DataFrame) -> str | None:
    """The column that says the district: one of statistical codes before one that is only called so."""
    for column in table.columns:
        cells = [cell for cell in texts(table[column]) if cell is not None]
        codes = [area_of_code(cell) is not None or is_rounded(cell) for cell in cells]
        if codes and np.mean(codes) > _MOST:
            return str(column)
    found = find_column(table, "district_id") or find_column(table, "district_name")
    return found if found is not None else next((str(c) for c in table.columns if normal_header(c)[0] == "地区"), None)
