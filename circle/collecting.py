"""Pauses of Python's garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_FROZEN: set[str] = set()
"""What was frozen here: Python would count all of it, one by one, to say whether there is any."""


@contextmanager
def collection_paused(*, for_good: bool = False) -> Iterator[None]:
    """Look for no cyclic garbage meanwhile.

    For stretches that make a great many objects and throw none away, as imports and the reading of a large file do:
    every few hundred of them the collector would look through those that are there already. Afterwards all that is
    there counts as old, or the first thing made next would have it looked through. What was set before is set again,
    also after an error.

    Parameters
    ----------
    for_good
        Never look through what is there by then. For imports: modules are no garbage, and as Python ends it looks
        through everything once more, which takes it longer than most of what people ask of a network.

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
        if for_good:
            gc.freeze()
            _FROZEN.add("modules")
        elif not _FROZEN and gc.get_freeze_count() == 0:  # else somebody wants what is frozen to stay so
            gc.freeze()
            gc.unfreeze()  # from among the frozen into the oldest generation
        if was_on:
            gc.enable()
