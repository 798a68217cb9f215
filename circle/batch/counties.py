"""A county out of a province: the answers of its own places, and as much of the ground around it as they rest on."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import shapely

from circle.access import all_services
from circle.batch.province import Province
from circle.kernels.nearest_point import nearest_points
from circle.kernels.projection import to_metres
from circle.model import (
    Barriers,
    Facilities,
    Ints,
    NetworkData,
    RegionData,
    Residents,
    ServiceReach,
    Settlements,
    Status,
)
from circle.network import Box, Cut, cut_network, edges_within, meets
from circle.pipeline import Joined, Reached, audited
from circle.reach import Places, Sites, build_engine, select_places
from circle.settings import Question
from circle.units import WGS84_A_M


def county_of(whole: Province, question: Question, row: int) -> tuple[RegionData, Reached]:
    """One district of a region as a region of its own, with the answers that the whole gives.

    What its people reach was searched on the whole, so facilities and roads beyond the border count. The network is cut
    to what anybody in the county gets to within the main limit: zones and isochrones do not ask for more.

    Parameters
    ----------
    whole
        The province.
    question
        What is asked.
    row
        The district's row number.

    Returns
    -------
    data, reached
        For `circle.pipeline.finished`.
    """
    rows = np.flatnonzero(whole.residents.district == row)
    places = select_places(whole.places, rows)
    box = _window(whole, row, places, question)
    sites = {name: _within(own, box) for name, own in whole.sites.items()}
    cut = _cut(whole.network, box, [places, *(own.places for own in sites.values())])
    kept = _facilities_kept(whole, sites, rows)
    reach = {name: _own(answer, rows, kept) for name, answer in whole.reach.items()}
    part = _data(whole.data, row, (whole.network.crs, box, places), kept, reach)
    route_m = {name: metres[rows] for name, metres in whole.route_m.items()}
    own = Joined(
        build_engine(cut.network),
        _residents(whole.residents, rows),
        _on(cut, places),
        {name: Sites(_on(cut, at.places), np.searchsorted(kept, at.facility)) for name, at in sites.items()},
    )
    return part, Reached(
        own, reach, all_services(reach), audited(own, part, reach), lambda name: route_m[name].__getitem__, {}
    )


def _window(whole: Province, row: int, places: Places, question: Question) -> Box:
    """Metres around a district and its places within which the main limit ends, whoever sets out from there."""
    network = whole.network
    outline = shapely.get_coordinates(whole.districts.geometry.iloc[row])
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


def _facilities_kept(whole: Province, sites: dict[str, Sites], rows: Ints) -> Ints:
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
        barriers=_barriers(data.barriers, *ground[:2]),
        facilities=_facilities(data.facilities, kept),
        settlements=_settlements(data.settlements, *ground, reach),
    )


def _barriers(barriers: Barriers, crs: str, box: Box) -> Barriers:
    """Lines and water that meet the box, to be drawn."""
    if len(barriers.lon):
        first = barriers.line_offset[:-1]
        x, y = to_metres(crs, barriers.lon, barriers.lat)
        bounds = [least.reduceat(axis, first) for least in (np.minimum, np.maximum) for axis in (x, y)]
        lines = np.flatnonzero(meets(bounds, box))
    else:
        lines = np.empty(0, np.int64)
    count = np.diff(barriers.line_offset)[lines]
    vertex = np.repeat(barriers.line_offset[lines] - (np.cumsum(count) - count), count) + np.arange(count.sum())
    west, south, east, north = shapely.bounds(barriers.water).reshape(-1, 4).T
    corners = (*to_metres(crs, west, south), *to_metres(crs, east, north))
    return replace(
        barriers,
        lon=barriers.lon[vertex],
        lat=barriers.lat[vertex],
        line_offset=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        kind=barriers.kind[lines],
        one_sided=barriers.one_sided[lines],
        water=barriers.water[meets(corners, box)],
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
