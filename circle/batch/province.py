"""What a province's counties have in common: searched once as a whole, kept in one file that every county reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from circle.gaps import uncovered_places
from circle.lazily import gpd
from circle.model import (
    Attachment,
    Barriers,
    BarrierSegments,
    CountRaster,
    DistrictCounts,
    Districts,
    Elevation,
    Extent,
    Facilities,
    Floats,
    InputFile,
    NetworkData,
    Population,
    RegionData,
    Residents,
    ServiceReach,
    Settlements,
    Streets,
)
from circle.model.packing import packed, unpacked
from circle.pipeline import Reached
from circle.reach import Places, Sites
from circle.settings import Limit, Question, Standard
from circle.store import Entry, mapped_entry, write_entry


@dataclass(frozen=True, eq=False)
class Province:
    """A region searched as a whole, without what only the search needed.

    Parameters
    ----------
    data
        The layers; roads and people as read are left out.
    network
        The streets of all counties.
    residents, places, sites
        All people and facilities, and how they are joined to the network.
    reach
        What every place reaches, per service.
    route_m
        (n,) metres of the quickest way of each place without the service, per service; NaN elsewhere.
    """

    data: RegionData
    network: NetworkData
    residents: Residents
    places: Places
    sites: Mapping[str, Sites]
    reach: Mapping[str, ServiceReach]
    route_m: Mapping[str, Floats]

    @property
    def districts(self) -> gpd.GeoDataFrame:
        """The counties; there are some, else there is nothing to run one by one."""
        assert self.data.districts is not None
        return self.data.districts.frame


@dataclass(frozen=True, eq=False)
class _Kept:
    """A province with its question, of which the standard travels as plain words."""

    province: Province
    question: Question
    standard: Mapping[str, object]


_RECORDS = (
    _Kept, Province, RegionData, Streets, Barriers, BarrierSegments, Facilities, CountRaster, Districts, Settlements,
    Elevation, Extent, InputFile, NetworkData, Residents, Places, Attachment, Sites, ServiceReach, Question, Limit,
)  # fmt: skip


def province_of(data: RegionData, found: Reached) -> Province:
    """What counties need of a region and of what its places reach."""
    joined = found.joined
    route_m = {}
    for service, answer in found.reach.items():
        uncovered = uncovered_places(answer, joined.residents)
        route_m[service] = np.full(len(joined.residents.lon), np.nan)
        if len(uncovered):
            route_m[service][uncovered] = found.ways(service)(uncovered)
    return Province(
        replace(data, streets=_no_streets(data.streets), population=_pattern(data.population), buildings=None),
        joined.engine.network,
        joined.residents,
        joined.places,
        joined.sites,
        found.reach,
        route_m,
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


def _no_streets(streets: Streets) -> Streets:
    """What is told of the roads as read, without a road."""
    nothing, numbers = np.empty(0), np.empty(0, np.int64)
    flags = np.empty(0, np.bool_)
    return replace(
        streets,
        lon=nothing,
        lat=nothing,
        way_offset=np.zeros(1, np.int64),
        way_vertex=numbers,
        way_id=numbers,
        way_class=np.empty(0, np.int16),
        forward=flags,
        backward=flags,
        speed_factor=nothing,
        duration_s=nothing,
        attachable=flags,
        spans=flags,
        known=None,
        repairs=None,
    )


def _pattern(population: Population) -> CountRaster:
    """The grid on which people were counted, without the people; zones are drawn on its cells."""
    raster = population.pattern if isinstance(population, DistrictCounts) else population
    if isinstance(raster, CountRaster):
        return replace(raster, counts=np.empty((0, 0, 0)))
    return CountRaster(np.empty((0, 0, 0)), (), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), "EPSG:4326")
