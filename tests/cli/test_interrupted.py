"""Ctrl-C in the middle of machine code reaches Python as an error of the system; a user's Ctrl-C it is all the same."""

from __future__ import annotations

import pytest
import typer

from circle.cli.frame import _guarded
from circle.errors import ExitCode


def system_error(cause: BaseException | None, context: BaseException | None = None) -> SystemError:
    error = SystemError("<function _numba_unpickle> returned a result with an exception set")
    error.__cause__, error.__context__ = cause, context
    return error


@pytest.mark.parametrize(
    "error",
    [
        KeyboardInterrupt(),
        system_error(KeyboardInterrupt()),
        system_error(system_error(KeyboardInterrupt())),
        system_error(None, system_error(None, KeyboardInterrupt())),
    ],
)
def test_an_interrupted_command_ends_as_such(error: BaseException) -> None:
    def command() -> None:
        raise error

    with pytest.raises(typer.Exit) as left:
        _guarded(command)()
    assert left.value.exit_code == ExitCode.INTERRUPTED


@pytest.mark.parametrize("error", [system_error(None), system_error(ValueError("x")), system_error(system_error(None))])
def test_any_other_fault_remains_one(error: SystemError) -> None:
    def command() -> None:
        raise error

    with pytest.raises(SystemError):
        _guarded(command)()
