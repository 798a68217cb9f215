"""Work in a process of its own: what it says, what it gives, how it fails."""

from __future__ import annotations

import os
import signal
from functools import partial

import pytest

from circle.batch.apart import apart
from circle.errors import InputError, Problem, ResourceError, Severity
from circle.stages import Progress


class Heard:
    def __init__(self) -> None:
        self.stages: list[str] = []

    def start(self, stage: str) -> None:
        self.stages.append(stage)


def fine(size: int, progress: Progress) -> tuple[int, int]:
    progress.start("load")
    progress.start("reach")
    return os.getpid(), size + 1


def refuse(progress: Progress) -> None:
    raise InputError([Problem("file.missing", Severity.ERROR, file=name) for name in ("a", "b")])


def die(progress: Progress) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fill_memory(progress: Progress) -> None:
    raise MemoryError


def test_stages_and_the_answer_come_from_another_process():
    heard = Heard()
    process, answer = apart(partial(fine, 41), heard)
    assert (heard.stages, answer) == (["load", "reach"], 42)
    assert process != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_all_problems_come_over():
    with pytest.raises(InputError) as error:
        apart(refuse, Heard())
    assert [problem.file for problem in error.value.problems] == ["a", "b"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="where processes can be killed")
def test_a_process_that_is_killed_is_told_of():
    with pytest.raises(ResourceError) as error:
        apart(die, Heard())
    assert error.value.problems[0].code == "batch.died_preparing"


def test_want_of_memory_stays_what_it_is():
    with pytest.raises(MemoryError):
        apart(fill_memory, Heard())
