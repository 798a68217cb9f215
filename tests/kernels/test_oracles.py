"""Every kernel gives what its oracle gives, on small random cases; and none is missing in the table."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher
from numba.core.types import NamedTuple

import circle
from tests.kernels.oracles import NO_KERNELS, TABLE

SEEDS = 25
PACKAGE = Path(circle.__file__).parent


@pytest.mark.parametrize("line", TABLE, ids=lambda line: f"{line.entry}-{line.kernel.__name__}")
def test_a_kernel_gives_what_its_oracle_gives(line):
    for seed in range(SEEDS):
        line.check(line.case(np.random.default_rng(seed)))


def called_from_above() -> Iterator[str]:
    """Functions of `circle.kernels` that anything outside of it imports, as ``module.name``."""
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name == "kernels":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("circle.kernels."):
                module = import_module(node.module or "")
                for name in (alias.name for alias in node.names):
                    thing = getattr(module, name)
                    if callable(thing) and not isinstance(thing, type) and not hasattr(thing, "__origin__"):
                        yield f"{module.__name__.removeprefix('circle.kernels.')}.{name}"


def test_every_kernel_stands_in_the_table_and_nothing_else_does():
    called = set(called_from_above())
    assert {"shortest.spread", "snap.snap_points"} <= called  # the search for them finds some
    assert {line.entry for line in TABLE} == called - NO_KERNELS
    assert called >= NO_KERNELS


def test_no_room_takes_a_whole_module_of_kernels():
    """Then the test above would not see what is called."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.startswith("circle.kernels") for name in names), path
            assert not (isinstance(node, ast.ImportFrom) and node.module == "circle.kernels"), path


def test_a_wrong_answer_is_noticed():
    """Each line, asked about one case and answered for another, fails at least once: no oracle agrees with anything."""
    for line in TABLE:
        cases = [line.case(np.random.default_rng(seed)) for seed in range(6)]
        wrong = 0
        for case, other in pairwise(cases):
            try:
                line.agree(line.kernel(*case), line.oracle(*line.theirs(*other)))
            except (AssertionError, ValueError, IndexError):
                wrong += 1
        assert wrong > 0, line.entry


def test_no_kernel_puts_a_record_together():
    """numba makes a record by calling Python from machine code: Ctrl-C at that moment is the end of the process."""
    for line in TABLE:
        line.kernel(*line.case(np.random.default_rng(0)))  # compiles them
    kernels = {
        f"{path.stem}.{name}": thing
        for path in PACKAGE.glob("kernels/*.py")
        for name, thing in vars(import_module(f"circle.kernels.{path.stem}")).items()
        if isinstance(thing, Dispatcher)
    }
    assert len(kernels) > 40
    from_python = {entry: kernels[entry] for entry in {line.entry for line in TABLE} & set(kernels)}
    assert len(from_python) > 10
    for entry, kernel in from_python.items():
        for overload in kernel.overloads.values():
            assert not isinstance(overload.signature.return_type, NamedTuple), entry
