"""The clock of an analysis: what is told, what is counted, and two stages at a time."""

from __future__ import annotations

from threading import Event, get_ident

import pytest

from circle.stages import Clock


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
