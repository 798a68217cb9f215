"""A county out of a province: the answers of its own places, and as much of the ground around it as they rest on."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import shapely

from circle.access import all_services
from circle.kernels.nearest_point import nearest_points
from circle.kernels.projection import to_metres
from circle.model import (
    Districts,
    Facilities,
    Ints,
    NetworkData,
    RegionData,
    Residents,
    ServiceReach,
    Settlements,
    Status,
)
from circle.network import Box, Cut, cut_network, edges_within
from circle.pipeline import Joined, Reached, Ways, audited
from circle.reach import Places, Sites, build_engine, select_places
from circle.settings import Question
from circle.units import WGS84_A_M


def county_of(data: RegionData, question: Question, whole: Reached, row: int) -> tuple[RegionData, Reached]:
    """One district of a region as a region of its own, with the answers that the whole gives.

    What its people reach was searched on the whole, so facilities and roads beyond the border count. The network is cut
    to what anybody in the county gets to within the main limit: zones and isochrones do not ask for more.

    Parameters
    ----------
    data, question, whole
        The region, what is asked, and what every place reaches.
    row
        The district's row number.

    Returns
    -------
    data, reached
        For `circle.pipeline.finished`.
    """
    joined = whole.joined
    assert data.districts is not None
    rows = np.flatnonzero(joined.residents.district == row)
    places = select_places(joined.places, rows)
    box = _window(joined.engine.network, data.districts, row, places, question)
    sites = {name: _within(own, box) for name, own in joined.sites.items()}
    cut = _cut(joined.engine.network, box, [places, *(own.places for own in sites.values())])
    kept = _facilities_kept(whole, sites, rows)
    reach = {name: _own(answer, rows, kept) for name, answer in whole.reach.items()}
    part = _data(data, row, (joined.engine.network.crs, box, places), kept, reach)
    own = Joined(
        build_engine(cut.network),
        _residents(joined.residents, rows),
        _on(cut, places),
        {name: Sites(_on(cut, at.places), np.searchsorted(kept, at.facility)) for name, at in sites.items()},
    )
    return part, Reached(own, reach, all_services(reach), audited(own, part, reach), _Lengths(whole, rows))


class _Lengths:
    """Ways from the county's places, along the whole network."""

    def __init__(self, whole: Reached, rows: Ints) -> None:
        self._whole, self._rows = whole, rows

    def __call__(self, service: str) -> Ways:
        ways = self._whole.ways(service)
        return lambda places: ways(self._rows[places])


def _window(network: NetworkData, districts: Districts, row: int, places: Places, question: Question) -> Box:
    """Metres around a district and its places within which the main limit ends, whoever sets out from there."""
    outline = shapely.get_coordinates(districts.frame.geometry.iloc[row])
    x, y = to_metres(network.crs, *outline.T)
    x, y = (np.concatenate([axis, own[np.isfinite(own)]]) for axis, own in ((x, places.x), (y, places.y)))
    stretch = 1.001 * math.cosh(float(np.abs(x).max()) / WGS84_A_M + 0.05)
    far_m = question.main.value * network.top_speed_m_s * stretch
    return float(x.min()) - far_m, float(y.min()) - far_m, float(x.max()) + far_m, float(y.max()) + far_m


def _within(sites: Sites, box: Box) -> Sites:
    x, y = sites.places.x, sites.places.y
    inside = np.flatnonzero((x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3]))
    return Sites(select_places(sites.places, inside), sites.facility[inside])


def _cut(network: NetworkData, box: Box, joined: Iterable[Places]) -> Cut:
    """The network in a box, with every edge that somebody is joined to, however far off."""
    wanted = edges_within(network, box)
    for places in joined:
        wanted[places.attachment.edge] = True
    return cut_network(network, np.flatnonzero(wanted), box)


def _on(cut: Cut, places: Places) -> Places:
    return replace(places, attachment=cut.attachment(places.attachment))


def _facilities_kept(whole: Reached, sites: dict[str, Sites], rows: Ints) -> Ints:
    """Row numbers of the facilities around the county, and of those that its people go to, ascending."""
    near = [own.facility for own in sites.values()]
    used = [answer.facility[rows] for answer in whole.reach.values()]
    kept = np.unique(np.concatenate([*near, *used])) if near else np.empty(0, np.int64)
    return kept[kept >= 0]


def _own(answer: ServiceReach, rows: Ints, kept: Ints) -> ServiceReach:
    facility = answer.facility[rows]
    return ServiceReach(
        service=answer.service,
        cost=answer.cost[rows],
        facility=np.where(facility >= 0, np.searchsorted(kept, facility), -1),
        straight_m=answer.straight_m[rows],
        leg_m=answer.leg_m[rows],
        direct=answer.direct[rows],
        status=answer.status[rows],
        edge_affected=answer.edge_affected[rows],
    )


def _residents(whole: Residents, rows: Ints) -> Residents:
    return replace(
        whole,
        lon=whole.lon[rows],
        lat=whole.lat[rows],
        people=np.ascontiguousarray(whole.people[:, rows]),
        district=np.zeros(len(rows), np.int64),
    )


def _data(
    data: RegionData, row: int, ground: tuple[str, Box, Places], kept: Ints, reach: dict[str, ServiceReach]
) -> RegionData:
    """The layers, as far as they are told of; the extent stays that of the whole."""
    assert data.districts is not None
    frame = data.districts.frame.iloc[[row]].reset_index(drop=True)
    return replace(
        data,
        name=str(frame["district_name"].iloc[0]),
        districts=replace(data.districts, frame=frame),
        facilities=_facilities(data.facilities, kept),
        settlements=_settlements(data.settlements, *ground, reach),
    )


def _facilities(facilities: Facilities, kept: Ints) -> Facilities:
    mine = np.isin(facilities.entrance_facility, kept)
    return replace(
        facilities,
        columns={name: column[kept] for name, column in facilities.columns.items()},
        entrance_lon=facilities.entrance_lon[mine],
        entrance_lat=facilities.entrance_lat[mine],
        entrance_facility=np.searchsorted(kept, facilities.entrance_facility[mine]),
        outline=facilities.outline[mine],
    )


def _settlements(
    settlements: Settlements | None, crs: str, box: Box, places: Places, reach: dict[str, ServiceReach]
) -> Settlements | None:
    """Those around the county, and the nearest one of everybody without a service: zones take their names from them."""
    if settlements is None or settlements.frame.empty:
        return settlements
    x, y = to_metres(crs, *shapely.get_coordinates(settlements.frame.geometry.to_numpy()).T)
    inside = (x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])
    unserved = np.zeros(len(places.x), np.bool_)
    for answer in reach.values():
        unserved |= (answer.status != Status.COVERED) & np.isfinite(places.x)
    if unserved.any():
        inside[nearest_points(places.x[unserved], places.y[unserved], x, y)[1]] = True
    return replace(settlements, frame=settlements.frame[inside].reset_index(drop=True))
