"""Layers of places that may be tables or map layers, and how each is read in a given coordinate system."""

from __future__ import annotations

from pathlib import Path

from circle.lazily import gpd
from circle.load.auto import Read
from circle.load.datums import is_auto
from circle.load.located import Located
from circle.load.points import point_frame
from circle.load.population_section import PopulationSection
from circle.load.population_totals import without_checked_totals
from circle.load.sections import FacilitiesSection, PlacesSection
from circle.load.tables import is_table, read_table
from circle.load.vector import read_vector


def points_reader(section: FacilitiesSection | PlacesSection | PopulationSection, path: Path) -> Read:
    """How a list is read in a given system: a table with coordinates, or a map layer. People are never left out."""
    keep_unplaced = isinstance(section, PopulationSection)

    def read(crs: str | None, at: Located) -> gpd.GeoDataFrame | None:
        if not is_table(path):
            return read_vector(path, at, layer=section.layer, crs=crs, keep_unplaced=keep_unplaced)
        sheet = None if section.sheet is None else str(section.sheet)
        table = read_table(path, at, sheet, keep_totals=keep_unplaced)
        if table is not None and isinstance(section, PopulationSection):
            table = without_checked_totals(table, section.people, section.kind, at)
        if table is None:
            return None
        return point_frame(table, section, crs, at, keep_unplaced=keep_unplaced, tried=is_auto(section.crs))

    return read
