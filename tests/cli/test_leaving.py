"""A command leaves its process quickly, and leaves nothing undone: what was to run at the end runs, all is said."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from tests.cli.conftest import surroundings

LONG_S = 60
AT_THE_END = """
import atexit, sys, threading, time
atexit.register(print, "at the end")
threading.Thread(target=time.sleep, args=({seconds},)).start()
sys.argv = ["circle", *{words}]
from circle.cli import main
main()
"""


def left(*words: str) -> tuple[subprocess.CompletedProcess[str], float]:
    """A process that would be kept by a thread for long, and how long it took."""
    code = AT_THE_END.format(words=list(words), seconds=LONG_S)
    begin = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], env=surroundings(), capture_output=True, text=True, check=False)
    return done, time.monotonic() - begin


@pytest.mark.parametrize(("words", "code"), [(["--version"], 0), (["run"], 2), (["check", "nowhere"], 3)], ids=str)
def test_the_command_waits_for_nobody_and_runs_what_is_to_be_run_at_the_end(words: list[str], code: int) -> None:
    done, seconds = left(*words)
    assert done.returncode == code
    assert done.stdout.endswith("at the end\n")
    assert seconds < LONG_S / 2


def test_a_program_that_calls_with_words_of_its_own_goes_on() -> None:
    code = "from circle.cli import main\ntry:\n main(['--version'])\nfinally:\n print('on')"
    done = subprocess.run([sys.executable, "-c", code], env=surroundings(), capture_output=True, text=True, check=True)
    assert done.stdout.endswith("on\n")


@pytest.mark.parametrize(
    ("watcher", "seen"),
    [(["-m", "cProfile", "-m"], "function calls"), (["-m", "trace", "--listfuncs", "--module"], "functions called:")],
    ids=["profiler", "tracer"],
)
def test_whoever_watches_sees_the_end(watcher: list[str], seen: str) -> None:
    done = subprocess.run(
        [sys.executable, *watcher, "circle", "--version"],
        env=surroundings(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert seen in done.stdout, done.stderr


def test_a_prompt_comes_after_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-i", "-m", "circle", "--version"], input="print('still here')\n",
        env=surroundings(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "still here" in done.stdout
