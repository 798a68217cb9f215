"""The answer for a region: tables, maps and the folder of files."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from circle import export
from circle.errors import Problem
from circle.export.frames import Layer, coverage_layer, facilities_layer, residents_frame
from circle.lazily import gpd, pd
from circle.messages import reader_language
from circle.model import Analysis
from circle.store import whole_folder, writing

if TYPE_CHECKING:
    import folium

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

    def write(
        self,
        folder: str | Path,
        *,
        force: bool = False,
        lang: str | None = None,
        tiles: str | None = None,
        crs: str | None = None,
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
        crs
            Coordinate system of the GeoPackage, e.g. ``"EPSG:4490"``; None for WGS 84.

        Raises
        ------
        OutputError
            If the folder exists or cannot be written.
        QueryError
            If `crs` is unknown, or not for this region.
        """
        target = Path(folder)
        with whole_folder(target, force=force) as staging:
            self.write_into(staging, target, lang=lang, tiles=tiles, crs=crs)
        return target

    def write_into(
        self,
        staging: Path,
        target: Path,
        *,
        lang: str | None = None,
        tiles: str | None = None,
        crs: str | None = None,
    ) -> None:
        """Write all files into a folder of `circle.store.whole_folder` that is to become `target`."""
        with writing(target):
            spoken = lang or reader_language()
            export.write_outputs(
                self.analysis, staging, lang=spoken, tiles=tiles, region_file=self.region_file, crs=crs
            )

    def __repr__(self) -> str:
        return f"<Result: {export.answer(self.analysis, 'en')}>"

    def _repr_html_(self) -> str:
        sentence = html.escape(export.answer(self.analysis, reader_language()))
        return f"<p>{sentence}</p>{self.summary().to_html(index=False, na_rep='')}"


def _as_frame(layer: Layer) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(layer.table, geometry=layer.geometries, crs=WGS84)
