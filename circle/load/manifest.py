"""What ``region.toml`` may say: the schema of a region's data.

It says what the data *are*; what is *asked* of them stands in a planning standard and in ``[analysis]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from circle.load.population_section import PopulationSection
from circle.load.sections import (
    BarriersSection,
    BatchSection,
    DistrictsSection,
    ElevationSection,
    FacilitiesSection,
    OsmSection,
    PlacesSection,
    RegionSection,
    RoadsSection,
)
from circle.settings import AnalysisSettings, Strict

OSM_CODES = ("code", "osm_id")
"""What counties read from OSM may go by: their official code where OSM knows it, or the number of the object."""


class Manifest(Strict):
    """A region file: what the data are. Paths are relative to it."""

    region: RegionSection
    osm: OsmSection | None = None
    roads: RoadsSection
    barriers: tuple[BarriersSection, ...] = ()
    facilities: Annotated[tuple[FacilitiesSection, ...], Field(min_length=1)]
    population: PopulationSection
    districts: DistrictsSection | None = None
    places: PlacesSection | None = None
    elevation: ElevationSection | None = None
    batch: BatchSection | None = None
    analysis: AnalysisSettings = Field(default_factory=lambda: AnalysisSettings.model_validate({}))

    @model_validator(mode="before")
    @classmethod
    def _barriers_may_be_one(cls, document: Any) -> Any:
        """``[barriers]`` and ``[[barriers]]`` mean the same."""
        if isinstance(document, Mapping) and isinstance(document.get("barriers"), Mapping):
            return {**document, "barriers": [document["barriers"]]}
        return document

    @model_validator(mode="after")
    def _osm_is_there(self) -> Self:
        sections = (self.roads, *self.facilities, self.population, self.districts, self.places)
        sources = [section.source for section in sections if section is not None]
        if self.osm is None and any(source not in (None, "districts") for source in sources):
            raise PydanticCustomError("manifest.osm_missing", "osm", {})
        return self

    @model_validator(mode="after")
    def _census_has_districts(self) -> Self:
        if self.population.is_census and self.districts is None:
            raise PydanticCustomError("manifest.census_needs_districts", "districts", {})
        if self.population.source == "districts" and self.districts is not None and self.districts.path is None:
            raise PydanticCustomError("manifest.census_needs_layer", "districts", {})
        if self.population.wants_osm_buildings and self.osm is None and self.population.spread == "buildings":
            raise PydanticCustomError("manifest.buildings_missing", "buildings", {})
        return self

    @model_validator(mode="after")
    def _batch_has_counties(self) -> Self:
        if self.batch is None:
            return self
        if self.districts is None:
            raise PydanticCustomError("batch.needs_districts", "districts", {})
        by, identity = self.batch.by, self.districts.id
        if by not in (None, *OSM_CODES) and self.districts.path is None:
            raise PydanticCustomError("batch.by_of_osm", "by", {"by": by})
        if by is not None and identity is not None and by != identity:
            raise PydanticCustomError("batch.two_codes", "by", {"by": by, "id": identity})
        return self

    @property
    def district_codes(self) -> str | None:
        """The column with the districts' codes, wherever it is named; None: it is recognised by its header."""
        by = self.batch.by if self.batch is not None else None
        return by or (self.districts.id if self.districts is not None else None)


def manifest_schema() -> dict[str, Any]:
    """The JSON Schema of ``region.toml``.

    Examples
    --------
    >>> sorted(manifest_schema()["required"])
    ['facilities', 'population', 'region', 'roads']
    """
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Manifest.model_json_schema()}
