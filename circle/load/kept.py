"""What was read of an extract, kept from one run to the next: reading is most of what a large county waits for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from circle.errors import Findings, Problem
from circle.load.features import Features
from circle.load.osm import read_osm
from circle.load.osm_extract import OsmExtract, OsmWanted
from circle.load.osm_format import osm_format
from circle.load.told import PROBLEM_RECORDS, of_file
from circle.model import Barriers, Extent, KnownImpedance, RoadRepairs, Streets
from circle.model.packing import packed, unpacked
from circle.store import Cache, Entry, key_of, sha256_of


@dataclass(frozen=True, eq=False)
class _Reading:
    """An extract, what there was to say about it, and the name under which it was read."""

    extract: OsmExtract
    problems: tuple[Problem, ...]
    file: str


_RECORDS = (
    _Reading, OsmExtract, Features, Streets, KnownImpedance, RoadRepairs, Barriers, Extent, *PROBLEM_RECORDS,
)  # fmt: skip


def read_kept(path: Path, wanted: OsmWanted, findings: Findings, cache: Cache | None) -> OsmExtract | None:
    """As `read_osm`, but what an earlier run wanted of the same bytes, wherever they lay, is not read again.

    Parameters
    ----------
    cache
        None: read, and keep nothing.
    """
    if cache is None or not path.is_file():
        return read_osm(path, wanted, findings)
    key = key_of("extract", sha256_of(path), osm_format(path), packed(wanted)[0])
    kept = cache.get(key)
    if kept is not None:
        reading: _Reading = unpacked(kept.head, kept.arrays, _RECORDS)
    else:
        own = Findings()
        extract = read_osm(path, wanted, own)
        if extract is None:
            findings.problems.extend(own.problems)
            return None
        reading = _Reading(extract, tuple(own.problems), str(path))
        cache.put(key, Entry(*packed(reading, _RECORDS)))
    findings.problems.extend(of_file(reading.problems, reading.file, str(path)))
    return reading.extract
