"""The answer for a region: tables, maps and the folder of files."""

from __future__ import annotations

import html
import warnings
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from circle import export, report
from circle.errors import Problem, render
from circle.export.frames import Layer, coverage_layer, facilities_layer, residents_frame
from circle.lazily import gpd, pd
from circle.messages import reader_language
from circle.model import Analysis
from circle.store import refuse_existing_file, whole_folder, write_whole, writing

if TYPE_CHECKING:
    import folium

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

    def summary(self) -> pd.DataFrame:
        """One row per service and one for all services: people covered and shares, median times, the largest gap."""
        return self.analysis.summary.copy()

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
        return export.gap_map(self.analysis, lang=lang or reader_language(), tiles=tiles)

    def figures(self, *, lang: str | None = None) -> dict[str, Drawing]:
        """The figures of the report, by name: the map, the charts, and a small map of each of the ten largest gaps.

        Each is a figure of matplotlib, drawn anew: it can be changed, shown in a notebook, or saved with ``savefig``.

        Parameters
        ----------
        lang
            ``"en"`` or ``"zh"``; default: the locale's.

        Examples
        --------
        >>> result.figures(lang="zh")["map"].savefig("map.pdf")  # doctest: +SKIP
        """
        return report.draw_all(self.analysis, lang or reader_language())

    def write_report(
        self, folder: str | Path, *, lang: str | None = None, pdf: bool = False, force: bool = False
    ) -> list[Path]:
        """Write ``report.html`` and ``report.docx`` into a folder, beside whatever it holds.

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
            If a report is there already or cannot be written.
        ResourceError
            If there is no browser that prints.
        """
        target = Path(folder)
        for name in report.file_names(pdf=pdf):  # before anything is drawn
            refuse_existing_file(target / name, force=force)
        speech = lang or reader_language()
        files = report.report_files(self.analysis, speech, pdf=pdf)
        for problem in report.font_problems(self.analysis, speech):
            warnings.warn(render(problem, speech), stacklevel=2)
        with writing(target):
            target.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_whole(target / name, content, force=force)
        return [target / name for name in files]

    def write(
        self,
        folder: str | Path,
        *,
        force: bool = False,
        lang: str | None = None,
        tiles: str | None = None,
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
            Background tiles of the map: None for none, ``"osm"``, or the URL of a tile server.
        with_report
            ``report.html`` and ``report.docx`` too.

        Raises
        ------
        OutputError
            If the folder exists or cannot be written.
        """
        target = Path(folder)
        with whole_folder(target, force=force) as staging:
            self.write_into(staging, target, lang=lang, tiles=tiles, with_report=with_report)
        return target

    def write_into(
        self,
        staging: Path,
        target: Path,
        *,
        lang: str | None = None,
        tiles: str | None = None,
        with_report: bool = False,
        pdf: bool = False,
    ) -> None:
        """Write all files into a folder of `circle.store.whole_folder` that is to become `target`."""
        speech = lang or reader_language()
        with writing(target):
            export.write_outputs(
                self.analysis,
                staging,
                lang=speech,
                tiles=tiles,
                region_file=self.region_file,
                further=partial(report.report_files, self.analysis, speech, pdf=pdf) if with_report or pdf else None,
            )

    def __repr__(self) -> str:
        return f"<Result: {export.answer(self.analysis, 'en')}>"

    def _repr_html_(self) -> str:
        sentence = html.escape(export.answer(self.analysis, reader_language()))
        return f"<p>{sentence}</p>{self.summary().to_html(index=False, na_rep='')}"


def _as_frame(layer: Layer) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(layer.table, geometry=layer.geometries, crs=WGS84)
