"""The data of one region, and the analysis of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal, Self, TypedDict, Unpack

import numpy.typing as npt

from circle import pipeline
from circle.api import memory
from circle.api.arguments import Argument, shown
from circle.api.asked import asked_anew, default_question, known_services, plain_options
from circle.api.network import Network
from circle.api.result import Result
from circle.api.told import warnings_in
from circle.collecting import collection_paused
from circle.errors import Findings, Problem
from circle.lazily import gpd
from circle.load.region import read_region
from circle.model import RegionData
from circle.settings import Question
from circle.store import EXTRACTS, user_cache

if TYPE_CHECKING:
    import networkx as nx


Raster = str | Path | Sequence[str | Path]


class FrameOptions(TypedDict, total=False):
    """What `Region.from_frames` takes beside the layers that every region has.

    Parameters
    ----------
    barriers
        Lines and areas that no access leg crosses, told apart by columns named like OSM tags (``waterway``,
        ``natural``, ``railway``, ``highway``); without such columns all are water.
    places
        Named villages and towns, after which gaps are called; columns ``name``, ``place`` and ``people``.
    elevation
        Heights for walking times on slopes: the path of a raster, several paths, or ``(array, transform, crs)`` with
        metres in rows and columns and the affine transform as rasterio has it.
    groups
        Group of residents = column of `population`.
    population_kind
        What is counted, printed wherever people are named: ``"resident"`` or ``"registered"``.
    topology, snap_m
        ``"repair"``: lines of `roads` that meet without a shared vertex are joined, an end being moved by no more than
        so many metres; ``"as-drawn"``: they are not; ``"auto"``, the default: told by how many do.
    standard, metric, walking_speed_kmh, limits, services, isochrone_resolution_m
        Settings of `AnalysisSettings`.
    """

    barriers: gpd.GeoDataFrame | None
    places: gpd.GeoDataFrame | None
    elevation: Raster | tuple[npt.NDArray[Any], Sequence[float], Any] | None
    groups: Mapping[str, str] | None
    population_kind: Literal["resident", "registered"] | None
    topology: Literal["auto", "repair", "as-drawn"]
    snap_m: float
    standard: str
    metric: Literal["time", "distance"]
    walking_speed_kmh: float
    limits: Sequence[float]
    services: Sequence[str]
    isochrone_resolution_m: float


FRAME_LAYERS = ("barriers", "places", "elevation", "groups", "population_kind", "topology", "snap_m")


@dataclass(frozen=True, eq=False)
class Region:
    """The data of one region and the question that its file asks; made by `load_region` or `Region.from_frames`.

    Parameters
    ----------
    data
        All layers.
    question
        What is asked of them.
    problems
        Warnings and notes met while reading.
    file
        The region file; None for frames.
    seconds
        How long reading took.
    """

    data: RegionData
    question: Question
    problems: tuple[Problem, ...] = ()
    file: Path | None = None
    seconds: float = 0.0

    @classmethod
    def from_frames(
        cls,
        *,
        roads: gpd.GeoDataFrame | nx.MultiDiGraph[Any],
        facilities: gpd.GeoDataFrame,
        population: gpd.GeoDataFrame,
        districts: gpd.GeoDataFrame | None = None,
        name: str = "region",
        **options: Unpack[FrameOptions],
    ) -> Self:
        """A region from frames instead of files.

        Parameters
        ----------
        roads
            Lines in any coordinate system, joined where they share vertices, or a graph as OSMnx makes it, judged by
            its tags.
        facilities
            Points or areas with a ``service`` column and, where known, ``name`` and ``capacity``.
        population
            Points or areas with a ``people`` column.
        districts
            Areas; without them the region is one.
        name
            What the region is called.
        options
            Further layers, and settings such as ``limits=(10, 20)``; see `FrameOptions`.

        Raises
        ------
        InputError
            With every problem of every frame.

        Examples
        --------
        80 people live 55 m beside a road, half a kilometre from the clinic on it. A river between them and the road
        leaves them without:

        >>> from shapely import LineString, Point
        >>> def frame(shape, **columns):
        ...     return gpd.GeoDataFrame({name: [value] for name, value in columns.items()}, geometry=[shape], crs=4326)
        >>> layers = {
        ...     "roads": frame(LineString([(119, 29), (119.01, 29)]), highway="residential"),
        ...     "facilities": frame(Point(119, 29), service="clinic"),
        ...     "population": frame(Point(119.005, 29.0005), people=80),
        ... }
        >>> river = frame(LineString([(118.99, 29.0002), (119.02, 29.0002)]), waterway="river")
        >>> for barriers in (None, river):
        ...     region = Region.from_frames(**layers, barriers=barriers)
        ...     print(analyze(region).summary().set_index("service").loc["clinic", "covered_15min"])
        80.0
        0.0
        """
        from circle.load.frames import Frames, read_frames  # networkx: only for layers in memory

        at, begin, findings = Argument("Region.from_frames"), perf_counter(), Findings()
        asked: dict[str, Any] = dict(options)
        layers = {key: asked.pop(key) for key in FRAME_LAYERS if key in asked}
        layers = plain_options(name, layers, at)
        question = asked_anew(default_question(), asked, caller=at)
        data = read_frames(Frames(roads, facilities, population, districts, name=name, **layers), findings)
        findings.stop_on_errors()
        assert data is not None, "a layer was given up without an error"
        return cls(data, question, tuple(findings.problems), seconds=perf_counter() - begin)

    @property
    def name(self) -> str:
        """What the region is called."""
        return self.data.name

    def network(self, *, memory_limit_gb: float | None = None) -> Network:
        """The streets as a network, at the region's walking speed.

        Parameters
        ----------
        memory_limit_gb
            As for `analyze`.

        Raises
        ------
        ResourceError
            If it would not fit into memory.
        """
        memory.room_for_network(self.data, memory.limit_of(memory_limit_gb, Argument("Region.network")))
        with collection_paused():
            return Network(pipeline.build_region_network(self.data, self.question), self.data.barriers.water)

    def road_repairs(self) -> gpd.GeoDataFrame:
        """The places where lines of a road layer meet, or nearly meet, without a shared vertex.

        Returns
        -------
        GeoDataFrame
            Points in WGS84 with ``kind``, ``joined``, ``distance_m`` and ``way_id``, as ``road_repairs.geojson`` has
            them; none where roads have topology, are taken as drawn, or come from OpenStreetMap or a graph.
        """
        from circle.export.frames import repairs_layer

        repairs = self.data.streets.repairs
        if repairs is None:
            return gpd.GeoDataFrame({"kind": [], "joined": [], "distance_m": [], "way_id": []}, geometry=[], crs=4326)
        layer = repairs_layer(repairs)
        return gpd.GeoDataFrame(layer.table, geometry=list(layer.geometries), crs=4326)

    def without_elevation(self) -> Self:
        """The same region as if it were flat: what `analyze` says of both tells what its slopes cost."""
        return replace(self, data=replace(self.data, elevation=None))

    def __repr__(self) -> str:
        facilities = self.data.facilities.table
        told = warnings_in(self.problems)
        services = facilities["service"].nunique()
        return f"<Region {self.name}: {len(facilities)} facilities of {services} services{told}>"

    def _repr_html_(self) -> str:
        from circle.api.shown import region_html  # for those who look

        return region_html(self.data, self.question, self.problems)


def load_region(path: str | Path, *, cache: bool = True, memory_limit_gb: float | None = None) -> Region:
    """A region from its ``region.toml``, or from the folder that holds it.

    Parameters
    ----------
    path
        File or folder.
    cache
        Whether to take what an earlier run read of the same OSM extract, and to keep what is read.
    memory_limit_gb
        Gigabytes that the process may come to hold; None: what the machine, the container and ``ulimit -v`` leave;
        ``math.inf``: whatever it takes.

    Raises
    ------
    InputError
        With every problem of every file.
    ResourceError
        If even the smallest run on an extract of that size would not fit into memory.
    """
    at, begin = Argument("load_region"), perf_counter()
    path, cache = at.named("path").path(path), at.named("cache").flag(cache)
    memory.room_to_read(path, memory.limit_of(memory_limit_gb, at))
    with collection_paused():
        loaded = read_region(path, user_cache(EXTRACTS, wanted=cache))
    seconds = perf_counter() - begin
    return Region(loaded.data, loaded.question, loaded.problems, loaded.file, seconds)


def analyze(
    region: Region,
    *,
    progress: pipeline.Progress | None = None,
    each_isochrone: bool = False,
    memory_limit_gb: float | None = None,
    **asked: Any,
) -> Result:
    """Who is within the limits of what, who is not and why, and where to build.

    Parameters
    ----------
    region
        What was read.
    progress
        Told when a stage begins.
    each_isochrone
        One isochrone per facility beside those per service.
    memory_limit_gb
        Gigabytes that the process may come to hold; None: what the machine, the container and ``ulimit -v`` leave;
        ``math.inf``: whatever it takes.
    asked
        Settings of `AnalysisSettings` that replace those of the region, e.g. ``limits=(10, 20)``.

    Raises
    ------
    InputError
        If a setting is unknown, or nobody lives in the region.
    ResourceError
        If the analysis would not fit into memory.
    """
    at = Argument("analyze")
    if not isinstance(region, Region):
        at.named("region").refuse("api.region_needed", found=type(region).__name__)
    question = asked_anew(region.question, asked, caller=at)
    known_services(question, region.data, at)
    each_isochrone = at.named("each_isochrone").flag(each_isochrone)
    if progress is not None and not callable(getattr(progress, "start", None)):
        at.named("progress").refuse("api.progress_needed", found=shown(progress))
    memory.room_for_analysis(region.data, question, memory.limit_of(memory_limit_gb, at))
    analysis = pipeline.analyze(region.data, question, progress=progress, each_isochrone=each_isochrone)
    analysis = replace(
        analysis,
        problems=(*region.problems, *analysis.problems),
        seconds={"load": region.seconds, **analysis.seconds},
    )
    return Result(analysis, region.file)
