"""What is imported when it is first used.

pandas and geopandas are half of what starting costs. Most modules name them, for frames are what people hand in and get
back; but a network and its travel times are arrays, and whoever asks for nothing else need not wait for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Any

from circle.collecting import collection_paused

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc
    import scipy


class _Later:
    """Stands for a module until something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __reduce__(self) -> tuple[Callable[[str], _Later], tuple[str]]:
        """Copied, it is itself, as a module would be; in another process, that process's own."""
        return _later, (self._name,)

    def __deepcopy__(self, memo: object) -> _Later:
        """The same."""
        return self

    def __getattr__(self, attribute: str) -> Any:
        if attribute == "_name":  # of one that nobody has named yet, as copying makes them
            raise AttributeError(attribute)
        with collection_paused():
            value = getattr(import_module(self._name), attribute)
        setattr(self, attribute, value)
        return value


@cache
def _later(name: str) -> _Later:
    return _Later(name)


if not TYPE_CHECKING:
    gpd, pd, scipy = _later("geopandas"), _later("pandas"), _later("scipy")
    pa, pc = _later("pyarrow"), _later("pyarrow.compute")


def names_from(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """A package's ``__getattr__``: each public name is imported from its module when it is first asked for.

    Parameters
    ----------
    package
        Its ``__name__``.
    homes
        Public name -> module of the package.

    Examples
    --------
    >>> names_from("circle.load", {"read_region": "region"})("read_region").__name__
    'read_region'
    """

    def get(name: str) -> Any:
        if name not in homes:
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message)
        return getattr(import_module(f"{package}.{homes[name]}"), name)

    return get


def soon_wanted(module: str) -> None:
    """Import a module in a thread of its own, for whoever asks for it in a moment, while machine code does the work.

    Examples
    --------
    >>> soon_wanted("circle.units")
    """
    Thread(target=import_module, args=(module,), name="circle-import").start()


__all__ = ["gpd", "names_from", "pa", "pc", "pd", "scipy", "soon_wanted"]
