"""What a county's answer follows from, as a hash: equal keys, equal answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from circle.errors import Findings, InputError
from circle.load.manifest import Manifest
from circle.load.manifest_file import read_manifest
from circle.load.provenance import input_files
from circle.load.region_file import region_file
from circle.model import Floats, InputFile, NetworkData, RegionData, Residents, ServiceReach
from circle.model.packing import packed
from circle.pipeline import Reached
from circle.reach import Places, Sites


@dataclass(frozen=True, eq=False)
class _Slice:
    """All that `circle.pipeline.finished`, and what is written after it, look at."""

    data: RegionData
    network: NetworkData
    residents: Residents
    places: Places
    sites: dict[str, Sites]
    reach: dict[str, ServiceReach]
    route_m: dict[str, Floats]


def data_key(part: RegionData, reached: Reached) -> str:
    """Hash of a county's slice of a province: its layers, its streets, and what the whole says of its people.

    Nothing in a slice tells of what lies elsewhere, so a change far away leaves the key as it is. The question and the
    version of circle are not in it.

    Parameters
    ----------
    part, reached
        From `circle.batch.counties.county_of`.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    joined = reached.joined
    every = np.arange(len(joined.residents.lon))
    head, arrays = packed(
        _Slice(
            replace(part, inputs=(), period=None),
            joined.engine.network,
            joined.residents,
            joined.places,
            joined.sites,
            reached.reach,
            {service: reached.ways(service)(every) for service in reached.reach},
        )
    )
    digest = hashlib.sha256(json.dumps(head, default=list).encode())
    for name, array in arrays.items():
        digest.update(json.dumps([name, array.dtype.str, array.shape]).encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def file_key(file: Path) -> str:
    """Hash of the files of a county that has a region file of its own, of which none is read.

    Raises
    ------
    InputError
        If the region file cannot be used.
    """
    findings, path = Findings(), region_file(file)
    manifest = read_manifest(path, findings)
    if manifest is None:
        raise InputError(findings.problems)
    return hashlib.sha256(json.dumps([said(manifest), hashes(input_files(manifest, path))]).encode()).hexdigest()


def said(manifest: Manifest) -> Any:
    """What a region file says, without the time that it says it of."""
    return manifest.model_dump(mode="json", exclude={"batch": {"period"}})


def hashes(files: Iterable[InputFile]) -> list[tuple[str, str]]:
    """The files that a region file names, and what is in them."""
    return sorted((file.path, file.sha256) for file in files if not file.layer.startswith("region"))
