"""What a province's counties have in common: searched once as a whole, kept in one file that every county reads.

Nothing in the file is made into objects before a county asks for its rows of it, so that what a county costs does not
grow with the province.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from circle.batch.layers import LAYER_RECORDS, Layers, layers_of
from circle.batch.tables import TABLE_RECORDS
from circle.batch.where import Where, grouped, of_points
from circle.gaps import uncovered_places
from circle.model import Attachment, BarrierSegments, Floats, Ints, NetworkData, RegionData, Residents, ServiceReach
from circle.model.packing import packed, unpacked
from circle.network import bounds_of_edges
from circle.pipeline import Reached
from circle.reach import Places, Sites
from circle.settings import Limit, Question, Standard
from circle.store import Entry, mapped_entry, write_entry


@dataclass(frozen=True, eq=False)
class Province:
    """A region searched as a whole, without what only the search needed.

    Parameters
    ----------
    layers
        What counties are drawn and named with.
    network, edges, walls
        The streets of all counties, and where its edges and barriers lie.
    residents, places
        All people, and how they are joined to the network.
    rows, first
        The places of county k are ``rows[first[k]:first[k + 1]]``.
    sites, entrances
        Facilities on the network by service, and where their entrances lie.
    reach
        What every place reaches, per service.
    route_m
        (n,) metres of the quickest way of each place without the service, per service; NaN elsewhere.
    """

    layers: Layers
    network: NetworkData
    edges: Where
    walls: Where
    residents: Residents
    places: Places
    rows: Ints
    first: Ints
    sites: Mapping[str, Sites]
    entrances: Mapping[str, Where]
    reach: Mapping[str, ServiceReach]
    route_m: Mapping[str, Floats]

    def places_of(self, row: int) -> Ints:
        """Row numbers of a county's places, ascending."""
        return np.array(self.rows[self.first[row] : self.first[row + 1]])


@dataclass(frozen=True, eq=False)
class _Kept:
    """A province with its question, of which the standard travels as plain words."""

    province: Province
    question: Question
    standard: Mapping[str, object]


_RECORDS = (
    _Kept, Province, *LAYER_RECORDS, *TABLE_RECORDS, BarrierSegments, NetworkData, Residents, Places, Attachment,
    Sites, ServiceReach, Question, Limit,
)  # fmt: skip


def province_of(data: RegionData, found: Reached) -> Province:
    """What counties need of a region with districts, and of what its places reach."""
    joined = found.joined
    network, residents = joined.engine.network, joined.residents
    route_m = {}
    for service, answer in found.reach.items():
        uncovered = uncovered_places(answer, residents)
        route_m[service] = np.full(len(residents.lon), np.nan)
        if len(uncovered):
            route_m[service][uncovered] = found.ways(service)(uncovered)
    layers, walls = layers_of(data, network.crs), network.barriers
    rows, first = grouped(residents.district, layers.county_count)
    return Province(
        layers=layers,
        network=network,
        edges=Where.of(*bounds_of_edges(network), ordered=True),
        walls=Where.of(
            np.minimum(walls.x1, walls.x2),
            np.minimum(walls.y1, walls.y2),
            np.maximum(walls.x1, walls.x2),
            np.maximum(walls.y1, walls.y2),
        ),
        residents=residents,
        places=joined.places,
        rows=rows,
        first=first,
        sites=joined.sites,
        entrances={name: of_points(at.places.x, at.places.y) for name, at in joined.sites.items()},
        reach=found.reach,
        route_m=route_m,
    )


def write_province(path: Path, province: Province, question: Question) -> None:
    """Keep a province in one file."""
    kept = _Kept(province, replace(question, standard=None), question.standard.model_dump(mode="json"))  # type: ignore[arg-type]
    write_entry(path, Entry(*packed(kept, _RECORDS)))


def map_province(path: Path) -> tuple[Province, Question]:
    """A province on disk; of its arrays only what is looked at is read."""
    entry = mapped_entry(path)
    kept: _Kept = unpacked(entry.head, entry.arrays, _RECORDS)
    return kept.province, replace(kept.question, standard=Standard.model_validate(kept.standard))
