"""What users hold in Python: `Region`, `Network` and `Result`, thin faces over the records of `circle.model`."""

from circle.api.network import Network, isochrones, travel_times
from circle.api.region import Region, analyze, load_region
from circle.api.result import Result

__all__ = ["Network", "Region", "Result", "analyze", "isochrones", "load_region", "travel_times"]
