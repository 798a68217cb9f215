"""The tables that are written, as frames: what stands in which column of which file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from circle.export.words import ALL_SERVICES
from circle.lazily import pd
from circle.model import (
    OUTSIDE,
    REASONS,
    REPAIR_KINDS,
    Analysis,
    Floats,
    Geometries,
    RoadRepairs,
    ServiceReach,
    Status,
)
from circle.settings import Question

STATUS_NAMES = tuple(status.name.lower() for status in Status)


@dataclass(frozen=True, eq=False)
class Layer:
    """A table with a geometry (or None) per row."""

    table: pd.DataFrame
    geometries: Geometries


def coverage_layer(analysis: Analysis) -> Layer:
    """Districts by services, one row per district; the region itself where there are none.

    People outside every district and people of unknown location, where there are any, are rows without a geometry, so
    that the rows add up.
    """
    question: Question = analysis.settings
    districts = analysis.region.districts
    indicators = analysis.indicators[analysis.indicators["group"] == "all"]
    scopes = ("region",) if districts is None else ("district", "outside", "unlocated")
    rows = indicators[indicators["scope"].isin(scopes)]
    keys = ["scope", "district_id", "district_name"]
    main = rows[rows["limit"] == question.main.label]
    first = main[main["service"] == ALL_SERVICES].reset_index(drop=True)
    table = first[[*keys, "people"]].copy()
    columns: dict[str, Floats] = {}
    for service in pd.unique(rows["service"]):
        _add_service(columns, rows[rows["service"] == service], service, question)
    table = pd.concat([table, pd.DataFrame(columns)], axis=1)
    if districts is None:
        table["district_name"] = analysis.region.name
        return Layer(table, _objects([analysis.region.extent.polygon]))
    empty = table["scope"].isin(["outside", "unlocated"]) & (table["people"] == 0)
    shapes = _objects([*districts.frame.geometry, None, None])
    return Layer(table[~empty].reset_index(drop=True), shapes[~empty.to_numpy()])


def _add_service(columns: dict[str, Floats], rows: pd.DataFrame, service: str, question: Question) -> None:
    """The wide columns of one service: at each limit, then at the main one."""
    main = rows[rows["limit"] == question.main.label]
    columns[f"{service}_facilities"] = main["facilities"].to_numpy()
    columns[f"{service}_unknown"] = main["unknown"].to_numpy()
    for limit in question.limits:
        at_limit = rows[rows["limit"] == limit.label]
        for name in ("covered", "uncovered", "share", "straight_share"):
            columns[f"{service}_{name}_{limit.label}"] = at_limit[name].to_numpy()
    names = [f"median_{question.cost_name}", f"p90_{question.cost_name}"]
    names += [*(reason.name.lower() for reason in REASONS), "edge_affected"]
    for name in names:
        columns[f"{service}_{name}"] = main[name].to_numpy()


def gaps_layer(analysis: Analysis) -> Layer:
    """Zones of unserved people, ranked; the cost from the best site to the nearest facility carries its unit."""
    question: Question = analysis.settings
    table = pd.DataFrame(analysis.gaps.drop(columns=analysis.gaps.geometry.name))
    table = table.rename(columns={"cost": f"site_{question.cost_name}"})
    costs = table[f"site_{question.cost_name}"].astype("float64")
    table["rank"] = table["rank"].astype("Int64")
    table["site_reaches_facility"] = pd.Series(np.isfinite(costs), dtype=object).where(table["kind"] == "zone", None)
    return Layer(table, analysis.gaps.geometry.to_numpy())


def isochrones_layer(analysis: Analysis) -> Layer:
    """Areas within reach, with what was measured of them: people on the wrong side of the line."""
    question: Question = analysis.settings
    unit = "limit_s" if question.metric == "time" else "limit_m"
    table = pd.DataFrame(analysis.isochrones.drop(columns=analysis.isochrones.geometry.name))
    check = analysis.isochrone_check.assign(facility_id="")
    table = table.merge(check, on=["service", "facility_id", "limit"], how="left", validate="many_to_one")
    return Layer(table.rename(columns={"limit_value": unit}), analysis.isochrones.geometry.to_numpy())


def facilities_layer(analysis: Analysis) -> Layer:
    """Facilities and the people who have each as their nearest, within each limit."""
    question: Question = analysis.settings
    table = analysis.region.facilities.table.reset_index(drop=True)
    kept = table[["facility_id", "name", "service", "capacity", "source"]].copy()
    for limit in question.limits:
        people = np.zeros(len(table))
        for answer in analysis.reach.values():
            near = (answer.facility >= 0) & (answer.cost <= limit.value)
            weights = analysis.residents.people[0, near]
            people += np.bincount(answer.facility[near], weights=weights, minlength=len(table))
        kept[f"people_{limit.label}"] = people
    return Layer(kept, np.asarray(shapely.points(table[["lon", "lat"]].to_numpy(float))))


def repairs_layer(repairs: RoadRepairs) -> Layer:
    """Places where lines of a road layer meet without a shared vertex, one point each: joined, or left as drawn."""
    table = pd.DataFrame(
        {
            "kind": np.array(REPAIR_KINDS, dtype=object)[repairs.kind],
            "joined": repairs.joined,
            "distance_m": repairs.distance_m.round(3),
            "way_id": [str(number) for number in repairs.way_id],
        }
    )
    return Layer(table, np.asarray(shapely.points(repairs.lon, repairs.lat), dtype=object))


def residents_frame(analysis: Analysis) -> pd.DataFrame:
    """One row per place: where, how many, and per service the cost, the nearest facility and the status.

    ``inf`` (cannot be reached) and NaN (unknown) stay what they are.
    """
    question: Question = analysis.settings
    residents = analysis.residents
    frame = pd.DataFrame({"place": np.arange(len(residents.lon)), "lon": residents.lon, "lat": residents.lat})
    frame["district_id"] = _district_ids(analysis)
    for group, people in zip(residents.groups, residents.people, strict=True):
        frame[f"people_{group}"] = people
    facility_ids = pd.Index(analysis.region.facilities.table["facility_id"].astype(str))
    parts = [frame]
    for service, answer in {**analysis.reach, ALL_SERVICES: analysis.together}.items():
        parts.append(_reach_frame(answer, service, question, facility_ids))
    return pd.concat(parts, axis=1)


def _reach_frame(answer: ServiceReach, service: str, question: Question, facility_ids: pd.Index) -> pd.DataFrame:
    return pd.DataFrame(
        {
            f"{service}_{question.cost_name}": answer.cost,
            f"{service}_facility_id": pd.Categorical.from_codes(answer.facility, categories=facility_ids),
            f"{service}_status": pd.Categorical.from_codes(answer.status, categories=pd.Index(STATUS_NAMES)),
            f"{service}_straight_m": answer.straight_m,
            f"{service}_leg_m": answer.leg_m,
            f"{service}_edge_affected": answer.edge_affected,
        }
    )


def _district_ids(analysis: Analysis) -> pd.Series:
    """The district of each place; missing where there is none."""
    districts = analysis.region.districts
    if districts is None:
        nowhere = np.full(len(analysis.residents.lon), OUTSIDE)
        return pd.Series(pd.Categorical.from_codes(nowhere, categories=pd.Index([], dtype=object)))
    ids = pd.Index(districts.frame["district_id"].astype(str))
    return pd.Series(pd.Categorical.from_codes(analysis.residents.district, categories=ids))


def with_population_kind(table: pd.DataFrame, analysis: Analysis) -> pd.DataFrame:
    """A table that counts people, with a last column that says which people, where the user has said it."""
    kind = analysis.region.population_kind
    return table if kind is None else table.assign(population_kind=pd.Categorical([kind] * len(table)))


def _objects(shapes: Sequence[object]) -> Geometries:
    filled = np.empty(len(shapes), dtype=object)
    filled[:] = shapes
    return filled
