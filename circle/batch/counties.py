"""A county out of a province: the answers of its own places, and as much of the ground around it as they rest on."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import shapely

from circle.access import all_services
from circle.batch.layers import Piece, cut_layers
from circle.batch.province import Province
from circle.batch.where import Where
from circle.errors import Findings, InputError, Problem, Severity
from circle.kernels.projection import to_metres
from circle.model import Floats, Geometries, Ints, NetworkData, RegionData, Residents, ServiceReach, Status
from circle.network import Box, Cut, cut_network
from circle.pipeline import Joined, Reached, audited
from circle.reach import Places, Sites, build_engine, select_places
from circle.settings import Question
from circle.units import WGS84_A_M

ASKED_FIRST = 500
"""Junctions, evenly taken, of which in most counties one lies inside: then no other is looked at."""


def county_of(
    whole: Province, question: Question, row: int, findings: Findings | None = None
) -> tuple[RegionData, Reached]:
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
    findings
        Told of what is odd about the county.

    Returns
    -------
    data, reached
        For `circle.pipeline.finished`.

    Raises
    ------
    InputError
        If nobody lives in the county.
    """
    rows = whole.places_of(row)
    if not whole.residents.people[0][rows].sum() > 0:
        raise InputError(Problem("batch.no_people", Severity.ERROR))
    places = select_places(whole.places, rows)
    area = whole.layers.counties.columns["geometry"].at(np.array([row]))
    box = _window(whole, area, places, question)
    sites = {name: _within(own, whole.entrances[name], box) for name, own in whole.sites.items()}
    cut = _cut(whole, box, [places, *(own.places for own in sites.values())])
    if findings is not None and not _has_roads(cut.network, area):
        findings.warn("batch.no_roads")
    kept = _facilities_kept(whole, sites, rows)
    reach = {name: _own(answer, rows, kept) for name, answer in whole.reach.items()}
    piece = Piece(row, whole.network.crs, box, kept, _unserved(places, reach))
    part = cut_layers(whole.layers, piece)
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


def _window(whole: Province, area: Geometries, places: Places, question: Question) -> Box:
    """Metres around a district and its places within which the main limit ends, whoever sets out from there."""
    network = whole.network
    x, y = to_metres(network.crs, *shapely.get_coordinates(area).T)
    x, y = (np.concatenate([axis, own[np.isfinite(own)]]) for axis, own in ((x, places.x), (y, places.y)))
    stretch = 1.001 * math.cosh(float(np.abs(x).max()) / WGS84_A_M + 0.05)
    far_m = question.main.value * network.top_speed_m_s * stretch
    return float(x.min()) - far_m, float(y.min()) - far_m, float(x.max()) + far_m, float(y.max()) + far_m


def _within(sites: Sites, where: Where, box: Box) -> Sites:
    inside = where.meeting(box)
    return Sites(select_places(sites.places, inside), sites.facility[inside])


def _cut(whole: Province, box: Box, joined: Iterable[Places]) -> Cut:
    """The network in a box, with every edge that somebody is joined to, however far off."""
    used = np.concatenate([places.attachment.edge for places in joined]).astype(np.int64)
    return cut_network(whole.network, np.union1d(whole.edges.meeting(box), used), whole.walls.meeting(box))


def _has_roads(network: NetworkData, area: Geometries) -> bool:
    """Whether the network comes into a county: a vertex of it lies inside."""
    shapely.prepare(area)
    count = len(network.vertex_lon)
    some = np.unique(np.linspace(0, max(count - 1, 0), min(count, ASKED_FIRST)).astype(np.int64))
    return any(
        bool(shapely.contains_xy(area[0], network.vertex_lon[at], network.vertex_lat[at]).any())
        for at in (some, slice(None))
    )


def _on(cut: Cut, places: Places) -> Places:
    return replace(places, attachment=cut.attachment(places.attachment))


def _facilities_kept(whole: Province, sites: dict[str, Sites], rows: Ints) -> Ints:
    """Row numbers of the facilities around the county, and of those that its people go to, ascending."""
    near: list[Ints] = [own.facility for own in sites.values()]
    used = [answer.facility[rows] for answer in whole.reach.values()]
    kept = np.unique(np.concatenate([*near, *used])) if near else np.empty(0, np.int64)
    return kept[kept >= 0]


def _unserved(places: Places, reach: dict[str, ServiceReach]) -> tuple[Floats, Floats]:
    """Metres of the places that lack a service."""
    unserved = np.zeros(len(places.x), np.bool_)
    for answer in reach.values():
        unserved |= (answer.status != Status.COVERED) & np.isfinite(places.x)
    return places.x[unserved], places.y[unserved]


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
