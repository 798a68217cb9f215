"""A word about the one slow thing that a user cannot see: the first process on a machine compiles the inner loops."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from circle.cli.terminal import err
from circle.messages import text

LOGGER = "circle.kernels.compiled"
"""Named and not imported: with the module comes numba, which ``circle --help`` has no use for."""


class _Once(logging.Handler):
    """Speaks at the first kernel that is compiled, and at the first that cannot be kept; of the others it is silent."""

    def __init__(self, lang: str) -> None:
        super().__init__()
        self._lang = lang
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Say it, on standard error."""
        key = "compiling.unkept" if getattr(record, "unkept", False) else "cli.compiling"
        if key not in self._said:
            self._said.add(key)
            err().print(text(key, self._lang))


@contextmanager
def compiling_told(lang: str, *, quiet: bool) -> Iterator[None]:
    """Say, unless it should be quiet, that kernels are being compiled as soon as one is, and if they cannot be kept."""
    if quiet:
        yield
        return
    logger, handler = logging.getLogger(LOGGER), _Once(lang)
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
