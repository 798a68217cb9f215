"""What was read of an extract, kept from one run to the next: reading is most of what a large county waits for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from circle.errors import Findings, Problem, Severity
from circle.load.features import Features
from circle.load.osm import read_osm
from circle.load.osm_extract import OsmExtract, OsmWanted
from circle.load.said import Said
from circle.messages import Tally
from circle.model import Barriers, Extent, Streets
from circle.model.packing import packed, unpacked
from circle.store import Cache, Entry, key_of, sha256_of


@dataclass(frozen=True, eq=False)
class _Reading:
    """An extract, and what there was to say about it."""

    extract: OsmExtract
    problems: tuple[Problem, ...]


_RECORDS = (_Reading, OsmExtract, Features, Streets, Barriers, Extent, Problem, Severity, Tally, Said)


def read_kept(path: Path, wanted: OsmWanted, findings: Findings, cache: Cache | None) -> OsmExtract | None:
    """As `read_osm`, but what an earlier run wanted of the same bytes is not read again.

    Parameters
    ----------
    cache
        None: read, and keep nothing.
    """
    if cache is None or not path.is_file():
        return read_osm(path, wanted, findings)
    key = key_of("extract", sha256_of(path), str(path), packed(wanted)[0])
    kept = cache.get(key)
    if kept is not None:
        reading: _Reading = unpacked(kept.head, kept.arrays, _RECORDS)
    else:
        own = Findings()
        extract = read_osm(path, wanted, own)
        if extract is None:
            findings.problems.extend(own.problems)
            return None
        reading = _Reading(extract, tuple(own.problems))
        cache.put(key, Entry(*packed(reading)))
    findings.problems.extend(reading.problems)
    return reading.extract
