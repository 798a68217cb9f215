"""Counties that have a region file each."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from circle.batch.names import folder_name
from circle.batch.prepared import Prepared
from circle.batch.records import County
from circle.errors import Findings
from circle.load.manifest import Manifest
from circle.load.manifest_file import read_manifest
from circle.load.region_file import region_file
from circle.load.sizes import extract_bytes
from circle.stages import Progress

PER_BYTE, PER_COUNTY = 0.01, 5_000.0
"""Of a county's weight: each byte of its extract, and what every county takes; as `circle.batch.listing` weighs."""


def prepare_files(files: Sequence[Path], *, progress: Progress | None = None) -> Prepared:
    """One county for each region file, of which nothing but that file is read.

    A county's code is the name of the folder that holds its file (with those above it, where two are called alike),
    or of the file where it is called otherwise than ``region.toml``; its name is the one that the file gives.

    Parameters
    ----------
    files
        Region files, or the folders that hold them.
    progress
        Told when a stage begins.
    """
    if progress is not None:
        progress.start("load")
    times: dict[Path, int] = {}
    for file in files:
        found = region_file(file)
        times[Path(os.path.realpath(found))] = times.get(Path(os.path.realpath(found)), 0) + 1
    paths = list(times)
    read = [_county(path, code, times[path]) for path, code in zip(paths, _codes(paths), strict=True)]
    counties = tuple(sorted((county for county, _ in read), key=lambda county: county.code))
    periods = {manifest.batch.period for _, manifest in read if manifest is not None and manifest.batch is not None}
    period = periods.pop() if len(periods) == 1 else None
    return Prepared(None, "", counties, None, period, (), (), {})


def _county(path: Path, code: str, times: int) -> tuple[County, Manifest | None]:
    findings = Findings()
    if not path.is_file():
        findings.error("region.file_missing", file=str(path))
    manifest = read_manifest(path, findings) if path.is_file() else None
    if times > 1:
        findings.warn("batch.same_file", count=times)
    name = code if manifest is None else manifest.region.name
    county = County(code, name, folder_name(code), None, PER_COUNTY, tuple(findings.problems), file=path)
    if manifest is None:
        return county, None
    return replace(county, weight=PER_COUNTY + PER_BYTE * extract_bytes(path)), manifest


def _codes(paths: Sequence[Path]) -> list[str]:
    """As few names of each path, from its end, as it takes to tell all apart."""
    parts = [(*path.parent.parts, *(() if path.name == "region.toml" else (path.stem,))) for path in paths]
    deep = [1] * len(parts)
    while True:
        codes = ["/".join(part[-down:]) for part, down in zip(parts, deep, strict=True)]
        times = Counter(codes)
        if len(times) == len(codes):
            return codes
        deep = [down + (times[code] > 1) for code, down in zip(codes, deep, strict=True)]
