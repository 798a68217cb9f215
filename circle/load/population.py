"""Where people live, from points, polygons, or a total for the buildings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from circle.lazily import gpd, pd
from circle.load.columns import find_column, listed, nearest_header, parse_numbers, rows_listed, texts
from circle.load.group_excess import tell_excess
from circle.load.located import Located
from circle.load.short_names import cut_header
from circle.load.vector import repair_polygons
from circle.model import Bools, BuildingTotal, CountFeatures, Floats, Geometries

ALL = "all"
MOST_PEOPLE = 1e10
"""More than there are on earth: no place, and no sum of places, has so many."""


def count_features(
    frame: gpd.GeoDataFrame, at: Located, *, people: str | None = None, groups: Mapping[str, str] | None = None
) -> CountFeatures | None:
    """People at points or in polygons, from a layer or a table already read.

    Parameters
    ----------
    frame
        WGS84 geometries and columns of counts; its index holds the row numbers that the user's program shows.
    at
        Takes what is wrong.
    people
        Column of all residents; None: recognised by its header.
    groups
        Group to column.

    Returns
    -------
    CountFeatures or None
        A row without a usable place keeps its people and has no geometry. None after an error.
    """
    if frame.empty:
        at.error("population.empty")
        return None
    errors_before = len(at.findings.errors)
    columns = count_columns(frame, people, groups, at)
    values = {group: counts_of(frame[column], at) for group, column in columns.items()}
    tell_larger_groups(frame, columns, at)
    if len(at.findings.errors) > errors_before:
        return None
    counts, names = with_total(np.array(list(values.values())), tuple(values), at)
    if not counts.any():
        at.error("population.nobody")
        return None
    geometry = _mended(frame, at)
    usable = ~shapely.is_missing(geometry)
    if not usable.any():
        at.error("population.no_place")
        return None
    if not usable.all():
        lost = f"{counts[0][~usable].sum():,.0f}"
        at.warn("population.places_unusable", rows=rows_listed(frame.index[~usable]), people=lost)
    data = dict(zip(names, counts, strict=True))
    placed = gpd.GeoDataFrame(data, geometry=geometry, index=frame.index, crs="EPSG:4326")
    _tell_repeated(placed, frame, at)
    return CountFeatures(placed, names)


def _tell_repeated(placed: gpd.GeoDataFrame, frame: gpd.GeoDataFrame, at: Located) -> None:
    """Warn of rows that are another one again: they are counted, for two households may stand at one address."""
    name = find_column(frame, "name")
    named = name is not None and list(frame.columns).count(name) == 1
    numbers = placed.drop(columns="geometry").to_numpy(dtype=np.float64)
    said = pd.DataFrame(numbers).assign(place=placed.geometry.to_wkb().to_numpy())
    said["called"] = texts(frame[name]) if named else None
    again = placed.geometry.notna().to_numpy() & (placed[ALL] > 0).to_numpy() & said.duplicated().to_numpy()
    if again.any():
        people = f"{placed.loc[again, ALL].sum():,.0f}"
        at.warn("population.rows_repeat", count=int(again.sum()), people=people, rows=rows_listed(frame.index[again]))


def with_total(people: Floats, groups: tuple[str, ...], at: Located) -> tuple[Floats, tuple[str, ...]]:
    """The counts with the group ``"all"`` first, made of the others where it is missing."""
    if groups[0] != ALL:
        at.note("population.all_is_sum", groups=", ".join(groups))
        return np.concatenate([people.sum(axis=0, keepdims=True), people]), (ALL, *groups)
    totals = people.reshape(len(groups), -1).sum(axis=1)
    for group, total in zip(groups[1:], totals[1:], strict=True):
        if total > totals[0] * (1 + 1e-6):
            at.warn("population.group_exceeds_all", group=group, people=f"{total:,.0f}", everyone=f"{totals[0]:,.0f}")
    return people, groups


def _mended(frame: gpd.GeoDataFrame, at: Located) -> Geometries:
    """The frame's geometries, broken polygons mended; None for what lies nowhere on earth."""
    geometry: Geometries = np.array(frame.geometry.array, dtype=object)
    geometry[~_on_earth(geometry)] = None
    there = ~shapely.is_missing(geometry)
    some = frame[there].set_geometry(gpd.GeoSeries(geometry[there], frame.index[there], frame.crs))
    geometry[there] = np.asarray(repair_polygons(some, at).geometry.array)
    geometry[~_on_earth(geometry)] = None
    return geometry


def _on_earth(geometry: Geometries) -> Bools:
    farthest = np.abs(shapely.bounds(geometry))
    return np.asarray((farthest <= [360.0, 90.0, 360.0, 90.0]).all(axis=1))


def building_total(frame: gpd.GeoDataFrame, total: float, at: Located) -> BuildingTotal | None:
    """A total to be spread over buildings; None after an error.

    Parameters
    ----------
    frame
        WGS84 footprints; ``levels`` (float) and ``use`` (the value of OSM's ``building``) where known.
    total
        People.
    """
    valid = bool(np.isfinite(total)) and total > 0
    if frame.empty:
        at.error("population.no_buildings")
    if not valid:
        at.error("population.total_invalid", total=total)
    if frame.empty or not valid:
        return None
    return BuildingTotal(frame if "levels" in frame else frame.assign(levels=np.nan), float(total))


def count_columns(
    frame: pd.DataFrame, people: str | None, named: Mapping[str, str] | None, at: Located
) -> dict[str, str]:
    """Group to column, ``"all"`` first; what is not there is told."""
    groups = dict(named or {})
    headers = [str(name) for name in frame.columns if name != "geometry"]
    if people is not None:
        groups[ALL] = people
    short = {column: cut_header(headers, column) for column in groups.values() if column not in headers}
    groups.update({group: short.get(column) or column for group, column in groups.items()})
    recognised = find_column(frame, "people") if ALL not in groups else None
    if recognised is not None and recognised not in groups.values():
        groups[ALL] = recognised
    missing = [column for column in groups.values() if column not in headers]
    if missing or not groups:
        wanted = ", ".join(missing) or "people, population, 常住人口, 人口"
        lost = next(((group, column) for group, column in groups.items() if column in missing), (ALL, ""))
        near = nearest_header(lost[1], headers) or (find_column(frame, "people") if lost[0] == ALL else None) or "…"
        key = "people" if lost[0] == ALL else f"groups.{lost[0]}"
        at.error(
            "population.column_missing", wanted=wanted, found=", ".join(headers) or "-", example=f'{key} = "{near}"'
        )
        return {}
    return dict(sorted(groups.items(), key=lambda item: item[0] != ALL))


def people_per_unit(header: str) -> float:
    """How many people a one in a column means: yearbooks count in 万人.

    >>> people_per_unit("常住人口（万人）"), people_per_unit("人口(千人)"), people_per_unit("人口（人）")
    (10000.0, 1000.0, 1.0)
    """
    return next((size for word, size in (("万人", 10_000.0), ("千人", 1_000.0)) if word in header), 1.0)


def counts_of(cells: pd.Series, at: Located) -> Floats:
    """Counts of a column: text, negative and impossible numbers are errors, blanks are nobody and told."""
    values, unread = parse_numbers(cells)
    if unread.any():
        at.error("population.not_a_number", column=str(cells.name), cells=listed(cells[unread]))
    negative = values < 0
    if negative.any():
        at.error("population.negative", column=str(cells.name), cells=listed(cells[negative]))
    endless = tell_implausible(cells, at)
    blank = np.isnan(values) & ~unread & ~endless
    if blank.any():
        at.warn("population.blank", column=str(cells.name), rows=rows_listed(cells.index[blank]))
    unit = people_per_unit(str(cells.name))
    if unit != 1.0:
        at.warn("population.unit", column=str(cells.name), unit=f"{unit:,.0f}")
    return np.nan_to_num(values, nan=0.0) * unit


def tell_larger_groups(
    frame: pd.DataFrame, columns: Mapping[str, str], at: Located, places: Sequence[object] | None = None
) -> None:
    """Errors for rows in which a group is larger than all residents; of cells that are no counts, others tell."""
    known = {}
    for group, column in columns.items():
        values, unread = parse_numbers(frame[column])
        people = np.nan_to_num(values, nan=0.0) * people_per_unit(column)
        known[group] = np.where(unread | (people < 0) | (people > MOST_PEOPLE), np.nan, people)
    tell_excess(frame, columns, known, at, places=places)


def tell_implausible(cells: pd.Series, at: Located) -> Bools:
    """Record cells with more people than there are on earth; (n,) which they are."""
    values, unread = parse_numbers(cells)
    infinite = np.isinf(pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)) & ~unread
    many = infinite | (values * people_per_unit(str(cells.name)) > MOST_PEOPLE)
    if many.any():
        most = f"{MOST_PEOPLE:,.0f}"
        at.error("population.implausible", column=str(cells.name), most=most, cells=listed(cells[many]))
    return np.asarray(many, dtype=bool)
