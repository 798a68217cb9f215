"""The sections of ``region.toml``, one model each: what the data of a layer are and where they stand."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from circle import reference
from circle.settings import Strict

Crs = Annotated[
    str,
    Field(
        description="Coordinate system: EPSG:…, gcj02 or bd09; auto (roads, facilities, places, residents): told by "
        "evidence. Files that carry their own need none."
    ),
]
TagAlternatives = tuple[dict[str, tuple[str, ...]], ...]


def is_raster(path: str) -> bool:
    """Whether a path names a grid.

    >>> is_raster("people.TIF"), is_raster("S12E043.hgt.zip"), is_raster("people.gpkg")
    (True, True, False)
    """
    return path.lower().endswith((".tif", ".tiff", ".hgt", ".img", ".asc", ".vrt", ".zip"))


def _known_service(name: str) -> str:
    """Service keys become column names and file keys, so they are plain words."""
    if not name or any(ch.isspace() or ch in ",;/\\\"'" for ch in name):
        raise PydanticCustomError("manifest.service_name", "not a plain word", {"value": name})
    return name


Service = Annotated[str, AfterValidator(_known_service)]


def _one_of(section: BaseModel, *keys: str) -> None:
    """Refuse a section that gives none or several of `keys`."""
    given = [key for key in keys if getattr(section, key) is not None]
    if len(given) != 1:
        raise PydanticCustomError(
            "manifest.give_one_of", "give one of", {"keys": ", ".join(keys), "given": ", ".join(given) or "-"}
        )


def _only_with(section: BaseModel, key: str, *others: str) -> None:
    """Refuse `others` where `key` is not given: they would be ignored."""
    ignored = [other for other in others if getattr(section, other) is not None]
    if getattr(section, key) is None and ignored:
        raise PydanticCustomError("manifest.only_with", "ignored", {"ignored": ", ".join(ignored), "needed": key})


class RegionSection(Strict):
    """``[region]``: what the region is called."""

    name: str = Field(min_length=1, description="The region's name, in any language.")
    extent: tuple[float, float, float, float] | str | None = Field(
        None,
        description="Where the data are complete: [west, south, east, north] in degrees, or the path of a polygon "
        "layer. Default: the box in the OSM file's header, else the hull of the roads.",
    )

    @field_validator("extent", mode="before")
    @classmethod
    def _box_or_path(cls, value: Any) -> Any:
        """A box is four numbers in degrees, in order."""
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, list | tuple) and len(value) == 4 and all(isinstance(v, int | float) for v in value):
            west, south, east, north = value
            if -180 <= west < east <= 180 and -90 <= south < north <= 90:
                return tuple(float(v) for v in value)
        raise PydanticCustomError("manifest.extent", "not a box", {"value": str(value)})


class OsmSection(Strict):
    """``[osm]``: one extract that several layers may read from."""

    path: str = Field(description="An .osm.pbf or .osm file.")


class RoadsSection(Strict):
    """``[roads]``: the streets people walk on."""

    source: Literal["osm"] | None = Field(None, description="osm: the extract of [osm].")
    path: str | None = Field(None, description="GeoPackage, GeoParquet, shapefile, GeoJSON or GraphML file.")
    layer: str | None = Field(None, description="Layer of the file, where it has several.")
    crs: Crs | None = None
    class_only: bool = Field(False, description="Judge walkability by the road class alone, whatever other tags say.")
    topology: Literal["auto", "repair", "as-drawn"] | None = Field(
        None,
        description="Line layers: join lines that meet without a shared vertex (repair), or not (as-drawn). "
        "Default: auto, told by how many do.",
    )
    snap_m: float | None = Field(
        None, gt=0, le=25, description="How many metres an end may be moved to meet another line. Default: 3."
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        _one_of(self, "source", "path")
        _only_with(self, "path", "layer", "crs", "topology", "snap_m")
        if self.topology == "as-drawn" and self.snap_m is not None:
            raise PydanticCustomError("topology.snap_as_drawn", "ignored", {})
        return self


class BarriersSection(Strict):
    """``[barriers]``: water, railways and motorways that nobody walks across."""

    path: str = Field(description="Line or polygon layer.")
    kind: Literal["water", "railway", "motorway"] | None = Field(
        None, description="What every feature is; default: told by its columns, else water."
    )
    layer: str | None = Field(None, description="Layer of the file, where it has several.")
    crs: Crs | None = None


class Columns(Strict):
    """How the columns of a table are called, where their headers do not say it."""

    name: str | None = Field(None, description="Column of names.")
    lon: str | None = Field(None, description="Column of longitudes, or of eastings in a projected system.")
    lat: str | None = Field(None, description="Column of latitudes, or of northings in a projected system.")
    id: str | None = Field(None, description="Column of codes that identify a row.")


class FacilitiesSection(Columns):
    """``[[facilities]]``: one list of places that offer services."""

    source: Literal["osm"] | None = Field(None, description="osm: the extract of [osm].")
    path: str | None = Field(None, description="CSV, Excel, GeoJSON, GeoPackage, GeoParquet or shapefile.")
    layer: str | None = Field(None, description="Layer of the file, where it has several.")
    sheet: str | Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        None,
        description="Sheet of the workbook, several as a list, or * for all that look like lists; default: the first "
        "that does.",
    )
    crs: Crs | None = None
    service: Service | None = Field(None, description="The service that every row offers.")
    service_column: str | None = Field(None, description="Column that says which service a row offers.")
    mapping: dict[str, Service] | None = Field(
        None, description="Value in the service column = service; default: the words that circle knows."
    )
    capacity: str | None = Field(None, description="Column of capacities (beds, seats).")
    tags: dict[Service, TagAlternatives] | None = Field(
        None, description="Service = list of OSM tag alternatives; default: the tags that circle knows."
    )
    services: tuple[Service, ...] | None = Field(
        None, description="From OSM: which services to take; default: all known."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _one_of(self, "source", "path")
        columns = (*Columns.model_fields, "capacity", "service_column", "mapping")
        _only_with(self, "path", *columns, "layer", "sheet", "crs")
        _only_with(self, "source", "tags", "services")
        if self.source == "osm":
            unknown = sorted(set(self.wanted_services) - set(self.tag_table()))
            if unknown:
                raise PydanticCustomError(
                    "manifest.service_without_tags",
                    "no tags",
                    {
                        "services": ", ".join(unknown),
                        "known": _all_services(),
                    },
                )
        if self.service and self.service_column:
            raise PydanticCustomError(
                "manifest.give_one_of", "one", {"keys": "service, service_column", "given": "service, service_column"}
            )
        return self

    @property
    def wanted_services(self) -> tuple[str, ...]:
        """From OSM: the services to take."""
        if self.service:
            return (self.service,)
        return self.services if self.services is not None else tuple(self.tag_table())

    def tag_table(self) -> dict[str, TagAlternatives]:
        """Tag alternatives of each service: the section's own, else those that ship with circle."""
        if self.tags is not None:
            return dict(self.tags)
        return {name: tuple(row["osm"]) for name, row in reference.table("services").items() if row.get("osm")}


class DistrictsSection(Strict):
    """``[districts]``: the areas that results are reported for."""

    source: Literal["osm"] | None = Field(None, description="osm: boundaries of the extract of [osm].")
    path: str | None = Field(None, description="Polygon layer.")
    layer: str | None = Field(None, description="Layer of the file, where it has several.")
    crs: Crs | None = None
    admin_level: int | None = Field(None, ge=1, le=12, description="From OSM: which administrative level.")
    id: str | None = Field(None, description="Column of codes; default: recognised by its header.")
    name: str | None = Field(None, description="Column of names; default: recognised by its header.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _one_of(self, "source", "path")
        _only_with(self, "path", "layer", "crs", "id", "name")
        _only_with(self, "source", "admin_level")
        if self.source == "osm" and self.admin_level is None:
            raise PydanticCustomError("manifest.admin_level_missing", "admin_level", {})
        return self


class PlacesSection(Columns):
    """``[places]``: named villages and towns, after which gaps are called."""

    source: Literal["osm"] | None = Field(None, description="osm: place nodes of the extract of [osm].")
    path: str | None = Field(None, description="Point layer or table.")
    layer: str | None = Field(None, description="Layer of the file, where it has several.")
    sheet: str | None = Field(None, description="Sheet of the workbook; default: the first that looks like a list.")
    crs: Crs | None = None
    place: str | None = Field(None, description="Column of the kind of place (town, village, hamlet).")
    people: str | None = Field(None, description="Column of residents.")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        _one_of(self, "source", "path")
        _only_with(self, "path", *Columns.model_fields, "layer", "sheet", "crs", "place", "people")
        return self


class ElevationSection(Strict):
    """``[elevation]``: heights, for walking times on slopes."""

    path: str | tuple[str, ...] = Field(description="One raster, or several that are joined (.tif, .hgt, .hgt.zip).")

    @property
    def paths(self) -> tuple[str, ...]:
        """All rasters."""
        return (self.path,) if isinstance(self.path, str) else self.path


PERIOD = re.compile(r"[0-9]{4}(Q[1-4]|-(0[1-9]|1[0-2]))?")
"""A year, a quarter or a month."""


class BatchSection(Strict):
    """``[batch]``: the districts are the counties of a province."""

    by: str | None = Field(
        None,
        min_length=1,
        description="Column of the district layer with the counties' codes; default: id of [districts].",
    )
    period: str | None = Field(
        None, description="What the data describe: a quarter 2026Q4, a month 2026-11 or a year 2026."
    )

    @field_validator("period", mode="before")
    @classmethod
    def _a_period(cls, value: Any) -> Any:
        """A year may be written as the number it is."""
        written = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if written is None or (isinstance(written, str) and PERIOD.fullmatch(written)):
            return written
        raise PydanticCustomError("batch.period", "not a period", {"value": str(value)})


def _all_services() -> reference.ServiceNames:
    return reference.ServiceNames(tuple(reference.table("services")))
