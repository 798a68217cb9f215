"""The answer for a region: tables, maps and the folder of files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from circle import export, report
from circle.api.arguments import Argument
from circle.api.asked import known_group
from circle.api.network import Network
from circle.api.told import warnings_in
from circle.api.written import manner_of, written_report
from circle.errors import Problem
from circle.export.frames import Layer, coverage_layer, facilities_layer, residents_frame
from circle.indicators import summary_table
from circle.lazily import gpd, pd
from circle.model import Analysis
from circle.store import whole_folder, writing

if TYPE_CHECKING:
    import folium

    from circle.api.explained import Explained
    from circle.report.drawing import Drawing

WGS84 = "EPSG:4326"


@dataclass(frozen=True, eq=False)
class Result:
    """The answer for a region; made by `circle.analyze`.

    Parameters
    ----------
    analysis
        Everything that was computed.
    region_file
        Where the region was read from; None for frames.
    """

    analysis: Analysis
    region_file: Path | None = None

    def summary(self, *, group: str = "all") -> pd.DataFrame:
        """One row per service and one for all services: people covered and shares, median times, the largest gap.

        Parameters
        ----------
        group
            Whose people are counted, by the name of a group of the population. The largest gap is everybody's, and is
            left out for a group.

        Raises
        ------
        InputError
            If the population has no such group.
        """
        known_group(group, self.analysis.residents.groups, Argument("summary"))
        if group == "all":
            return self.analysis.summary.copy()
        analysis = self.analysis
        facilities = analysis.region.facilities
        return summary_table(analysis.indicators, analysis.gaps, facilities, analysis.settings, group=group)

    @property
    def indicators(self) -> pd.DataFrame:
        """The long table of ``indicators.csv``: scope (region, district) by service by group by limit."""
        return self.analysis.indicators.copy()

    @cached_property
    def network(self) -> Network:
        """The streets as they were searched: the same speed, slopes and barriers."""
        return Network(self.analysis.network, self.analysis.region.barriers.water)

    def explain(self, place: str | tuple[float, float], service: str) -> Explained:
        """The way from one place to the nearest facility, and in words why the place is covered or not.

        Parameters
        ----------
        place
            The name of a place or facility in the data, or ``(longitude, latitude)``.
        service
            Key or name of a service.

        Raises
        ------
        QueryError
            If the place or the service is not in the data.

        Examples
        --------
        A house beside a street of two kilometres, a clinic at its end:

        >>> from circle.api.region import Region, analyze
        >>> from shapely import LineString, Point
        >>> def frame(shape, **columns):
        ...     return gpd.GeoDataFrame({name: [value] for name, value in columns.items()}, geometry=[shape], crs=4326)
        >>> village = Region.from_frames(
        ...     roads=frame(LineString([(119, 29), (119.02, 29)]), highway="residential"),
        ...     facilities=frame(Point(119, 29), service="clinic", name="Clinic"),
        ...     population=frame(Point(119.02, 29.0001), people=80),
        ... )
        >>> result = analyze(village)
        >>> way = result.explain((119.02, 29.0001), "clinic")
        >>> way.status, way.legs["leg"].tolist()
        ('far', ['access', 'network', 'egress'])
        >>> way.legs["length_m"].round().tolist()
        [11.0, 1949.0, 0.0]

        At twice the pace it is in time:

        >>> quick = analyze(village, walking_speed_kmh=8)
        >>> result.compare(quick)["covered_change"].tolist()
        [80.0, 80.0]
        """
        from circle.api.explained import explained  # with what draws ways

        return explained(self.analysis, self.network.engine, place, service)

    def compare(self, other: Result, *, group: str = "all") -> pd.DataFrame:
        """What changes from this result to another one of the same region, each at its own main (longest) limit.

        Parameters
        ----------
        other
            The later, or the alternative, answer.
        group
            Whose people are counted.

        Returns
        -------
        pandas.DataFrame
            A row per service of both: ``service``, then ``people``, ``covered`` and ``share`` each with ``_before``
            (this result), ``_after`` (the other one) and ``_change``.

        Raises
        ------
        InputError
            If `other` is no result, or one of the two has no such group.
        """
        from circle.api.comparison import compared

        if not isinstance(other, Result):
            Argument("compare", "other").refuse("api.other_result", found=type(other).__name__)
        limits = self.analysis.settings.main, other.analysis.settings.main
        return compared(self.summary(group=group), other.summary(group=group), limits)

    def to_frame(self) -> gpd.GeoDataFrame:
        """One row per place where people live: people, and per service cost, nearest facility and status."""
        table = residents_frame(self.analysis)
        points = shapely.points(self.analysis.residents.lon, self.analysis.residents.lat)
        return gpd.GeoDataFrame(table, geometry=points, crs=WGS84)

    @property
    def coverage(self) -> gpd.GeoDataFrame:
        """Districts by services."""
        return _as_frame(coverage_layer(self.analysis))

    @property
    def facilities(self) -> gpd.GeoDataFrame:
        """Facilities with the people who have each as their nearest."""
        return _as_frame(facilities_layer(self.analysis))

    @property
    def gaps(self) -> gpd.GeoDataFrame:
        """Zones of unserved people, ranked, with the reason and the best single site."""
        return self.analysis.gaps.copy()

    @property
    def isochrones(self) -> gpd.GeoDataFrame:
        """Areas within reach, per service and limit."""
        return self.analysis.isochrones.copy()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Warnings and notes, of reading and of the analysis."""
        return self.analysis.problems

    def explore(self, *, lang: str | None = None, tiles: str | None = None) -> folium.Map:
        """The map, to look at in a notebook; it needs no internet unless `tiles` are asked for."""
        at = Argument("explore")
        tiles = None if tiles is None else at.named("tiles").text(tiles)
        return export.gap_map(self.analysis, lang=at.named("lang").language(lang), tiles=tiles)

    def figures(self, *, lang: str | None = None) -> dict[str, Drawing]:
        """The figures of the report, by name: the map, the charts, and a small map of each of the ten largest gaps.

        Each is a figure of matplotlib, drawn anew: it can be changed, shown in a notebook, or saved with ``savefig``.
        A word that no font here can write is a number in a saved picture, as ``[1]``; the figure says which by
        ``figure.numbered`` and when it is printed.

        Parameters
        ----------
        lang
            ``"en"`` or ``"zh"``; default: the locale's.
        """
        return report.draw_all(self.analysis, Argument("figures", "lang").language(lang))

    def write_report(
        self, folder: str | Path, *, lang: str | None = None, pdf: bool = False, force: bool = False
    ) -> list[Path]:
        """Write ``report.html`` and ``report.docx`` into a folder, beside whatever it holds.

        In the folder of this result they become part of it: its ``provenance.json`` names them from then on.

        Parameters
        ----------
        folder
            Made if it is not there.
        lang
            ``"en"`` or ``"zh"``; default: the locale's.
        pdf
            Print ``report.pdf`` too, by an installed Chromium, Chrome or Edge.
        force
            Replace an earlier report.

        Returns
        -------
        list of Path
            The files written.

        Raises
        ------
        OutputError
            If a report is there already or cannot be written, or the folder holds another result.
        ResourceError
            If there is no browser that prints.
        """
        at = Argument("write_report")
        target, speech = at.named("folder").target(folder), at.named("lang").language(lang)
        pdf, force = at.named("pdf").flag(pdf), at.named("force").flag(force)
        return written_report(self.analysis, target, speech, pdf=pdf, force=force)

    def write(
        self,
        folder: str | Path,
        *,
        force: bool = False,
        lang: str | None = None,
        tiles: str | None = None,
        crs: str | None = None,
        with_report: bool = False,
    ) -> Path:
        """Write all files into a folder that appears whole or not at all.

        Parameters
        ----------
        folder
            Where; must not exist, unless with `force`.
        force
            Replace an earlier result.
        lang
            Language of the map; default: the locale's.
        tiles
            Background tiles of the map: None for none, ``"osm"``, ``"tianditu:KEY"``, or the URL of a tile server.
        crs
            Coordinate system of the GeoPackage, e.g. ``"EPSG:4490"``; None for WGS 84.
        with_report
            ``report.html`` and ``report.docx`` too.

        Raises
        ------
        OutputError
            If the folder exists or cannot be written.
        QueryError
            If `crs` is unknown, or not for this region, or `tiles` lack a key or are no fit URL.
        """
        at = Argument("write")
        target, force = at.named("folder").target(folder), at.named("force").flag(force)
        manner, with_report = manner_of(lang, tiles, crs, at), at.named("with_report").flag(with_report)
        with whole_folder(target, force=force) as staging:
            self.write_into(staging, target, manner, with_report=with_report)
        return target

    def write_into(
        self, staging: Path, target: Path, manner: export.Manner, *, with_report: bool = False, pdf: bool = False
    ) -> None:
        """Write all files into a folder of `circle.store.whole_folder` that is to become `target`."""
        further = partial(report.report_files, self.analysis, manner.lang, pdf=pdf) if with_report or pdf else None
        with writing(target):
            export.write_outputs(self.analysis, staging, manner, region_file=self.region_file, further=further)

    def __repr__(self) -> str:
        return f"<Result: {export.answer(self.analysis, 'en')}{warnings_in(self.problems)}>"

    def _repr_html_(self) -> str:
        from circle.api.shown import result_html  # for those who look

        return result_html(self.analysis)


def _as_frame(layer: Layer) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(layer.table, geometry=layer.geometries, crs=WGS84)
