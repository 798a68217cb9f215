"""The table of walkable ways, row by row against DOMAIN 8.2, worked by hand."""

from __future__ import annotations

import math

import pytest

from circle.load.walkability import Walk, Walkability, parse_duration_s


@pytest.fixture(scope="module")
def walkability() -> Walkability:
    return Walkability()


OPEN = [
    {"highway": "trunk"},
    {"highway": "primary", "sidewalk": "separate"},
    {"highway": "residential", "oneway": "yes"},
    {"highway": "cycleway"},
    {"highway": "bridleway"},
    {"highway": "corridor", "indoor": "yes"},
    {"highway": "track", "access": "agricultural"},
    {"highway": "pedestrian", "area": "yes"},
    {"highway": "service", "access": "no", "foot": "yes"},
    {"highway": "path", "access": "private", "foot": "permissive"},
    {"highway": "trunk", "motorroad": "yes", "foot": "designated"},
    {"highway": "busway", "foot": "yes"},
    {"highway": "something_new", "foot": "yes"},
    {"man_made": "pier"},
    {"railway": "platform"},
    {"highway": "platform"},
]


@pytest.mark.parametrize("tags", OPEN, ids=str)
def test_people_walk_both_ways_at_full_speed(walkability: Walkability, tags: dict[str, str]) -> None:
    walk = walkability.judge(tags)
    assert isinstance(walk, Walk)
    assert (walk.forward, walk.backward, walk.speed_factor, walk.attachable, walk.spans) == (
        True,
        True,
        1.0,
        True,
        False,
    )
    assert math.isnan(walk.duration_s)


CLOSED = [
    ({"highway": "motorway"}, "blocked_class"),
    ({"highway": "motorway_link", "foot": "yes"}, "blocked_class"),
    ({"highway": "trunk", "motorroad": "yes"}, "motorroad"),
    ({"highway": "trunk", "motorroad": "yes", "access": "yes"}, "motorroad"),
    ({"highway": "residential", "foot": "no"}, "access_denied"),
    ({"highway": "footway", "access": "yes", "foot": "private"}, "access_denied"),
    ({"highway": "service", "access": "private"}, "access_denied"),
    ({"highway": "cycleway", "foot": "no"}, "access_denied"),
    ({"highway": "primary", "foot": "use_sidepath"}, "access_denied"),
    ({"highway": "busway"}, "blocked_class"),
    ({"highway": "construction", "construction": "primary"}, "not_built"),
    ({"highway": "proposed", "foot": "yes"}, "not_built"),
    ({"highway": "something_new"}, "unknown_class"),
    ({"highway": "residential", "area": "yes"}, "road_surface"),
    ({"route": "ferry"}, "ferry_without_duration"),
    ({"route": "ferry", "duration": "a while"}, "ferry_without_duration"),
    ({"route": "ferry", "duration": "0"}, "ferry_without_duration"),
    ({"route": "ferry", "duration": "20", "foot": "no"}, "access_denied"),
]


@pytest.mark.parametrize(("tags", "reason"), CLOSED, ids=str)
def test_a_way_that_is_not_walked_has_a_reason(walkability: Walkability, tags: dict[str, str], reason: str) -> None:
    assert walkability.judge(tags) == reason


@pytest.mark.parametrize("tags", [{}, {"building": "yes"}, {"route": "hiking"}, {"railway": "rail"}], ids=str)
def test_what_is_no_way_is_not_counted(walkability: Walkability, tags: dict[str, str]) -> None:
    assert walkability.judge(tags) is None


def test_steps_are_slower(walkability: Walkability) -> None:
    assert walkability.judge({"highway": "steps"}) == Walk("steps", speed_factor=0.6, duration_s=math.nan)


@pytest.mark.parametrize(
    ("value", "directions"),
    [("yes", (True, False)), ("-1", (False, True)), ("no", (True, True)), ("sideways", (True, True))],
)
def test_only_oneway_foot_makes_a_street_one_way_for_walkers(
    walkability: Walkability, value: str, directions: tuple[bool, bool]
) -> None:
    walk = walkability.judge({"highway": "footway", "oneway:foot": value})
    assert isinstance(walk, Walk)
    assert (walk.forward, walk.backward) == directions


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ({"bridge": "yes"}, True),
        ({"bridge": "viaduct"}, True),
        ({"bridge": "no"}, False),
        ({"tunnel": "yes"}, True),
        ({"tunnel": "building_passage"}, False),
        ({"covered": "yes"}, False),
    ],
    ids=str,
)
def test_places_join_streets_but_not_bridges_and_tunnels(
    walkability: Walkability, tags: dict[str, str], spans: bool
) -> None:
    walk = walkability.judge({"highway": "footway", **tags})
    assert isinstance(walk, Walk)
    assert (walk.spans, walk.attachable) == (spans, not spans)


def test_a_ferry_takes_its_duration_and_nobody_lives_on_it(walkability: Walkability) -> None:
    assert walkability.judge({"route": "ferry", "duration": "00:20"}) == Walk(
        "ferry", duration_s=1200.0, attachable=False, spans=True
    )


def test_class_only_sees_nothing_but_the_class() -> None:
    walkability = Walkability(class_only=True)
    assert walkability.judge({"highway": "service", "access": "private", "bridge": "yes"}) == Walk(
        "service", duration_s=math.nan
    )
    assert walkability.judge({"highway": "motorway"}) == "blocked_class"
    assert walkability.judge({"highway": "busway", "foot": "yes"}) == "blocked_class"
    assert walkability.judge({"highway": "something_new"}) == "unknown_class"
    assert walkability.judge({"route": "ferry", "duration": "20"}) is None
    assert walkability.judge({"highway": "steps"}).speed_factor == 0.6  # type: ignore[union-attr]


def test_remembered_answers_are_those_of_the_table(walkability: Walkability) -> None:
    for tags in OPEN + [tags for tags, _ in CLOSED]:
        asked = [walkability.judge_once(tuple(tags.items())) for _ in range(2)]
        assert asked[0] == asked[1] == walkability.judge(tags)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("20", 1200), ("1:30", 5400), ("00:02:30", 150), ("PT20M", 1200), ("P1DT1H", 90000), ("7.5", 450)],
)
def test_durations_are_read_in_every_spelling(text: str, seconds: float) -> None:
    assert parse_duration_s(text) == seconds


@pytest.mark.parametrize("text", ["", "P", "PT", "ten", "-5", "1:2:3:4"])
def test_what_is_no_duration_is_unknown(text: str) -> None:
    assert math.isnan(parse_duration_s(text))
