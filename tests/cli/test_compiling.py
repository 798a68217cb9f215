"""The first process on a machine says that it compiles: once, and not where it should be quiet."""

from __future__ import annotations

import logging

import pytest

from circle.cli.compiling import LOGGER, compiling_told
from circle.kernels import compiled


def test_the_logger_is_the_one_that_compilation_is_told_to() -> None:
    assert compiled.LOG.name == LOGGER


@pytest.mark.parametrize(
    ("lang", "quiet", "said"),
    [("en", False, "Compiling the inner loops"), ("zh", False, "编译核心计算代码"), ("en", True, "")],
)
def test_it_is_said_once_and_not_where_quiet(
    lang: str, quiet: bool, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = logging.getLogger(LOGGER)
    monkeypatch.setattr(log, "disabled", False)  # import-linter, which another test calls, switches off all loggers
    with compiling_told(lang, quiet=quiet):
        log.info("compiling a")
        log.info("compiling b")
    log.info("compiling c")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count(said) == 1 if said else shown.err == ""


def test_what_cannot_be_kept_is_said_once_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(LOGGER), "disabled", False)
    with compiling_told("en", quiet=False):
        for name in "ab":
            compiled._tell_unkept(name, "disk full")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("NUMBA_CACHE_DIR") == 1
    assert "Compiling" not in shown.err
