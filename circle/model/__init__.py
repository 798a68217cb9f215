"""The frozen records handed from room to room: inert, typed, with their invariants.

Arrays are numpy, coordinates are WGS84 degrees (``lon``, ``lat``) unless the name says ``x``, ``y`` (metres in the
region's own projection, `Network.crs`). Ragged data are an ``offset`` array of length n + 1 beside a flat array:
the items of row i are ``flat[offset[i]:offset[i + 1]]``. Row numbers stand for identity inside; codes are strings.
"""

from circle.model.answers import (
    OUTSIDE,
    REASONS,
    Analysis,
    Audit,
    Residents,
    ServiceReach,
    Status,
)
from circle.model.arrays import (
    Bools,
    Floats,
    Geometries,
    Int8s,
    Int16s,
    Int32s,
    Ints,
)
from circle.model.facilities import Facilities
from circle.model.inputs import (
    BARRIER_KINDS,
    POPULATION_KINDS,
    Barriers,
    BuildingTotal,
    CountFeatures,
    CountRaster,
    DistrictCounts,
    Districts,
    Elevation,
    Extent,
    InputFile,
    KnownImpedance,
    OddDistrict,
    Population,
    RegionData,
    Settlements,
    Streets,
)
from circle.model.network import (
    Attachment,
    BarrierSegments,
    NetworkData,
    Pace,
)
from circle.model.repairs import JOINING_KINDS, REPAIR_KINDS, RoadRepairs
from circle.model.trails import Departure, Trail, Trails

__all__ = [
    "BARRIER_KINDS",
    "JOINING_KINDS",
    "OUTSIDE",
    "POPULATION_KINDS",
    "REASONS",
    "REPAIR_KINDS",
    "Analysis",
    "Attachment",
    "Audit",
    "BarrierSegments",
    "Barriers",
    "Bools",
    "BuildingTotal",
    "CountFeatures",
    "CountRaster",
    "Departure",
    "DistrictCounts",
    "Districts",
    "Elevation",
    "Extent",
    "Facilities",
    "Floats",
    "Geometries",
    "InputFile",
    "Int8s",
    "Int16s",
    "Int32s",
    "Ints",
    "KnownImpedance",
    "NetworkData",
    "OddDistrict",
    "Pace",
    "Population",
    "RegionData",
    "Residents",
    "RoadRepairs",
    "ServiceReach",
    "Settlements",
    "Status",
    "Streets",
    "Trail",
    "Trails",
]
