"""A small analysis made by hand: two districts, a grid of 48 places and one of unknown location, two services."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from circle.errors import Problem, Severity
from circle.indicators import indicator_table, summary_table
from circle.model import (
    Analysis,
    Audit,
    Barriers,
    BarrierSegments,
    CountFeatures,
    Districts,
    Extent,
    Facilities,
    InputFile,
    NetworkData,
    RegionData,
    Residents,
    ServiceReach,
    Settlements,
    Status,
    Streets,
)
from circle.reference import standard_text
from circle.settings import AnalysisSettings, Question, parse_standard, resolve

WEST, SOUTH, STEP = 118.5, 28.9, 0.004
COLUMNS, ROWS = 8, 6


def town_analysis(
    *, hostile: str = "", districts: bool = True, metric: str = "time", service: str = "clinic"
) -> Analysis:
    """The whole answer of the town; `hostile` is put into every text that data can hold."""
    standard = "fifteen-minute-walk" if metric == "time" else "walking-distance"
    question = resolve(AnalysisSettings(standard=standard), parse_standard(standard_text(standard)))
    facilities = _facilities(hostile, service)
    residents = _residents()
    areas = _districts(hostile) if districts else None
    if not districts:
        residents = Residents(
            residents.lon, residents.lat, residents.people, residents.groups, np.zeros_like(residents.district), 100.0
        )
    reach = {name: _reach(name, residents, facilities, question) for name in ("primary_school", service)}
    together = _together(reach)
    indicators = indicator_table(reach, together, residents, areas, question, facilities=facilities)
    gaps = _gaps(hostile, service)
    isochrones, check = _isochrones(facilities, question)
    region = RegionData(
        name=f"青溪{hostile}",
        streets=_streets(),
        barriers=_barriers(),
        facilities=facilities,
        population=CountFeatures(gpd.GeoDataFrame({"all": []}, geometry=[], crs="EPSG:4326"), ("all",)),
        districts=areas,
        settlements=_settlements(hostile),
        elevation=None,
        extent=Extent(shapely.box(WEST, SOUTH, WEST + COLUMNS * STEP, SOUTH + ROWS * STEP), "declared"),
        inputs=(InputFile(f"roads{hostile}.osm.pbf", "0" * 64, "roads", "EPSG:4326"),),
    )
    return Analysis(
        region=region,
        settings=question,
        network=_network(question),
        residents=residents,
        reach=reach,
        together=together,
        indicators=indicators,
        summary=summary_table(indicators, gaps, facilities, question),
        gaps=gaps,
        isochrones=isochrones,
        isochrone_check=check,
        audit=_audit(hostile, service),
        problems=(Problem("file.missing", Severity.WARNING, {}, file=f"x{hostile}.csv", row=3),),
        seconds={"network": 0.5},
    )


def _residents() -> Residents:
    column, row = np.meshgrid(np.arange(COLUMNS), np.arange(ROWS))
    lon = WEST + (column.ravel() + 0.5) * STEP
    lat = SOUTH + (row.ravel() + 0.5) * STEP
    people = 10.0 + np.arange(len(lon))
    district = (column.ravel() >= COLUMNS // 2).astype(np.int64)
    district[-1] = -1
    return Residents(
        lon=np.append(lon, np.nan),
        lat=np.append(lat, np.nan),
        people=np.stack([np.append(people, 7.0), np.append(people / 4, 1.0)]),
        groups=("all", "children"),
        district=np.append(district, -1),
        cell_m=100.0,
    )


def _facilities(hostile: str, service: str) -> Facilities:
    table = pd.DataFrame(
        {
            "facility_id": [f"007{hostile}", "s2", "c1"],
            "name": [f"中心小学{hostile}", None, f"卫生院{hostile}"],
            "service": ["primary_school", "primary_school", service],
            "lon": [WEST + STEP, WEST + 6 * STEP, WEST + 2 * STEP],
            "lat": [SOUTH + STEP, SOUTH + 4 * STEP, SOUTH + 3 * STEP],
            "capacity": [300.0, np.nan, np.nan],
            "source": [f"a{hostile}.csv", "a.csv", "b.csv"],
        }
    )
    rows = np.arange(3, dtype=np.int64)
    return Facilities({name: table[name].to_numpy() for name in table}, table["lon"].to_numpy(), table["lat"].to_numpy(), rows, np.zeros(3, dtype=np.bool_))


def _reach(name: str, residents: Residents, facilities: Facilities, question: Question) -> ServiceReach:
    """Nearest by a flat Manhattan distance; the last column of places cannot be reached."""
    rows = np.flatnonzero((facilities.table["service"] == name).to_numpy())
    lon, lat = (facilities.table[axis].to_numpy()[rows] for axis in ("lon", "lat"))
    east = (residents.lon[:, None] - lon) * 97_000
    north = (residents.lat[:, None] - lat) * 111_000
    walked, straight = np.abs(east) + np.abs(north), np.hypot(east, north)
    nearest = np.where(np.isnan(residents.lon), 0, np.argmin(walked, axis=1))
    place = np.arange(len(nearest))
    cost = walked[place, nearest] / (question.walking_speed_m_s if question.metric == "time" else 1.0)
    lost = np.isclose(residents.lon, WEST + (COLUMNS - 0.5) * STEP)
    cost[lost] = np.inf
    status = np.where(cost <= question.main.value, Status.COVERED, Status.FAR)
    status[lost] = Status.NO_ROUTE
    status[np.isnan(cost)] = Status.UNKNOWN
    return ServiceReach(
        service=name,
        cost=cost,
        facility=np.where(np.isfinite(cost), rows[nearest], -1),
        straight_m=straight[place, nearest],
        leg_m=np.where(np.isnan(cost), np.nan, 12.5),
        direct=np.zeros(len(cost), dtype=np.bool_),
        status=status.astype(np.int8),
        edge_affected=np.arange(len(cost)) % 5 == 0,
    )


def _together(reach: dict[str, ServiceReach]) -> ServiceReach:
    parts = list(reach.values())
    last = np.argmax([np.nan_to_num(part.cost, nan=-1.0, posinf=1e18) for part in parts], axis=0)
    place = np.arange(len(last))

    def of_last(field: str) -> np.ndarray:
        return np.stack([getattr(part, field) for part in parts])[last, place]

    return ServiceReach(
        "all_services",
        *(of_last(name) for name in ("cost", "facility")),
        straight_m=np.max([part.straight_m for part in parts], axis=0),
        **{name: of_last(name) for name in ("leg_m", "direct", "status", "edge_affected")},
    )


def _districts(hostile: str) -> Districts:
    middle, east, north = WEST + COLUMNS / 2 * STEP, WEST + COLUMNS * STEP, SOUTH + ROWS * STEP
    frame = gpd.GeoDataFrame(
        {"district_id": [f"0331{hostile}", "0332"], "district_name": [f"竹坞乡{hostile}", "石梁镇"]},
        geometry=[shapely.box(WEST, SOUTH, middle, north), shapely.box(middle, SOUTH, east, north)],
        crs="EPSG:4326",
    )
    return Districts(frame)


def _gaps(hostile: str, service: str) -> gpd.GeoDataFrame:
    corner = shapely.MultiPolygon([shapely.box(WEST + 6 * STEP, SOUTH, WEST + 8 * STEP, SOUTH + 2 * STEP)])
    small = shapely.MultiPolygon([shapely.box(WEST, SOUTH + 5 * STEP, WEST + STEP, SOUTH + 6 * STEP)])
    none = {"facility_id": None, "facility_name": None, "site_lon": np.nan, "site_lat": np.nan}
    blank = {**none, "rank": None, "cost": np.nan, "route_m": np.nan, "straight_m": np.nan, "detour": 0.0}
    rows = [
        {
            **blank,
            "gap_id": f"{service}-001",
            "kind": "zone",
            "rank": 1,
            "name": f"上坞{hostile}",
            "people": 321.4,
            "district_id": f"0331{hostile}",
            "district_name": f"竹坞乡{hostile}",
            "reason": "far",
            "far": 300.0,
            "detour": 21.4,
            "site_lon": WEST + 7 * STEP,
            "site_lat": SOUTH + STEP,
            "facility_id": "c1",
            "facility_name": f"卫生院{hostile}",
            "cost": 2880.0,
            "route_m": 3200.0,
            "straight_m": 1404.0,
            "geometry": corner,
        },
        {
            **blank,
            "gap_id": f"{service}-002",
            "kind": "zone",
            "rank": 2,
            "name": None,
            "people": 60.0,
            "cost": np.inf,
            "district_id": "0332",
            "district_name": "石梁镇",
            "reason": "no_route",
            "far": 0.0,
            "route_m": np.inf,
            "site_lon": WEST + 7.5 * STEP,
            "site_lat": SOUTH + 5 * STEP,
            "straight_m": 1500.0,
            "geometry": shapely.affinity.translate(corner, 0, 3 * STEP),
        },
        {
            **blank,
            "gap_id": f"{service}-rest",
            "kind": "rest",
            "name": "",
            "people": 12.5,
            "reason": "far",
            "far": 12.5,
            "district_id": "",
            "district_name": "",
            "geometry": small,
        },
    ]
    frame = pd.DataFrame(rows).assign(service=service, off_road=0.0, no_facility=0.0)
    frame["no_route"] = np.where(frame["reason"] == "no_route", frame["people"], 0.0)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326")


def _isochrones(facilities: Facilities, question: Question) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    rows = []
    for name, group in facilities.table.groupby("service", sort=False):
        points = shapely.points(group[["lon", "lat"]].to_numpy())
        for limit in question.limits:
            area = shapely.union_all(shapely.buffer(points, question.radius_m(limit) / 111_000, quad_segs=8))
            rows.append({"service": name, "facility_id": "", "limit": limit.label, "limit_value": limit.value,
                         "geometry": shapely.MultiPolygon(shapely.get_parts(area).tolist())})  # fmt: skip
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")
    check = pd.DataFrame(frame[["service", "limit"]]).assign(
        people_inside_uncovered=1.5, people_outside_covered=2.5, share_wrong=0.001, resolution_m=25.0
    )
    return frame, check


def _settlements(hostile: str) -> Settlements:
    frame = gpd.GeoDataFrame(
        {"name": [f"上坞{hostile}", "下坞"], "place": ["village", "town"], "people": [np.nan, np.nan]},
        geometry=gpd.points_from_xy([WEST + 7 * STEP, WEST + 2 * STEP], [SOUTH + STEP, SOUTH + 3 * STEP]),
        crs="EPSG:4326",
    )
    return Settlements(frame)


def _audit(hostile: str, service: str) -> Audit:
    return Audit(
        people={"total": 1615.0, "unknown": 7.0, "outside_districts": 57.0, "leg_over_500m": 31.0, "barred": 3.0, "no_road": 0.0},
        pieces=pd.DataFrame(
            {"piece": [0], "nodes": [3], "length_m": [3700.0], "people": [1608.0], "lon": [WEST], "lat": [SOUTH],
             "lacking": [7.0], "without_primary_school": [0.0], f"without_{service}": [7.0], f"of{hostile}": [0.0]}
        ),
        long_legs=pd.DataFrame(
            {"lon": [WEST], "lat": [SOUTH], "leg_m": [np.inf], "people": [12.0], "district_name": [f"乡{hostile}"]}
        ),
        far_facilities=pd.DataFrame({"facility_id": [f"007{hostile}"], "name": [f"中心小学{hostile}"], "leg_m": [130.0]}),
        edge_affected={"primary_school": 10.0, service: 4.0},
    )


def _streets() -> Streets:
    none = np.zeros(0)
    whole, yes = none.astype(np.int64), none.astype(np.bool_)
    return Streets(
        none, none, np.zeros(1, np.int64), whole, whole, none.astype(np.int16), (), yes, yes, none, none, yes, yes,
        counts={"truncated_way": 2},
    )  # fmt: skip


def _barriers() -> Barriers:
    lon = np.array([WEST, WEST + 8 * STEP, WEST, WEST + 8 * STEP])
    lat = np.array([SOUTH + 2.5 * STEP, SOUTH + 2.8 * STEP, SOUTH + 4.5 * STEP, SOUTH + 4.5 * STEP])
    pond = shapely.box(WEST + 3 * STEP, SOUTH + 4 * STEP, WEST + 4 * STEP, SOUTH + 5 * STEP)
    return Barriers(
        lon, lat, np.array([0, 2, 4]), np.array([0, 1], np.int8), np.zeros(2, np.bool_), np.array([pond], dtype=object)
    )


def _network(question: Question) -> NetworkData:
    """Two edges in one line, of two segments and of one."""
    lon, lat = WEST + STEP * np.array([0.0, 3.0, 4.0, 4.0, 8.0]), SOUTH + STEP * np.array([1.0, 1.0, 3.0, 3.0, 4.0])
    metres = np.array([0.0, 1200.0, 2100.0, 0.0, 1600.0])
    return NetworkData(
        crs="+proj=laea +lat_0=28.9 +lon_0=118.5 +ellps=WGS84",
        metric=question.metric,
        leg_speed_m_s=question.walking_speed_m_s,
        top_speed_m_s=question.walking_speed_m_s,
        node_x=np.zeros(3),
        node_y=np.zeros(3),
        node_lon=lon[[0, 2, 4]],
        node_lat=lat[[0, 2, 4]],
        edge_from=np.array([0, 1], np.int32),
        edge_to=np.array([1, 2], np.int32),
        edge_class=np.array([0, 1], np.int16),
        classes=("primary", "footway"),
        forward=np.ones(2, np.bool_),
        backward=np.ones(2, np.bool_),
        segment_offset=np.array([0, 2, 3]),
        attachable=np.ones(3, np.bool_),
        vertex_x=np.zeros(5),
        vertex_y=np.zeros(5),
        vertex_lon=lon,
        vertex_lat=lat,
        vertex_m=metres,
        cost_along=np.zeros(5, np.int64),
        cost_back=np.zeros(5, np.int64),
        piece=np.zeros(3, np.int32),
        piece_count=1,
        barriers=BarrierSegments(*(np.zeros(0) for _ in range(4)), np.zeros(0, np.bool_)),
        counts={"loops": 0},
    )
