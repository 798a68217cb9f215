"""What an OSM extract is called: its ending says how it is written."""

from __future__ import annotations

from pathlib import Path

SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")


def osm_format(path: Path) -> str:
    """What in the name of a file decides whether and how it is read; files of one format and one content read alike.

    >>> [osm_format(Path(name)) for name in ("a/town.osm.pbf", "b/v1.2.pbf", "town.osm.gz", "town.gz")]
    ['.pbf', '.pbf', '.gz', 'town.gz']
    """
    return path.suffix if path.name.lower().endswith(SUFFIXES) else path.name
