"""A region by the name of its place: from OSM's servers or from an extract, ready to be run.

::

    place (Nominatim, or the extract's own relations) -> objects (Overpass, tile by tile, or the extract)
          -> clip (one rule for both) -> people -> region.toml

Everything that a server said is kept, with its hash, so that a fetch goes on where it stopped.
"""

from circle.fetch.job import Fetched, fetch_region
from circle.fetch.settings import DEFAULT_BUFFER_M, WORLDPOP_URLS, Asked, Pace, Servers

__all__ = ["DEFAULT_BUFFER_M", "WORLDPOP_URLS", "Asked", "Fetched", "Pace", "Servers", "fetch_region"]
