"""What is wanted of an OSM extract, and what was read of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from circle.lazily import gpd
from circle.load.features import Features
from circle.load.osm_tags import Rule
from circle.model import Barriers, Extent, Streets


@dataclass(frozen=True)
class OsmWanted:
    """What to read of an extract.

    Parameters
    ----------
    streets, barriers, buildings, places
        Whether to read them.
    facilities
        Service -> tag alternatives; all tags of an alternative must hold, ``"*"`` stands for any value.
    admin_level
        Read administrative boundaries (of all levels), and warn of incomplete ones of this level.
    class_only
        Judge streets by their class alone (see `circle.load.walkability.Walkability`).
    """

    streets: bool = True
    barriers: bool = True
    facilities: Mapping[str, Sequence[Rule]] = field(default_factory=dict)
    buildings: bool = False
    admin_level: int | None = None
    places: bool = False
    class_only: bool = False


@dataclass(frozen=True, eq=False)
class OsmExtract:
    """What was read of an extract; what was not wanted is empty.

    Parameters
    ----------
    streets
        None where not wanted, or without any walkable way.
    facility_table
        One row per facility and service: ``service``, ``osm_id``, ``name``, ``capacity`` (NaN unknown), ``role``
        (value of ``public_transport``); point, polygon or multipolygon.
    building_table
        Footprints: ``osm_id``, ``levels`` (NaN unknown), ``use``.
    boundary_table
        Areas: ``osm_id``, ``name``, ``admin_level``, ``code``.
    place_table
        Points: ``name``, ``place``, ``people`` (NaN unknown).
    extent
        The box in the file's header, if it has one.
    counts
        Facilities left out or placed roughly, by reason.
    """

    streets: Streets | None
    barriers: Barriers
    facility_table: Features
    building_table: Features
    boundary_table: Features
    place_table: Features
    extent: Extent | None
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def features(self) -> gpd.GeoDataFrame:
        """Facilities as a frame."""
        return self.facility_table.frame

    @property
    def buildings(self) -> gpd.GeoDataFrame:
        """Footprints as a frame."""
        return self.building_table.frame

    @property
    def boundaries(self) -> gpd.GeoDataFrame:
        """Areas as a frame."""
        return self.boundary_table.frame

    @property
    def places(self) -> gpd.GeoDataFrame:
        """Named places as a frame."""
        return self.place_table.frame
