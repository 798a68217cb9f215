"""The clock of an analysis: what is told, what is counted, and two stages at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, get_ident

import pytest

from circle.errors import ExitCode
from circle.stages import Clock, is_still_at_work
from tests.cli.conftest import surroundings, write_town


class Heard:
    """Progress that remembers what it was told."""

    def __init__(self) -> None:
        self.stages: list[str] = []

    def start(self, stage: str) -> None:
        self.stages.append(stage)


def test_two_small_stages_run_at_a_time_and_keep_their_order() -> None:
    """Each waits until the other has begun: one after the other they would wait for ever."""
    heard, begun = Heard(), (Event(), Event())

    def meet(mine: int) -> int:
        begun[mine].set()
        assert begun[1 - mine].wait(timeout=20)
        return mine

    clock = Clock(heard)
    assert clock.both(("gaps", "isochrones"), lambda: meet(0), lambda: meet(1), small=True) == (0, 1)
    assert heard.stages == list(clock.seconds) == ["gaps", "isochrones"]
    assert min(clock.seconds.values()) > 0


def test_two_large_stages_take_turns_in_one_thread() -> None:
    heard, order = Heard(), []
    found = Clock(heard).both(
        ("gaps", "isochrones"),
        lambda: order.append("first") or get_ident(),
        lambda: order.append("second") or get_ident(),
        small=False,
    )
    assert found == (get_ident(), get_ident())
    assert order == ["first", "second"]
    assert heard.stages == ["gaps", "isochrones"]


@pytest.mark.parametrize("small", [True, False])
@pytest.mark.parametrize("failing", [{0}, {1}, {0, 1}])
def test_of_two_faults_the_earlier_stages_is_raised(small: bool, failing: set[int]) -> None:
    def work(mine: int) -> int:
        if mine in failing:
            raise ValueError(str(mine))
        return mine

    with pytest.raises(ValueError, match=str(min(failing))):
        Clock(Heard()).both(("a", "b"), lambda: work(0), lambda: work(1), small=small)


LONG_S = 30.0
"""Far longer than anybody waits."""


@pytest.fixture
def released() -> Iterator[Event]:
    """What a stage may wait for that is to be at work for the whole of a test."""
    event = Event()
    yield event
    event.set()
    deadline = time.monotonic() + LONG_S
    while is_still_at_work() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_still_at_work()


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit])
def test_whoever_is_interrupted_does_not_wait_for_the_other_stage(raised: type[BaseException], released: Event) -> None:
    def first() -> int:
        raise raised

    begin = time.monotonic()
    with pytest.raises(raised):
        Clock(Heard()).both(("a", "b"), first, lambda: released.wait(LONG_S), small=True)
    assert time.monotonic() - begin < LONG_S / 3
    assert is_still_at_work()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are not sent there")
def test_ctrl_c_while_the_first_stage_waits_for_the_second(released: Event) -> None:
    def second() -> None:
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)
        released.wait(LONG_S)

    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        Clock(Heard()).both(("a", "b"), lambda: 0, second, small=True)
    assert time.monotonic() - begin < LONG_S / 3
    assert is_still_at_work()


def test_after_a_fault_nothing_is_at_work_any_more() -> None:
    """Whoever catches it may go on without a stage behind his back."""
    ended = Event()

    def first() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Clock(Heard()).both(("a", "b"), first, lambda: time.sleep(0.2) or ended.set(), small=True)
    assert ended.is_set()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are not sent there")
@pytest.mark.parametrize("stages", [("build_engine", "residents_of"), ("_gaps", "isochrone_tables")])
@pytest.mark.parametrize("pressed_in", [0, 1])
def test_the_command_ends_at_once_and_leaves_nothing(stages: tuple[str, str], pressed_in: int, tmp_path: Path) -> None:
    """Ctrl-C in one of two stages, while the other would take longer than anybody waits."""
    town = write_town(tmp_path / "town")
    code = (
        "import os, signal, sys, time\n"
        "from circle import cli, pipeline\n"
        f"stages = {[stages[pressed_in], stages[1 - pressed_in]]}\n"
        "def press(*args, **options):\n"
        "    time.sleep(0.5)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        f"    time.sleep({LONG_S})\n"
        "setattr(pipeline, stages[0], press)\n"
        f"setattr(pipeline, stages[1], lambda *args, **options: time.sleep({LONG_S}))\n"
        f"sys.argv = ['circle', 'run', {str(town)!r}, '--out', {str(tmp_path / 'out')!r}, '--lang', 'en']\n"
        "cli.main()"
    )
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=surroundings(),
        capture_output=True,
        text=True,
        check=False,
        timeout=3 * LONG_S,
    )
    assert time.monotonic() - begin < LONG_S
    assert done.returncode == ExitCode.INTERRUPTED
    assert "Stopped. Nothing was left behind." in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(tmp_path.iterdir()) == [tmp_path / "town"]
