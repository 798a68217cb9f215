"""A network straight from an extract, the first time and from what an earlier process kept."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import permutations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

import circle
from circle.errors import InputError, Severity
from circle.load import osm
from tests.load_roads.drawing import as_pbf, draw

ROOT = Path(__file__).resolve().parent.parent.parent
METRE = 1 / (6378137.0 * np.pi / 180)
"""Degrees of longitude on the equator."""

NODES = [
    (1, 0.0, 0.0, {"amenity": "clinic", "name": "Clinic <b>"}),
    (2, 600 * METRE, 0.0),
    (3, 1200 * METRE, 0.0, {"amenity": "school"}),
    (4, 3000 * METRE, 0.0, {"amenity": "fire_station"}),
]
WAYS = [(10, [1, 2, 3], {"highway": "residential"}), (11, [3, 4], {"highway": "footway"})]
POINTS = [0.0, 300 * METRE, 1000 * METRE, 2600 * METRE], [0.0] * 4
SECONDS = {"clinic": [0.0, 270.0, 900.0, 2340.0], "school": [1080.0, 810.0, 180.0, 1260.0]}
"""At 4 km/h along the street, from 0, 300, 1000 and 2600 m to the clinic at 0 and the school at 1200 m."""


def times(network: circle.Network) -> dict[str, list[float]]:
    return {service: found.round(0).tolist() for service, found in network.nearest_times(*POINTS).items()}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own."""
    monkeypatch.setenv("CIRCLE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "networks"


@pytest.fixture
def village(tmp_path: Path) -> Path:
    return as_pbf(draw(tmp_path, NODES, WAYS))


def no_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> None:
        pytest.fail("the extract was read again")

    monkeypatch.setattr(osm, "read_osm", read)


@pytest.mark.parametrize("cache", [True, False])
def test_times_worked_by_hand(village: Path, folder: Path, cache: bool) -> None:
    network = circle.Network.from_osm(village, ["clinic", "school"], cache=cache)
    assert times(network) == SECONDS
    assert folder.exists() == cache
    assert network.facilities is not None
    assert network.facilities.columns["name"].tolist() == ["Clinic <b>", None]


def test_what_was_kept_gives_the_same_and_reads_nothing(
    village: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = circle.Network.from_osm(village, ["clinic", "school"])
    no_reading(monkeypatch)
    again = circle.Network.from_osm(village, ["clinic", "school"])
    assert times(again) == times(first) == SECONDS
    assert again.problems == first.problems
    assert again.facilities is not None
    assert first.facilities is not None
    assert again.facilities.table.equals(first.facilities.table)


def test_warnings_are_told_again(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = as_pbf(draw(tmp_path, NODES, [*WAYS, (12, [4, 99], {"highway": "path"})]))
    first = circle.Network.from_osm(path, ["clinic"])
    assert [problem.code for problem in first.problems] == ["roads.osm_truncated_ways"]
    no_reading(monkeypatch)
    assert circle.Network.from_osm(path, ["clinic"]).problems == first.problems


@pytest.mark.parametrize("change", ["file", "services", "speed"])
def test_another_question_is_another_entry(village: Path, folder: Path, tmp_path: Path, change: str) -> None:
    circle.Network.from_osm(village, ["clinic", "school"])
    services, speed = ["clinic", "school"], None
    expected = dict(SECONDS)
    if change == "file":
        village.write_bytes(as_pbf(draw(tmp_path, [*NODES[:2], (3, *NODES[2][1:3]), NODES[3]], WAYS)).read_bytes())
        services = ["clinic"]
    if change == "services":
        services = ["school"]
    if change == "speed":
        speed = 8.0
        expected = {service: [own / 2 for own in seconds] for service, seconds in SECONDS.items()}
    network = circle.Network.from_osm(village, services, walking_speed_kmh=speed)
    assert times(network) == {service: expected[service] for service in services}
    assert len(list(folder.iterdir())) == 2


def test_a_damaged_entry_is_made_again(village: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    circle.Network.from_osm(village, ["clinic", "school"])
    (entry,) = folder.iterdir()
    whole = entry.read_bytes()
    entry.write_bytes(whole[:-200] + bytes(200))
    assert times(circle.Network.from_osm(village, ["clinic", "school"])) == SECONDS
    assert entry.read_bytes() == whole
    no_reading(monkeypatch)
    assert times(circle.Network.from_osm(village, ["clinic", "school"])) == SECONDS


def test_a_kept_network_needs_no_frames_and_no_reader(village: Path, folder: Path) -> None:
    """Half of what a fresh process would wait for."""
    circle.Network.from_osm(village, ["clinic"])
    code = (
        "import sys, circle; print(circle.Network.from_osm(sys.argv[1], ['clinic']).nearest_times([0], [0])['clinic'][0],"
        "sorted({'pandas', 'geopandas', 'pyarrow', 'pydantic', 'osmium', 'scipy.linalg'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, village],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split(" ", 1) == ["0.0", "[]\n"]


def test_refusals_say_what_to_do(village: Path, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="clinic"):
        circle.Network.from_osm(village, ["clinik"])
    with pytest.raises(InputError, match="nowhere"):
        circle.Network.from_osm(tmp_path / "nowhere.osm.pbf")
    with pytest.raises(
        InputError, match=r"Network\.from_osm\(…\) · services: nothing in .*drawn.* Pharmacy \(pharmacy\);"
    ):
        circle.Network.from_osm(village, ["pharmacy"])
    for folder_path in (tmp_path, ".", str(tmp_path)):
        with pytest.raises(InputError, match=r"Network\.from_osm\(…\) · path: .* is a folder; .*load_region"):
            circle.Network.from_osm(folder_path)
    with pytest.raises(InputError, match="came without facilities"):
        circle.Network.from_osm(village).nearest_times([0], [0])
    with pytest.raises(InputError, match=r"Network\.from_osm\(…\): walking_speed_kmh"):
        circle.Network.from_osm(village, walking_speed_kmh=-1)
    with pytest.raises(InputError, match="equal length"):
        circle.Network.from_osm(village, "clinic").nearest_times([0, 1], [0])
    assert circle.Network.from_osm(village, "clinic").nearest_times(0, 0)["clinic"].tolist() == [0.0]
    with pytest.raises(InputError, match="on Earth"):
        circle.Network.from_osm(village, ["clinic"]).nearest_times([0, 200], [0, 0])


@pytest.mark.parametrize("limit_s", [float("inf"), 1e300, 1e17, 1e12, 1e9, None])
def test_a_limit_beyond_all_bounds_is_none(village: Path, folder: Path, limit_s: float | None) -> None:
    network = circle.Network.from_osm(village)
    points = pd.DataFrame({"lon": POINTS[0], "lat": POINTS[1]})
    assert len(circle.travel_times(network, points, points, limit_s=limit_s)) == 16


ASKED = [a for n in (1, 2, 3) for a in permutations(["clinic", "school", "pharmacy"], n) if a != ("pharmacy",)]
"""Where nobody offers anything of what is asked there is nothing to lead to: that is refused."""


@pytest.mark.parametrize("asked", ASKED)
def test_what_a_service_gives_does_not_depend_on_what_else_is_asked(
    village: Path, folder: Path, asked: tuple[str, ...]
) -> None:
    """A service that nobody offers is there, warned of, and reached by nobody: the first time and the second."""
    expected = SECONDS | {"pharmacy": [np.inf] * 4}
    for _ in range(2):
        network = circle.Network.from_osm(village, asked)
        assert times(network) == {service: expected[service] for service in asked}
        assert list(network.nearest_times(*POINTS)) == list(network.sites) == list(asked)
        warned = [problem for problem in network.problems if problem.severity is Severity.WARNING]
        assert [problem.code for problem in warned] == ["facilities.none_of_service"] * ("pharmacy" in asked)
        assert all("no facility offers this service: Pharmacy (pharmacy)" in str(problem) for problem in warned)
        assert ("1 warning in .problems" in repr(network)) == ("pharmacy" in asked)


def test_a_name_asked_twice_is_one_service(village: Path, folder: Path) -> None:
    assert list(circle.Network.from_osm(village, ["clinic", "clinic"]).nearest_times(0, 0)) == ["clinic"]


SQUARE = [(n, 0.001 * x, 0.001 * y) for n, (x, y) in enumerate([(0, 0), (1, 1), (0, 1), (1, 0)], 11)]
EXTRACTS = {
    "plain": (NODES, WAYS),
    "truncated": (NODES, [*WAYS, (12, [4, 99], {"highway": "path"})]),
    "ferry": (NODES, [*WAYS, (12, [3, 4], {"route": "ferry"})]),
    "crossed area": ([*NODES, *SQUARE], [*WAYS, (12, [11, 12, 13, 14, 11], {"amenity": "clinic"})]),
    "ways first": (NODES[::-1], WAYS),
}


@pytest.mark.parametrize("name", EXTRACTS)
def test_the_same_content_under_another_name_is_not_read_again(
    name: str, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept tells of the file that is asked for now, as a fresh reading does; no other name is in it."""
    services = ["clinic", "pharmacy"]
    first = draw(tmp_path, *EXTRACTS[name])
    circle.Network.from_osm(first, services)
    for other in (tmp_path / "b" / "卫生室.osm", Path("c.osm")):
        monkeypatch.chdir(tmp_path)
        other.parent.mkdir(exist_ok=True)
        other.write_bytes(first.read_bytes())
        fresh = circle.Network.from_osm(other, services, cache=False)
        with monkeypatch.context() as patched:
            no_reading(patched)
            kept = circle.Network.from_osm(other, services)
        assert len(list(folder.iterdir())) == 1
        assert kept.problems == fresh.problems
        assert "drawn" not in "".join(map(str, kept.problems))
        assert kept.facilities is not None
        assert fresh.facilities is not None
        pd.testing.assert_frame_equal(kept.facilities.table, fresh.facilities.table)
        assert set(kept.facilities.columns["source"]) == {str(other)}


def test_a_name_that_is_not_read_is_refused_also_where_its_content_is_kept(village: Path, folder: Path) -> None:
    circle.Network.from_osm(village)
    for ending in (".txt", ".osm", ".osm.gz"):
        other = village.with_name("other" + ending)
        other.write_bytes(village.read_bytes())
        with pytest.raises(InputError, match="other"):
            circle.Network.from_osm(other)


@pytest.mark.parametrize("speed", [0, -1, 21, float("inf")])
def test_a_speed_that_cannot_be_is_told_by_the_function_that_was_asked(
    speed: float, village: Path, folder: Path, sample_regions: Path
) -> None:
    region = circle.load_region(sample_regions / "qingxi", cache=False)
    graph = circle.Network.from_osm(village).to_networkx()
    point = gpd.GeoDataFrame({"service": ["clinic"], "people": [1]}, geometry=[Point(0, 0)], crs=4326)
    asked = {
        "analyze": lambda: circle.analyze(region, walking_speed_kmh=speed),
        "Network.from_osm": lambda: circle.Network.from_osm(village, walking_speed_kmh=speed),
        "Network.from_networkx": lambda: circle.Network.from_networkx(graph, walking_speed_kmh=speed),
        "Region.from_frames": lambda: circle.Region.from_frames(
            roads=graph, facilities=point, population=point, walking_speed_kmh=speed
        ),
    }
    for function, ask in asked.items():
        with pytest.raises(InputError) as raised:
            ask()
        assert re.match(rf"{re.escape(function)}\(…\)(:| ·) walking_speed_kmh", str(raised.value))
