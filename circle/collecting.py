"""Pauses of Python's garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_paused() -> Iterator[None]:
    """Look for no cyclic garbage meanwhile.

    For stretches that make a great many objects and throw none away, as imports and the reading of a large file do:
    every few hundred of them the collector would look through those that are there already. Afterwards all that is
    there counts as old, or the first thing made next would have it looked through. What was set before is set again,
    also after an error.

    Examples
    --------
    >>> with collection_paused():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if gc.get_freeze_count() == 0:  # else somebody wants what is frozen to stay so
            gc.freeze()
            gc.unfreeze()  # from among the frozen into the oldest generation
        if was_on:
            gc.enable()
