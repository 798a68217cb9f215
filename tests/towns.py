"""Toy towns: streets drawn in metres around 119 E, 29 N, so that answers can be worked out by hand.

4 km/h is 0.9 s a metre: 1,000 m take 900 s. A leg of d metres off the network takes 1.3 × 0.9 × d = 1.17 d seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely
from pyproj import Geod

from circle import reference
from circle.model import Barriers, Facilities, Floats, Streets
from circle.network import build_network
from circle.reach import (
    Engine,
    Nearest,
    Places,
    Sites,
    build_engine,
    join_facilities,
    join_places,
    nearest_facility,
    straight_line_m,
)
from circle.settings import AnalysisSettings, Question, parse_standard, resolve

LON_0, LAT_0 = 119.0, 29.0
GEOD = Geod(ellps="WGS84")

Point = tuple[float, float]


def degrees(x: float, y: float) -> Point:
    """The point x metres east and y metres north of the origin, measured on the ellipsoid."""
    lon, lat, _ = GEOD.fwd(LON_0, LAT_0, 90 if x >= 0 else 270, abs(x))
    lon, lat, _ = GEOD.fwd(lon, lat, 0 if y >= 0 else 180, abs(y))
    return lon, lat


def question(**settings: object) -> Question:
    """The default standard with what is asked differently."""
    standard = parse_standard(reference.standard_text("fifteen-minute-walk"))
    return resolve(AnalysisSettings.model_validate(settings), standard)


def streets(
    ways: Sequence[Sequence[Point]],
    *,
    oneway: Sequence[int] = (),
    bridges: Sequence[int] = (),
    factor: dict[int, float] | None = None,
    duration_s: dict[int, float] | None = None,
) -> Streets:
    """Ways in metres; points of equal coordinates are one vertex."""
    vertices: dict[Point, int] = {}
    rows = [[vertices.setdefault((float(x), float(y)), len(vertices)) for x, y in way] for way in ways]
    lonlat = np.array([degrees(*point) for point in vertices]).reshape(-1, 2)
    number = np.arange(len(ways))
    return Streets(
        lon=lonlat[:, 0],
        lat=lonlat[:, 1],
        way_offset=np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64),
        way_vertex=np.array([v for row in rows for v in row], dtype=np.int64),
        way_id=number,
        way_class=np.zeros(len(ways), np.int16),
        classes=("residential",),
        forward=np.ones(len(ways), np.bool_),
        backward=~np.isin(number, list(oneway)),
        speed_factor=np.array([(factor or {}).get(i, 1.0) for i in number]),
        duration_s=np.array([(duration_s or {}).get(i, np.nan) for i in number]),
        attachable=~np.isin(number, list(bridges)),
        spans=np.isin(number, list(bridges)),
    )


def barriers(lines: Sequence[Sequence[Point]] = (), *, one_sided: bool = False) -> Barriers:
    """Barrier lines in metres."""
    lonlat = np.array([degrees(*p) for line in lines for p in line]).reshape(-1, 2)
    return Barriers(
        lon=lonlat[:, 0],
        lat=lonlat[:, 1],
        line_offset=np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(np.int64),
        kind=np.zeros(len(lines), np.int8),
        one_sided=np.full(len(lines), one_sided),
        water=np.empty(0, dtype=object),
    )


def engine(town: Streets, walls: Barriers | None = None, **settings: object) -> Engine:
    """A town's engine."""
    return build_engine(build_network(town, walls or barriers(), question(**settings)))


def places(town: Engine, points: Sequence[Point], **options: object) -> Places:
    """Residents at points in metres."""
    lonlat = np.array([degrees(*point) for point in points]).reshape(-1, 2)
    return join_places(town, lonlat[:, 0], lonlat[:, 1], **options)  # type: ignore[arg-type]


def facilities(points: Sequence[Point], service: str = "clinic") -> Facilities:
    """Facilities of one entrance each."""
    lonlat = np.array([degrees(*point) for point in points]).reshape(-1, 2)
    table = pd.DataFrame(
        {
            "facility_id": [f"{service}-{i}" for i in range(len(points))],
            "name": [f"{service} {i}" for i in range(len(points))],
            "service": [service] * len(points),
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
            "capacity": np.nan,
            "source": "toy",
        }
    )
    number = np.arange(len(points))
    return Facilities({name: table[name].to_numpy() for name in table}, lonlat[:, 0], lonlat[:, 1], number, np.zeros(len(points), np.bool_))


def sites(town: Engine, points: Sequence[Point]) -> Sites:
    """Facilities of one service on the network."""
    return join_facilities(town, facilities(points))["clinic"]


def nearest(town: Engine, residents: Sequence[Point], clinics: Sequence[Point]) -> Nearest:
    """The nearest clinic of every resident."""
    return nearest_facility(town, places(town, residents), sites(town, clinics))


def straight_m(town: Engine, residents: Sequence[Point], clinics: Sequence[Point]) -> Floats:
    """Metres to the nearest clinic as the crow flies."""
    return straight_line_m(places(town, residents), sites(town, clinics))


def box(x1: float, y1: float, x2: float, y2: float) -> shapely.Polygon:
    """A rectangle in metres as a polygon in degrees."""
    return shapely.Polygon([degrees(x1, y1), degrees(x2, y1), degrees(x2, y2), degrees(x1, y2)])
