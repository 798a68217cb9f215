"""What is told of memory: counted by hand, growing as the data do, and held against what there is."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import circle
from circle import memory, pipeline
from circle.api import memory as guard
from circle.errors import ExitCode, InputError, ResourceError, render
from circle.load.machine import Memory
from tests.cli.conftest import write_town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> circle.Region:
    return circle.load_region(write_town(tmp_path_factory.mktemp("town")))


def test_the_ground_within_reach_is_the_union_of_discs() -> None:
    """Two discs of 1 km that overlap by half, and one far away, as shapely has them; squares tell it to a sixth."""
    x, y = [0.0, 1_000.0, 9_000.0], [0.0, 0.0, 500.0]
    discs = shapely.union_all(shapely.buffer(shapely.points(x, y), 1_000.0)).area
    assert memory._area_within(np.array(x), np.array(y), 1_000.0) == pytest.approx(discs, rel=1 / 6)


def test_sizes_of_the_town_are_counted(town: circle.Region) -> None:
    """Eight streets of four crossings; people live at all sixteen of them."""
    sizes = memory.sizes_of(town.data, town.question)
    assert (sizes.vertices, sizes.places, sizes.services) == (32.0, 16.0, 2)


def test_many_services_need_more_where_residents_are_written(town: circle.Region) -> None:
    """Each beyond ten the same, by place; and the fewer asked for count, not those that the data hold."""
    said = {
        n: memory.analysis_bytes(town.data, replace(town.question, services=tuple(map(str, range(n)))))
        for n in (1, 10, 16, 24)
    }
    assert said[1] == said[10] == memory.analysis_bytes(town.data, town.question)
    assert said[16] - said[10] == pytest.approx(16 * 6 * 120, abs=1)
    assert said[24] - said[10] == pytest.approx(16 * 14 * 120, abs=1)


def test_a_coarser_grid_and_shorter_limits_need_less(town: circle.Region) -> None:
    usual = memory.analysis_bytes(town.data, town.question)
    coarse = memory.analysis_bytes(town.data, replace(town.question, isochrone_resolution_m=200.0))
    fine = memory.analysis_bytes(town.data, replace(town.question, isochrone_resolution_m=10.0))
    shorter = replace(town.question, limits=town.question.limits[:1], isochrone_resolution_m=10.0)
    assert coarse < usual < fine
    assert memory.analysis_bytes(town.data, shorter) < fine


@pytest.mark.parametrize("bound", ["machine", "container", "process", "asked"])
@pytest.mark.parametrize("at_least", [False, True])
def test_both_numbers_are_said_in_both_languages(bound: str, at_least: bool) -> None:
    with pytest.raises(ResourceError) as caught:
        memory.refuse_too_large(5_240_000_000, 3_900_000_000, bound, at_least=at_least)
    for lang in ("en", "zh"):
        assert re.findall(r"[\d.]+(?= GB)", render(caught.value.problems[0], lang)) == ["5.2", "3.9"]
    memory.refuse_too_large(3_900_000_000, 3_900_000_000, bound, at_least=at_least)


@given(room=st.integers(1, 10**12), more=st.integers(1, 10**12) | st.integers(1, 1000))
def test_what_is_needed_is_always_seen_to_be_more_than_what_there_is(room: int, more: int) -> None:
    """To the byte, if need be; and with no more digits than that takes."""
    needed, available = memory.told_apart(room + more, room)
    assert float(needed) > float(available)
    assert float(needed) == pytest.approx((room + more) / 1e9, abs=0.500001 * 10.0 ** -len(needed.partition(".")[2]))
    assert float(available) == pytest.approx(room / 1e9, abs=0.500001 * 10.0 ** -len(available.partition(".")[2]))


def test_work_that_would_not_fit_is_not_begun(town: circle.Region, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine has 10 MB left. `math.inf` goes on, and any number is taken instead of the machine's."""
    monkeypatch.setattr(guard, "memory_here", lambda: Memory(300_000_000, 10_000_000, "container"))
    monkeypatch.setattr(pipeline, "analyze", lambda *_, **__: pytest.fail("it was begun"))
    for work in (
        lambda: circle.analyze(town),
        lambda: town.network(),
        lambda: circle.analyze(town, memory_limit_gb=0.31),
    ):
        with pytest.raises(ResourceError, match=r"leaves 0\.3 GB|than the 0\.3 GB"):
            work()
    assert town.network(memory_limit_gb=math.inf).data.node_count
    assert town.network(memory_limit_gb=0.8).data.node_count


def test_an_extract_that_cannot_fit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A province of 4 GB (a file of holes) on a machine with 16 GB left; where memory is no matter, it is read."""
    write_town(tmp_path)
    province = tmp_path / "province.osm.pbf"
    with province.open("wb") as file:
        file.truncate(4_000_000_000)
    (tmp_path / "region.toml").write_text('[osm]\npath = "province.osm.pbf"\n[roads]\nsource = "osm"\n')
    monkeypatch.setattr(guard, "memory_here", lambda: Memory(0, 16_000_000_000, "machine"))
    with pytest.raises(ResourceError, match=r"at least 140 GB .* 16 GB"):
        circle.load_region(tmp_path)
    with pytest.raises(InputError):  # its other sections are missing: it went on
        circle.load_region(tmp_path, memory_limit_gb=math.inf)
    assert ResourceError.exit_code == ExitCode.RESOURCE == 7
