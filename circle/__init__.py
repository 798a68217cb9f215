"""Who lives within fifteen minutes of a school, a clinic, a bus stop - who does not, why, and what to build next.

::

    import circle

    region = circle.load_region("sample_regions/qingxi")
    result = circle.analyze(region)
    result.summary()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from circle.api import Network, Region, Result, analyze, check, isochrones, load_region, travel_times
    from circle.errors import CircleError, InputError, OutputError, QueryError
    from circle.settings import AnalysisSettings

    __version__: str

_HOME = {
    "AnalysisSettings": "circle.settings",
    "CircleError": "circle.errors",
    "InputError": "circle.errors",
    "Network": "circle.api",
    "OutputError": "circle.errors",
    "QueryError": "circle.errors",
    "Region": "circle.api",
    "Result": "circle.api",
    "analyze": "circle.api",
    "check": "circle.api",
    "isochrones": "circle.api",
    "load_region": "circle.api",
    "travel_times": "circle.api",
}

__all__ = [
    "AnalysisSettings",
    "CircleError",
    "InputError",
    "Network",
    "OutputError",
    "QueryError",
    "Region",
    "Result",
    "analyze",
    "check",
    "isochrones",
    "load_region",
    "travel_times",
]


def __getattr__(name: str) -> Any:
    """Fetch a public name from its home on first use, so that ``import circle`` stays light."""
    if name == "__version__":
        value: Any = _version()
    elif name in _HOME:
        from circle.collecting import collection_paused

        with collection_paused():
            value = getattr(import_module(_HOME[name]), name)
    else:
        message = f"module 'circle' has no attribute {name!r}"
        raise AttributeError(message)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return [*__all__, "__version__"]


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("circle-access")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0+source"
