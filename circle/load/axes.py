"""Which two columns of a table say where its rows are, and in which system: as declared, or as headers name it."""

from __future__ import annotations

from typing import Any, NamedTuple

from circle.lazily import pd
from circle.load.columns import find_column, need_column, normal_header, texts
from circle.load.datums import SHIFTED, WGS84, named_crs
from circle.load.located import Located
from circle.load.sections import Columns

_SYSTEMS = {"wgs84": WGS84, "gcj02": "gcj02", "bd09": "bd09"}


class Axes(NamedTuple):
    """Two columns of cells, and their system."""

    x: pd.Series[Any]
    y: pd.Series[Any]
    crs: str


def has_axes(table: pd.DataFrame, columns: Columns) -> bool:
    """Whether the table has anything that may be coordinates, or the user says so."""
    if columns.lon is not None or columns.lat is not None:
        return True
    systems = (WGS84, *SHIFTED)
    return any(find_column(table, meaning, crs=crs) for meaning in ("lon", "lat", "location") for crs in systems)


def axes_of(table: pd.DataFrame, columns: Columns, crs: str | None, at: Located, *, tried: bool = False) -> Axes | None:
    """The coordinates of a table; None after recording an error.

    A header that names its datum (``gcj02_lon``, ``经度wgs84``) is believed, above a declared system too, unless the
    user named the column as well; every contradiction is told.

    Parameters
    ----------
    crs
        As the user wrote it, or None.
    tried
        The system is one that is only tried: a header that knows better is no contradiction.

    Examples
    --------
    >>> from circle.errors import Findings
    >>> at = Located(Findings(), "poi.csv")
    >>> table = pd.DataFrame({"gcj02_lon": [118.9], "gcj02_lat": [28.9]})
    >>> axes_of(table, Columns.model_validate({}), None, at).crs, at.findings.problems[0].code
    ('gcj02', 'crs.by_header')
    """
    known = None if crs is None else named_crs(crs, at)
    if crs is not None and known is None:
        return None
    lon, lat, datum = _columns(table, columns, known, at)
    both = _location(table, known) if columns.lon is None and columns.lat is None else None
    if both is not None and (lon is None or (datum is None and known is None)):
        x, y = _split(table[both])
        datum = normal_header(both)[1]
    elif lon is None or lat is None:
        need_column(table, "lon", columns.lon, at, crs=known)
        need_column(table, "lat", columns.lat, at, crs=known)
        if known is None:
            at.error("crs.missing_in_table")
        return None
    else:
        twice = [column for column in (lon, lat) if list(table.columns).count(column) > 1]
        for column in twice:
            at.error("table.column_twice", column=column)
        if twice:
            return None
        x, y = table[lon], table[lat]
    named = columns.lon is not None
    system = _system(datum, known, (str(x.name), str(crs)), at, followed=named, tried=tried)
    return None if system is None else Axes(x, y, system)


def _columns(
    table: pd.DataFrame, columns: Columns, known: str | None, at: Located
) -> tuple[str | None, str | None, str | None]:
    """Longitude, latitude and the datum that their headers name: that of `known` by choice, else WGS84."""
    for crs in _by_choice(known):
        lon = find_column(table, "lon", columns.lon, crs)
        lat = find_column(table, "lat", columns.lat, crs)
        if lon is None or lat is None:
            continue
        datums = {normal_header(column)[1] for column in (lon, lat)} - {None}
        if len(datums) > 1:
            at.warn("crs.headers_differ", lon=lon, lat=lat)
            continue
        return lon, lat, next(iter(datums), None)
    return None, None, None


def _location(table: pd.DataFrame, known: str | None) -> str | None:
    """The column that holds both, by the same choice."""
    found = (find_column(table, "location", crs=crs) for crs in _by_choice(known))
    return next((column for column in found if column is not None), None)


def _by_choice(known: str | None) -> tuple[str, ...]:
    own = known if known in SHIFTED else WGS84
    return (str(own), *(other for other in (WGS84, *SHIFTED) if other != own))


def _system(
    datum: str | None, known: str | None, said: tuple[str, str], at: Located, *, followed: bool, tried: bool
) -> str | None:
    """What the header and the declaration come to; `followed`: the user named the column and so stands by both."""
    column, declared = said
    if datum is None:
        if known is None:
            at.error("crs.missing_in_table")
        return known
    system = _SYSTEMS[datum]
    if tried and known in SHIFTED:  # the places were tried as the header says, and the evidence still moves them
        at.error("crs.header_contradicted", column=column, system=system, told=known)
        return None
    if known is None or tried:
        at.note("crs.by_header", column=column, system=system)
        return system
    if system == (known if known in SHIFTED else WGS84):
        return known
    if followed:
        at.warn("crs.header_overruled", column=column, system=system, declared=declared)
        return known
    at.warn("crs.header_followed", column=column, system=system, declared=declared)
    return system


def _split(cells: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """A column that holds ``lng,lat``, as Amap gives it."""
    text = pd.Series(texts(cells), index=cells.index, dtype=object, name=cells.name).fillna("").astype(str)
    parts = text.str.split(r"[,，;\s]+", n=1, expand=True, regex=True).reindex(columns=[0, 1]).fillna("")
    return parts[0].rename(str(cells.name)), parts[1].rename(str(cells.name))
