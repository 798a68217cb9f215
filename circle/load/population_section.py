"""``[population]`` of ``region.toml``: where people live, or the people of each district and how to spread them."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from circle.load.sections import Columns, Crs, _one_of, _only_with, is_raster

PopulationKind = Literal["resident", "registered"]


class PopulationSection(Columns):
    """``[population]``: where people live."""

    source: Literal["osm-buildings", "districts"] | None = Field(
        None,
        description="osm-buildings: spread `total` over buildings. districts: the layer of [districts] has the people "
        "of each in a column.",
    )
    path: str | tuple[str, ...] | None = Field(
        None,
        description="Raster (or its tiles), points or polygons with counts, a table with coordinates, or, with "
        "`district`, a table with a row per district.",
    )
    layer: str | None = Field(None, description="Layer of the file, where it has several.")
    sheet: str | None = Field(None, description="Sheet of the workbook; default: the first that holds something.")
    crs: Crs | None = None
    district: str | None = Field(
        None,
        description="Column that says which district a row counts, by code or name: the people of each district are "
        "then spread inside it.",
    )
    people: str | None = Field(None, description="Column of all residents; default: recognised by its header.")
    groups: dict[str, str | tuple[str, ...]] | None = Field(
        None, description="Group = raster file (or its tiles) or column. Group all is the total; default: path."
    )
    kind: PopulationKind | None = Field(
        None,
        description="What is counted: resident (usual residents, 常住人口) or registered (household registration, "
        "户籍人口). Printed wherever people are named; without it, nothing is claimed.",
    )
    total: float | None = Field(None, gt=0, description="Residents to be spread over the buildings.")
    spread: Literal["roads", "buildings", "raster", "area", "none"] | None = Field(
        None,
        description="Where people of cells or polygons coarser than 250 m are put (roads, buildings, none; default: "
        "along roads, or a warning), or those of a district: over buildings by floor area, by the pattern of a raster, "
        "along roads, or evenly over its area (default: by what is given, in this order: pattern, buildings, roads).",
    )
    pattern: str | tuple[str, ...] | None = Field(
        None, description="Raster (or its tiles) whose pattern the people of each district or polygon are spread by."
    )
    buildings: str | None = Field(
        None, description="Polygon layer of footprints to spread people over; default: those of [osm]."
    )

    @property
    def paths(self) -> tuple[str, ...]:
        """The file, or the tiles of the raster."""
        return (self.path,) if isinstance(self.path, str) else self.path or ()

    @property
    def patterns(self) -> tuple[str, ...]:
        """The raster whose pattern is followed, or its tiles."""
        return (self.pattern,) if isinstance(self.pattern, str) else self.pattern or ()

    @property
    def is_census(self) -> bool:
        """Whether people are counted by district."""
        return self.district is not None or self.source == "districts"

    @property
    def census_spread(self) -> str:
        """What people counted by district are spread over first."""
        if self.spread is not None:
            return self.spread
        return "raster" if self.patterns else "buildings"

    @property
    def wants_osm_buildings(self) -> bool:
        """Whether the buildings of the extract are needed."""
        by_district = self.is_census and self.census_spread == "buildings"
        return self.source == "osm-buildings" or (
            self.buildings is None and (self.spread == "buildings" or by_district)
        )

    @property
    def group_rasters(self) -> dict[str, tuple[str, ...]]:
        """The groups that are rasters of their own, each with its tiles."""
        tiles = {group: (value,) if isinstance(value, str) else value for group, value in (self.groups or {}).items()}
        return {group: paths for group, paths in tiles.items() if all(is_raster(path) for path in paths)}

    @property
    def group_columns(self) -> dict[str, str]:
        """The groups that are columns of the layer or table."""
        groups = self.groups or {}
        return {group: value for group, value in groups.items() if isinstance(value, str) and not is_raster(value)}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.path is None and self.source is None and not self.group_rasters:
            _one_of(self, "source", "path")
        if self.source is not None and self.path is not None:
            _one_of(self, "source", "path")
        _only_with(self, "path", *Columns.model_fields, "layer", "sheet", "district")
        if self.source != "districts":
            _only_with(self, "path", "people")
        if self.source != "osm-buildings" and self.total is not None:
            raise PydanticCustomError(
                "manifest.only_with", "ignored", {"ignored": "total", "needed": 'source = "osm-buildings"'}
            )
        if self.source == "osm-buildings" and self.total is None:
            raise PydanticCustomError("manifest.total_missing", "total", {})
        self._spread_fits()
        if self.is_census:
            self._census_fits()
        return self

    def _spread_fits(self) -> None:
        """Refuse what would have no effect on how people are spread."""
        if not self.is_census and self.spread == "area":
            raise PydanticCustomError("manifest.spread_needs_census", "spread", {"spread": self.spread})
        if not self.is_census and self.patterns and (not self.paths or any(is_raster(path) for path in self.paths)):
            raise PydanticCustomError("manifest.pattern_for_raster", "pattern", {})
        if self.buildings is not None and (self.source == "osm-buildings" or self.spread not in (None, "buildings")):
            raise PydanticCustomError(
                "manifest.only_with", "ignored", {"ignored": "buildings", "needed": 'spread = "buildings"'}
            )
        if self.patterns and self.spread not in (None, "raster"):
            raise PydanticCustomError(
                "manifest.only_with", "ignored", {"ignored": "pattern", "needed": 'spread = "raster"'}
            )
        if self.patterns and self.buildings is not None:
            raise PydanticCustomError(
                "manifest.give_one_of", "one", {"keys": "pattern, buildings", "given": "pattern, buildings"}
            )
        if self.spread == "raster" and not self.patterns:
            raise PydanticCustomError("manifest.pattern_missing", "pattern", {})
        if not all(is_raster(path) for path in self.patterns):
            raise PydanticCustomError("manifest.pattern_not_raster", "pattern", {"paths": ", ".join(self.patterns)})

    def _census_fits(self) -> None:
        """Refuse what a table by district cannot have."""
        places = [key for key in Columns.model_fields if getattr(self, key) is not None]
        if places:
            raise PydanticCustomError("manifest.census_has_no_places", "places", {"ignored": ", ".join(places)})
        if self.crs is not None and not self.patterns and self.buildings is None:
            raise PydanticCustomError(
                "manifest.only_with", "ignored", {"ignored": "crs", "needed": "pattern / buildings"}
            )
        if self.spread == "none":
            raise PydanticCustomError("manifest.census_must_spread", "spread", {})
        wrong = [path for path in self.paths if is_raster(path)]
        if wrong or len(self.paths) > 1:
            raise PydanticCustomError("manifest.census_not_table", "table", {"paths": ", ".join(wrong or self.paths)})
        if self.group_rasters:
            raise PydanticCustomError(
                "manifest.census_group_raster", "groups", {"groups": ", ".join(self.group_rasters)}
            )
