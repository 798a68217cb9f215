"""Indicators of a handful of places, worked by hand, and the sums that must hold for any."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from circle.indicators import ALL_SERVICES, indicator_table, summary_table
from circle.model import Districts, Facilities, Residents, ServiceReach, Status
from circle.reference import standard_text
from circle.settings import AnalysisSettings, Question, parse_standard, resolve

INF, NAN = np.inf, np.nan
REASONS = ["far", "detour", "off_road", "no_route", "no_facility"]


def _question(name: str = "fifteen-minute-walk") -> Question:
    return resolve(AnalysisSettings(standard=name), parse_standard(standard_text(name)))


def _districts() -> Districts:
    squares = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]
    names = {"district_id": ["01", "02"], "district_name": ["East", "West"]}
    return Districts(gpd.GeoDataFrame(names, geometry=squares, crs="EPSG:4326"))


def _facilities(*places: tuple[str, float, float]) -> Facilities:
    table = pd.DataFrame(places, columns=["service", "lon", "lat"])
    table["facility_id"] = [f"f{row}" for row in range(len(places))]
    table["name"] = None
    rows = np.arange(len(places), dtype=np.int64)
    return Facilities({name: table[name].to_numpy() for name in table}, table["lon"].to_numpy(float), table["lat"].to_numpy(float), rows, rows < 0)


def _reach(service: str, cost: list[float], straight_m: list[float], question: Question) -> ServiceReach:
    costs = np.array(cost, dtype=float)
    status = np.where(costs <= question.main.value, Status.COVERED, Status.FAR)
    status = np.where(np.isinf(costs), Status.NO_ROUTE, np.where(np.isnan(costs), Status.UNKNOWN, status))
    count = len(costs)
    return ServiceReach(
        service=service,
        cost=costs,
        facility=np.zeros(count, dtype=np.int64),
        straight_m=np.array(straight_m, dtype=float),
        leg_m=np.zeros(count),
        direct=np.zeros(count, dtype=np.bool_),
        status=status.astype(np.int8),
        edge_affected=np.arange(count) == 0,
    )


def _residents(people: list[list[float]], district: list[int], lost: list[int] | None = None) -> Residents:
    count = len(district)
    groups = ("all", "children")[: len(people)]
    lon = np.full(count, 0.5)
    lon[lost or []] = np.nan
    return Residents(lon, np.full(count, 0.5), np.array(people), groups, np.array(district), 100.0)


def _row(table: pd.DataFrame, **where: str) -> pd.Series:
    chosen = np.ones(len(table), dtype=bool)
    for column, value in where.items():
        chosen &= (table[column] == value).to_numpy()
    assert chosen.sum() == 1
    return table[chosen].iloc[0]


@pytest.fixture
def worked() -> pd.DataFrame:
    """Five places, limits 300, 600 and 900 s, a straight circle of 1,000 m at the main limit.

    ======  =====  ========  ======  ==========  ========
    place   people children  school  straight m  district
    ======  =====  ========  ======  ==========  ========
    0          10         2     300         200  01
    1          20         5     900        1000  01
    2          40        10     901         900  02
    3           5         1     inf         100  outside
    4           3         1     NaN         NaN  unknown
    ======  =====  ========  ======  ==========  ========
    """
    question = _question()
    residents = _residents([[10, 20, 40, 5, 3], [2, 5, 10, 1, 1]], [0, 0, 1, -1, -1], lost=[4])
    school = _reach("school", [300, 900, 901, INF, NAN], [200, 1000, 900, 100, NAN], question)
    clinic = _reach("clinic", [INF, INF, INF, INF, NAN], [INF, INF, INF, INF, NAN], question)
    together = _reach(ALL_SERVICES, [INF, INF, INF, INF, NAN], [INF, INF, INF, INF, NAN], question)
    facilities = _facilities(("school", 0.5, 0.5), ("school", 1.0, 0.5), ("school", 9.0, 9.0), ("cinema", 0.5, 0.5))
    reach = {"school": school, "clinic": clinic}
    return indicator_table(reach, together, residents, _districts(), question, facilities=facilities)


def test_a_row_stands_for_every_scope_service_group_and_limit(worked: pd.DataFrame) -> None:
    """5 scopes x 3 services x 2 groups x 3 limits."""
    assert len(worked) == 5 * 3 * 2 * 3
    assert not worked.duplicated(["scope", "district_id", "service", "group", "limit"]).any()


def test_the_limit_itself_is_covered_and_a_second_more_is_not(worked: pd.DataFrame) -> None:
    """Of the region's 73 people 10 are at 300 s and 20 at exactly 900 s; 3 are nobody knows where."""
    region = {"scope": "region", "service": "school", "group": "all"}
    assert [_row(worked, **region, limit=limit)["covered"] for limit in ("5min", "10min", "15min")] == [10, 10, 30]
    row = _row(worked, **region, limit="15min")
    assert row[["people", "uncovered", "unknown"]].tolist() == [73, 40, 3]
    assert row["share"] == pytest.approx(30 / 73)


def test_the_straight_share_counts_whoever_lives_within_the_circle(worked: pd.DataFrame) -> None:
    """Within 1,000 m: places 0, 1 and 2; place 3 lies outside, nobody knows of place 4."""
    row = _row(worked, scope="region", service="school", group="all", limit="15min")
    assert row["straight_covered"] == 70
    assert row["straight_share"] == pytest.approx(70 / 73)
    outside = _row(worked, scope="outside", service="school", group="all", limit="15min")
    assert outside[["people", "straight_covered", "covered", "uncovered"]].tolist() == [5, 5, 0, 5]


def test_quantiles_count_those_who_never_arrive(worked: pd.DataFrame) -> None:
    """70 known people by cost: 10, 20, 40. The 35th stands at 901 s, the 63rd too; outside nobody arrives."""
    row = _row(worked, scope="region", service="school", group="all", limit="15min")
    assert (row["median_travel_time_s"], row["p90_travel_time_s"]) == (901, 901)
    outside = _row(worked, scope="outside", service="school", group="all", limit="5min")
    assert outside["median_travel_time_s"] == INF


def test_reasons_stand_on_the_main_limit_only_and_add_up_to_the_uncovered(worked: pd.DataFrame) -> None:
    main = worked[worked["limit"] == "15min"]
    np.testing.assert_allclose(main[REASONS].sum(axis=1), main["uncovered"])
    assert worked.loc[worked["limit"] != "15min", [*REASONS, "edge_affected"]].isna().all(axis=None)
    row = _row(worked, scope="region", service="school", group="all", limit="15min")
    assert (row["far"], row["no_route"], row["edge_affected"]) == (40, 0, 10)


def test_a_facility_counts_where_it_lies_once_and_on_a_border_in_the_first_district(worked: pd.DataFrame) -> None:
    """Three schools: one in 01, one on the border of 01 and 02, one outside; the cinema was not asked for."""
    main = worked[(worked["limit"] == "15min") & (worked["group"] == "all")]
    schools = main[main["service"] == "school"].set_index(["scope", "district_id"])["facilities"]
    assert schools.to_dict() == {("region", ""): 3, ("district", "01"): 2, ("district", "02"): 0, ("outside", ""): 1, ("unlocated", ""): 0}
    assert main[(main["scope"] == "region") & (main["service"] == ALL_SERVICES)]["facilities"].tolist() == [3]


def test_where_nobody_lives_the_share_is_no_number() -> None:
    question = _question()
    reach = {"school": _reach("school", [10.0], [10.0], question)}
    table = indicator_table(
        reach, reach["school"], _residents([[4.0]], [0]), _districts(), question, facilities=_facilities()
    )
    empty = table[table["district_id"] == "02"]
    assert (empty["people"] == 0).all()
    assert empty[["share", "straight_share", "median_travel_time_s"]].isna().all(axis=None)


def test_without_districts_the_region_is_all_there_is() -> None:
    question = _question("walking-distance")
    reach = {"school": _reach("school", [300.0, 1001.0], [250.0, 1000.0], question)}
    residents = _residents([[4.0, 6.0]], [0, 0])
    table = indicator_table(reach, reach["school"], residents, None, question, facilities=_facilities())
    assert set(table["scope"]) == {"region"}
    row = _row(table, service="school", limit="1000m")
    assert (row["covered"], row["straight_covered"], row["median_travel_distance_m"]) == (4, 10, 1001)


PLACES = st.lists(
    st.tuples(
        st.floats(0, 1e4, allow_subnormal=False),
        st.one_of(st.floats(0, 2000), st.just(INF), st.just(NAN)),
        st.sampled_from([-1, 0, 1]),
    ),
    min_size=1,
    max_size=30,
)


@given(PLACES)
def test_every_person_is_counted_once_in_every_table(places: list[tuple[float, float, int]]) -> None:
    question = _question()
    people, cost, district = (list(column) for column in zip(*places, strict=True))
    reach = {"school": _reach("school", cost, [1.0] * len(cost), question)}
    lost = [i for i, c in enumerate(cost) if np.isnan(c)]
    district = [-1 if i in lost else d for i, d in enumerate(district)]
    residents = _residents([people, [p / 3 for p in people]], district, lost=lost)
    table = indicator_table(reach, reach["school"], residents, _districts(), question, facilities=_facilities())
    np.testing.assert_allclose(table[["covered", "uncovered", "unknown"]].sum(axis=1), table["people"], atol=1e-6)
    counts = ["people", "covered", "uncovered", "unknown", "straight_covered"]
    whole, parts, outside = (
        table[table["scope"] == scope].groupby(["service", "group", "limit"])[counts].sum()
        for scope in ("region", "district", "outside")
    )
    lost_people = table[table["scope"] == "unlocated"].groupby(["service", "group", "limit"])[counts].sum()
    np.testing.assert_allclose(whole, parts + lost_people, atol=1e-6)
    everyone = (whole["people"] + outside["people"]).xs("all", level="group")
    np.testing.assert_allclose(everyone, sum(people), atol=1e-6)
    ordered = table[table["scope"] == "region"].groupby(["service", "group"], sort=False)["covered"]
    assert ordered.apply(lambda covered: covered.is_monotonic_increasing).all()


def test_the_summary_has_a_row_per_service_with_its_largest_gap(worked: pd.DataFrame) -> None:
    gaps = gpd.GeoDataFrame(
        {
            "service": ["school", "school", "school"],
            "kind": ["zone", "zone", "rest"],
            "name": ["Upper", "Lower", ""],
            "people": [30.0, 60.0, 90.0],
        },
        geometry=[None, None, None],
    )
    facilities = _facilities(("school", 0.5, 0.5), ("cinema", 0.5, 0.5))
    table = summary_table(worked, gaps, facilities, _question()).set_index("service")
    assert table.index.tolist() == ["school", "clinic", ALL_SERVICES]
    assert table["facilities"].tolist() == [1, 0, 1]
    assert table.loc["school", ["covered_5min", "covered_15min", "far", "unknown"]].tolist() == [10, 30, 40, 3]
    assert table.loc["school", "share_15min"] == pytest.approx(30 / 73)
    assert table["largest_gap_name"].tolist()[::2] == ["Lower", "Lower"]
    assert pd.isna(table.loc["clinic", "largest_gap_name"])
    assert table["largest_gap_people"].tolist()[0] == 60
    assert table["largest_gap_service"].tolist()[::2] == ["school", "school"]
    assert pd.isna(table.loc["clinic", "largest_gap_service"])
