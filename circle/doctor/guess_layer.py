"""What the rows of a map layer say beyond its columns: that they are water, or that they are the districts."""

from __future__ import annotations

import re
from pathlib import Path

from circle import reference
from circle.lazily import pd
from circle.load.columns import find_column, texts

ROWS_READ = 200
"""What a layer is, its first rows tell."""
_MOST = 0.5


def first_rows(path: Path, layer: str | None) -> pd.DataFrame:
    """The attributes of the first features of a layer; nothing of one that cannot be read."""
    import pyogrio

    try:
        return pd.DataFrame(pyogrio.read_dataframe(path, layer=layer, read_geometry=False, max_features=ROWS_READ))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError, ValueError):
        return pd.DataFrame()


def is_water(rows: pd.DataFrame) -> bool:
    """Whether most rows are tagged or named as water in any column: ``natural=water``, a ``waterway``, 水系.

    Examples
    --------
    >>> is_water(pd.DataFrame({"natural": ["water"], "name": ["Severn"]}))
    True
    >>> is_water(pd.DataFrame({"fclass": ["river", "park", "forest"]}))
    False
    """
    words = set(reference.table("file_words")["water_rows"]["words"])
    return any(_share(rows, column, words) > _MOST for column in rows.columns) if len(rows) else False


def _share(rows: pd.DataFrame, column: str, words: set[str]) -> float:
    if not (pd.api.types.is_object_dtype(rows[column]) or pd.api.types.is_string_dtype(rows[column])):
        return 0.0
    said = [str(word).strip().casefold() for word in texts(rows[column]) if word is not None]
    meant = said if str(column).casefold() == "waterway" else [word for word in said if word in words]
    return len([word for word in meant if word]) / len(rows)


def names_water(label: str) -> bool:
    """Whether a file or layer is named as water, by a word of its own.

    Examples
    --------
    >>> names_water("gis_osm_water_a_free_1"), names_water("县域水系2023"), names_water("Waterford")
    (True, True, False)
    """
    words = reference.table("file_words")["water_rows"]["words"]
    parts = {part.removesuffix("s") for part in re.split(r"[\W\d_]+", label.casefold())}
    return any(word in parts if word.isascii() else word in label for word in words)


def likeness_of_districts(rows: pd.DataFrame, header: pd.DataFrame) -> int:
    """How much a layer of polygons looks like the districts: several of them, with names and codes.

    Parameters
    ----------
    rows
        The first of them.
    header
        Its columns, well decoded.

    Examples
    --------
    >>> towns = pd.DataFrame({"code": ["01", "02"], "name": ["Uptown", "Downtown"]})
    >>> likeness_of_districts(towns, towns), likeness_of_districts(towns[["name"]], towns[["name"]])
    (3, 2)
    >>> likeness_of_districts(towns[:1], towns)
    0
    """
    if len(rows) < 2:
        return 0
    return 1 + sum(find_column(header, meaning) is not None for meaning in ("district_id", "district_name"))
