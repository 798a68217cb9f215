"""Administrative areas: a polygon layer or OSM boundaries, one row per district."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from circle.lazily import gpd, pd
from circle.load.columns import optional_column, parse_numbers, rows_listed, shape_kinds, texts
from circle.load.datums import WGS84
from circle.load.local import metres_per_degree
from circle.load.located import Located
from circle.load.odd_districts import odd_codes, odd_overlaps, odd_rows
from circle.load.vector import areas_of, repair_polygons
from circle.model import Districts, OddDistrict

SLIVER_M2 = 10_000.0
SLIVER_SHARE = 0.001
"""Neighbours drawn apart overlap by slivers: up to a hectare or a thousandth of the smaller one is no news."""


def layer_districts(
    frame: gpd.GeoDataFrame, id_column: str | None, name_column: str | None, at: Located, *, key: str = "id"
) -> Districts | None:
    """Districts of a polygon layer in WGS84, whose columns of codes and names are given or told by their headers.

    `key` is how the column of codes is named in the region file.
    """
    identity = optional_column(frame, "district_id", id_column, at, key=key)
    name = optional_column(frame, "district_name", name_column, at, key="name")
    if (id_column and identity is None) or (name_column and name is None):
        return None
    names = texts(frame[name]) if name else None
    census = optional_column(frame, "people", None, at)
    census = None if census in (identity, name) else census
    counted = frame if census is None else frame.assign(census=parse_numbers(frame[census])[0])
    built = build_districts(counted, texts(frame[identity]) if identity else None, names, at)
    return built if built is None else replace(built, census=census)


def osm_districts(boundaries: gpd.GeoDataFrame, admin_level: int, at: Located, *, by: str = "code") -> Districts | None:
    """Districts from the boundaries of an OSM extract; their code is the official one where OSM knows it.

    `by`: ``"osm_id"`` takes OSM's own numbers for all of them.
    """
    level = pd.to_numeric(boundaries["admin_level"], errors="coerce")
    chosen = boundaries[level == admin_level]
    if chosen.empty:
        found = ", ".join(f"{value:g}" for value in sorted(level.dropna().unique()))
        at.error("districts.level_empty", admin_level=admin_level, found=found or "-")
        return None
    codes = texts(chosen[by])
    identity = np.where(pd.isna(codes), texts(chosen["osm_id"]), codes)
    return build_districts(chosen, identity, texts(chosen["name"]), at)


def build_districts(
    frame: gpd.GeoDataFrame,
    identity: npt.NDArray[np.object_] | None,
    name: npt.NDArray[np.object_] | None,
    at: Located,
) -> Districts | None:
    """Districts with unique codes; several areas of one code become one district.

    Parameters
    ----------
    frame
        WGS84 geometries, and residents under ``census`` where the layer counts them; its index holds the row numbers
        that users see.
    identity, name
        (n,) codes and names, None where a row has none; None: the layer has no such column.
    """
    areas = repair_polygons(frame[["geometry"]], at)
    drawn = np.asarray(areas.geometry.array)
    polygonal = (shapely.get_dimensions(drawn) == 2) & ~shapely.is_empty(drawn)
    if not polygonal.any():
        at.error("districts.no_polygons", kinds=shape_kinds(areas))
        return None
    if not polygonal.all():
        at.warn("districts.not_polygons", count=int((~polygonal).sum()), rows=rows_listed(areas.index[~polygonal]))
    numbered = np.array([str(number) for number in range(1, len(areas) + 1)], dtype=object)
    names = _filled(name, numbered if identity is None else _filled(identity, numbered))
    codes = names if identity is None else _filled(identity, names)
    odd = odd_rows((codes, names), (identity, name), areas.index, polygonal)
    table = pd.DataFrame({"district_id": codes, "district_name": names if name is not None else codes})
    table["geometry"] = _only_areas(drawn)
    if "census" in frame.columns:
        table["census"] = frame["census"].to_numpy(dtype=np.float64)
    table, several = _one_row_each(table[polygonal], at)
    districts = gpd.GeoDataFrame(table, geometry="geometry", crs=WGS84)
    return Districts(districts, odd=(*odd, *several, *_report_overlaps(districts, at)))


def _filled(values: npt.NDArray[np.object_] | None, others: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """What is given, the others where nothing is."""
    return others if values is None else np.where(pd.isna(values), others, values)


def _only_areas(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Collections without the lines and points in them."""
    collected = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    plain = shapes.copy()
    plain[collected] = [areas_of(shapes[row]) for row in collected]
    return plain


def _one_row_each(table: pd.DataFrame, at: Located) -> tuple[pd.DataFrame, list[OddDistrict]]:
    """Areas of one code and one name united; one code with several names is told apart by a number; and where."""
    table = table.reset_index(drop=True)
    before = table["district_id"].to_numpy(dtype=object)
    first_name = table.groupby("district_id")["district_name"].transform("first")
    several = table["district_id"][first_name != table["district_name"]].unique()
    if len(several):
        at.warn("districts.id_twice", ids=", ".join(map(str, several[:5])))
        of_code = table.groupby("district_id")["district_name"]
        number = of_code.transform(lambda names: pd.factorize(names)[0] + 1)
        table["district_id"] = table["district_id"].where(number == 1, table["district_id"] + "-" + number.astype(str))
    odd = odd_codes(table, before)
    if table["district_id"].is_unique:
        return table, odd
    at.note("districts.united", count=len(table) - table["district_id"].nunique())
    groups = table.groupby("district_id", sort=False)
    united = [areas_of(shapely.union_all(np.asarray(shapes, dtype=object))) for _, shapes in groups["geometry"]]
    names = groups["district_name"].first().to_numpy()
    one = pd.DataFrame({"district_id": list(groups.groups), "district_name": names, "geometry": united})
    if "census" in table.columns:
        one = one.assign(census=groups["census"].agg(_counted_once).to_numpy())
    return one, odd


def _counted_once(counts: pd.Series[Any]) -> float:
    """Residents of several areas of one district: one number written beside each area is that of the whole."""
    return float(counts.iloc[0] if (counts == counts.iloc[0]).all() else counts.sum(min_count=1))


def _report_overlaps(districts: gpd.GeoDataFrame, at: Located) -> list[OddDistrict]:
    """Warn of districts that share land: a resident there is counted in one of them only. Which they are."""
    shapes = np.asarray(districts.geometry.array)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    common = area_m2(shapely.intersection(shapes[first], shapes[second]))
    smaller = np.minimum(area_m2(shapes[first]), area_m2(shapes[second]))
    overlapping = np.flatnonzero((common > SLIVER_M2) & (common > SLIVER_SHARE * smaller))
    if len(overlapping):
        worst = overlapping[np.argsort(-common[overlapping], kind="stable")]
        names = districts["district_name"].to_numpy(dtype=object)
        pairs = _pairs([(names[first[i]], names[second[i]], common[i]) for i in worst[:5]])
        area = f"{common[overlapping].sum() / 1e6:,.2f}"
        at.warn("districts.overlap", count=len(overlapping), pairs=pairs, area=area)
    return odd_overlaps(districts, (first[overlapping], second[overlapping]), common[overlapping])


def _pairs(rows: Sequence[tuple[str, str, float]]) -> str:
    return "; ".join(f"{one} × {other} ({square_m / 1e6:,.2f} km²)" for one, other, square_m in rows)


def area_m2(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
    """Approximate areas of shapes in degrees (a fraction of a percent for a county), (n,) square metres.

    Examples
    --------
    The geodesic area is 1,089,991:

    >>> area = area_m2(np.array([shapely.box(118.0, 28.0, 118.01, 28.01)]))
    >>> f"{float(area[0]):,.0f}"
    '1,089,991'
    """
    lat = shapely.get_y(shapely.centroid(shapes))
    per_lon, per_lat = metres_per_degree(np.nan_to_num(lat))
    return np.asarray(shapely.area(shapes) * per_lon * per_lat, dtype=np.float64)
