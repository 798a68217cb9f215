"""What users hold in Python: `Region`, `Network` and `Result`, thin faces over the records of `circle.model`."""

from typing import TYPE_CHECKING

from circle.lazily import names_from

if TYPE_CHECKING:
    from circle.api.health import check
    from circle.api.network import Network
    from circle.api.region import Region, analyze, load_region
    from circle.api.result import Result
    from circle.api.times import isochrones, travel_times

__all__ = ["Network", "Region", "Result", "analyze", "check", "isochrones", "load_region", "travel_times"]

__getattr__ = names_from(
    __name__,
    {
        "Network": "network",
        "Region": "region",
        "Result": "result",
        "analyze": "region",
        "check": "health",
        "isochrones": "times",
        "load_region": "region",
        "travel_times": "times",
    },
)
