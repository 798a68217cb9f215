"""The data of one region, and the analysis of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Self

import geopandas as gpd

from circle import pipeline
from circle.api.asked import asked_anew, default_question, known_services
from circle.api.network import Network
from circle.api.result import Result
from circle.errors import Findings, Problem
from circle.load.region import read_region
from circle.model import RegionData
from circle.settings import Question

if TYPE_CHECKING:
    import networkx as nx


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
        groups: Mapping[str, str] | None = None,
        name: str = "region",
        **asked: Any,
    ) -> Self:
        """A region from frames instead of files.

        Parameters
        ----------
        roads
            Lines in any coordinate system, joined where they share vertices, or a graph as OSMnx makes it.
        facilities
            Points or areas with a ``service`` column and, where known, ``name`` and ``capacity``.
        population
            Points or areas with a ``people`` column.
        districts
            Areas; without them the region is one.
        groups
            Group of residents = column of `population`.
        name
            What the region is called.
        asked
            Settings of `AnalysisSettings`, e.g. ``limits=(10, 20)``.

        Raises
        ------
        InputError
            With every problem of every frame.
        """
        from circle.load.frames import Frames, read_frames  # networkx: only for layers in memory

        begin, findings = perf_counter(), Findings()
        question = asked_anew(default_question(), asked)
        data = read_frames(Frames(roads, facilities, population, districts), findings, groups=groups, name=name)
        findings.stop_on_errors()
        assert data is not None, "a layer was given up without an error"
        return cls(data, question, tuple(findings.problems), seconds=perf_counter() - begin)

    @property
    def name(self) -> str:
        """What the region is called."""
        return self.data.name

    def network(self) -> Network:
        """The streets as a network, at the region's walking speed."""
        return Network(pipeline.build_region_network(self.data, self.question), self.data.barriers.water)

    def __repr__(self) -> str:
        facilities = self.data.facilities.table
        return f"<Region {self.name}: {len(facilities)} facilities of {facilities['service'].nunique()} services>"


def load_region(path: str | Path) -> Region:
    """A region from its ``region.toml``, or from the folder that holds it.

    Parameters
    ----------
    path
        File or folder.

    Raises
    ------
    InputError
        With every problem of every file.
    """
    begin = perf_counter()
    loaded = read_region(path)
    seconds = perf_counter() - begin
    return Region(loaded.data, loaded.question, loaded.problems, loaded.file, seconds)


def analyze(
    region: Region, *, progress: pipeline.Progress | None = None, each_isochrone: bool = False, **asked: Any
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
    asked
        Settings of `AnalysisSettings` that replace those of the region, e.g. ``limits=(10, 20)``.

    Raises
    ------
    InputError
        If a setting is unknown, or nobody lives in the region.
    """
    question = asked_anew(region.question, asked)
    known_services(question, region.data)
    analysis = pipeline.analyze(region.data, question, progress=progress, each_isochrone=each_isochrone)
    analysis = replace(
        analysis,
        problems=(*region.problems, *analysis.problems),
        seconds={"load": region.seconds, **analysis.seconds},
    )
    return Result(analysis, region.file)
