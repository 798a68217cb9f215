"""The fixture `figure`, by which benchmarks say what they measured, and the report that is made of it."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.bench.figures import Figure, Say, with_figures
from tests.bench.machine import setup

OWN = pytest.StashKey[list[Figure]]()
ALL = pytest.StashKey[list[Figure]]()


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Say:
    """Say what was measured, once per row, with the parameters of `Figure`; a line is printed past pytest's capture.

    ``figure(row=4, work="nearest facility for every node", peer="scipy", ours_s=0.2, peer_s=0.5, at_least=1.8)``

    It does not raise. At the end of the test whatever missed its bound (or `asserted`, where that is given) fails the
    test, after every figure was said; a test that fails by its own assertions reports none, for fast and wrong is no figure.
    """
    node, capture = request.node, request.config.pluginmanager.getplugin("capturemanager")
    own = node.stash.setdefault(OWN, [])

    def say(**measured: Any) -> Figure:
        said = Figure(**measured)
        own.append(said)
        node.user_properties.append((said.work, said.measured))
        with capture.global_and_fixture_disabled():
            print(("\n" if len(own) == 1 else "") + str(said), flush=True)
        return said

    return say


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    result = yield
    own = pyfuncitem.stash.get(OWN, [])
    pyfuncitem.config.stash.setdefault(ALL, []).extend(own)
    missed = [str(said) for said in own if not said.holds]
    if missed:
        pytest.fail("\n".join(["missed:", *missed]), pytrace=False)
    return result


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Write the README's table, when asked to."""
    figures = config.stash.get(ALL, [])
    if not config.getoption("--report") or not figures:
        return
    path = Path(config.getoption("--report-into"))
    text, broken = with_figures(
        path.read_text(encoding="utf-8"), figures, date=datetime.now(UTC).date().isoformat(), setup=setup()
    )
    path.write_text(text, encoding="utf-8", newline="\n")
    for line in broken:
        terminalreporter.write_line(f"left out of {path.name}, not understood: {line}")
    terminalreporter.write_line(f"{len(figures)} figures written into {path.name}")
