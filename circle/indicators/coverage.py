"""The long table of indicators: one row per scope, district, service, group and limit.

Columns
-------
``scope``
    ``region`` (the districts and the unlocated), ``district``, ``outside`` (people in no district, who use the region's
    roads and facilities but are not its residents) or ``unlocated`` (their location is unknown). The last three only
    where there are districts.
``district_id``, ``district_name``
    Empty for all but districts.
``service``, ``group``, ``limit``
    ``all_services`` stands beside the services; the limit's label (``15min``, ``1000m``).
``facilities``
    Facilities of the service that lie in the district (of the region: all in the data, also beyond its border).
``people``, ``covered``, ``uncovered``, ``unknown``, ``share``
    ``covered + uncovered + unknown = people``; share is covered / people, NaN where nobody lives.
``straight_covered``, ``straight_share``
    The same by straight distance: what people did before there were networks.
``median_<cost>``, ``p90_<cost>``
    Weighted by people, those who cannot reach included as ``inf``; the same on every limit's row.
``far`` … ``no_facility``, ``edge_affected``
    People by reason, and people whose answer depends on unseen land: on rows of the main limit, NaN on others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from circle.kernels.quantiles import weighted_quantiles
from circle.lazily import pd
from circle.model import (
    OUTSIDE,
    REASONS,
    Bools,
    Districts,
    Facilities,
    Floats,
    Ints,
    Residents,
    ServiceReach,
    Status,
)
from circle.settings import Question

ALL_SERVICES = "all_services"
QUANTILES = {"median": 0.5, "p90": 0.9}


@dataclass(frozen=True, eq=False)
class _Scopes:
    """The rows' areas: the region first, then the districts, then outside. `keys` has one row each."""

    keys: pd.DataFrame
    people_label: Ints
    facility_label: Ints

    @property
    def areas(self) -> int:
        """Areas that divide the people: districts, outside, unlocated; 0 in a region without districts."""
        return len(self.keys) - 1

    @property
    def outside(self) -> int:
        """The label of those outside every district; no label at all (-2) in a region without districts."""
        return self.areas - 2


def indicator_table(
    reach: Mapping[str, ServiceReach],
    together: ServiceReach,
    residents: Residents,
    districts: Districts | None,
    question: Question,
    *,
    facilities: Facilities,
) -> pd.DataFrame:
    """Indicators of every district, service, group and limit.

    Parameters
    ----------
    reach
        One per service, in the order of the output.
    together
        All services at once.
    residents
        People at n places by group; `Residents.district` counts the rows of `districts`.
    districts
        None: the region is one, and only rows of scope ``region`` are made.
    question
        The limits and the metric.
    facilities
        Counted by the district that they lie in; a point on a common border counts in the first of the two.

    Returns
    -------
    pandas.DataFrame
        See the module's text for the columns. Rows by scope, district, service, group, limit; complete.
    """
    scopes = _scopes(residents, districts, facilities)
    answers = [*reach.values(), together]
    blocks = [_service_block(answer, residents, scopes, question) for answer in answers]
    services = [*reach, ALL_SERVICES]
    counts = _facility_counts(scopes, facilities, list(reach))
    names = ["people", "covered", "uncovered", "unknown", "share", "straight_covered", "straight_share"]
    names += [f"{name}_{question.cost_name}" for name in QUANTILES]
    names += [*(reason.name.lower() for reason in REASONS), "edge_affected"]
    # (services, scopes, groups, limits, columns) -> rows by scope first
    values = np.stack(blocks).transpose(1, 0, 2, 3, 4)
    shape = values.shape[:4]
    index = [axis.ravel() for axis in np.indices(shape)]
    rows = scopes.keys.iloc[index[0]].reset_index(drop=True)
    rows["service"] = np.array(services, dtype=object)[index[1]]
    rows["group"] = np.array(residents.groups, dtype=object)[index[2]]
    rows["limit"] = np.array([limit.label for limit in question.limits], dtype=object)[index[3]]
    rows["facilities"] = counts[index[0], index[1]]
    return pd.concat([rows, pd.DataFrame(values.reshape(-1, len(names)), columns=names)], axis=1)


def _scopes(residents: Residents, districts: Districts | None, facilities: Facilities) -> _Scopes:
    keys = pd.DataFrame({"scope": ["region"], "district_id": [""], "district_name": [""]})
    if districts is None:
        nowhere = np.full(len(facilities.table), OUTSIDE, dtype=np.int64)
        return _Scopes(keys, np.zeros(len(residents.lon), dtype=np.int64), nowhere)
    frame = districts.frame
    inside = pd.DataFrame(
        {
            "scope": "district",
            "district_id": frame["district_id"].astype(str).to_numpy(),
            "district_name": frame["district_name"].to_numpy(),
        }
    )
    others = pd.DataFrame({"scope": ["outside", "unlocated"], "district_id": "", "district_name": ""})
    # people of unknown location belong to the region, though to none of its districts
    elsewhere = np.where(np.isnan(residents.lon), len(frame) + 1, len(frame))
    people = np.where(residents.district == OUTSIDE, elsewhere, residents.district)
    position = facilities.table[["lon", "lat"]].to_numpy(float)
    points = np.asarray(shapely.points(position))
    found = np.full(len(points), len(frame), dtype=np.int64)
    point, polygon = shapely.STRtree(frame.geometry.to_numpy()).query(points, predicate="intersects")
    np.minimum.at(found, point, polygon)
    return _Scopes(pd.concat([keys, inside, others], ignore_index=True), people, found)


def _facility_counts(scopes: _Scopes, facilities: Facilities, services: list[str]) -> Ints:
    """(scopes, services + 1) facilities by location; the last column is the sum of all."""
    number = pd.Index(services).get_indexer(pd.Index(facilities.table["service"]))
    asked = number >= 0
    counts = np.zeros((scopes.areas + 1, len(services) + 1), dtype=np.int64)
    np.add.at(counts[0], number[asked], 1)
    if scopes.areas:
        np.add.at(counts, (scopes.facility_label[asked] + 1, number[asked]), 1)
    counts[:, -1] = counts[:, :-1].sum(axis=1)
    return counts


def _service_block(answer: ServiceReach, residents: Residents, scopes: _Scopes, question: Question) -> Floats:
    """(scopes, groups, limits, columns) numbers of one service."""
    limits = question.limits
    unknown = np.isnan(answer.cost)
    near = _tabulate(
        _steps(answer.cost, [limit.value for limit in limits], unknown), len(limits) + 2, residents, scopes
    )
    radii = [question.radius_m(limit) for limit in limits]
    straight = _tabulate(_steps(answer.straight_m, radii, unknown), len(limits) + 2, residents, scopes)
    reasons = _tabulate(answer.status, len(Status), residents, scopes)[..., list(REASONS)]
    edge = _tabulate(answer.edge_affected, 2, residents, scopes)[..., 1:]
    people = near.sum(axis=-1)
    quantiles = _scope_quantiles(answer.cost, residents, scopes)
    tail = np.concatenate([reasons, edge], axis=-1)
    blocks = []
    for number, limit in enumerate(limits):
        covered, close = (counts[..., : number + 1].sum(axis=-1) for counts in (near, straight))
        beyond = near[..., number + 1 : -1].sum(axis=-1)
        with np.errstate(invalid="ignore"):
            columns = [people, covered, beyond, near[..., -1], covered / people, close, close / people]
        shown = tail if limit == question.main else np.full_like(tail, np.nan)
        blocks.append(np.concatenate([np.stack(columns, axis=-1), quantiles, shown], axis=-1))
    return np.stack(blocks, axis=2)


def _steps(values: Floats, limits: list[float], unknown: Bools) -> Ints:
    """The first limit that each value does not pass: 0 … k - 1, k beyond all, k + 1 where unknown."""
    return np.where(unknown, len(limits) + 1, np.searchsorted(limits, values, side="left"))


def _tabulate(code: npt.NDArray[Any], codes: int, residents: Residents, scopes: _Scopes) -> Floats:
    """(scopes, groups, codes) people by code; the region is the sum of its parts, outside not among them."""
    parts = max(scopes.areas, 1)
    cell = scopes.people_label * codes + code
    counted = np.stack(
        [np.bincount(cell, weights=row, minlength=parts * codes).reshape(parts, codes) for row in residents.people],
        axis=1,
    )
    if not scopes.areas:
        return np.asarray(counted, dtype=np.float64)
    whole = np.delete(counted, scopes.outside, axis=0).sum(axis=0, keepdims=True)
    return np.concatenate([whole, counted])


def _scope_quantiles(cost: Floats, residents: Residents, scopes: _Scopes) -> Floats:
    """(scopes, groups, quantiles) costs."""
    chosen = tuple(QUANTILES.values())
    outside = (scopes.people_label == scopes.outside).astype(np.int64)
    whole = weighted_quantiles(cost, residents.people, outside, 2, chosen)[:, :1]
    if not scopes.areas:
        return np.asarray(whole.transpose(1, 0, 2), dtype=np.float64)
    parts = weighted_quantiles(cost, residents.people, scopes.people_label, scopes.areas, chosen)
    return np.asarray(np.concatenate([whole, parts], axis=1).transpose(1, 0, 2), dtype=np.float64)
