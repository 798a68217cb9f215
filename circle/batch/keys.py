"""What a county's files follow from, as a hash."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from circle.batch.province import _RECORDS
from circle.model import RegionData
from circle.model.packing import packed
from circle.pipeline import Reached
from circle.store import key_of, sha256_of


def data_key(part: RegionData, reached: Reached) -> str:
    """Hash of a county's slice."""
    head, arrays = packed((part.districts, part.facilities, reached.joined.residents, reached.reach), _RECORDS)
    whole = hashlib.sha256(json.dumps(head).encode())
    for name, array in arrays.items():
        whole.update(name.encode())
        whole.update(np.ascontiguousarray(array).data)
    return whole.hexdigest()


def file_key(region_file: Path) -> str:
    """Hash of all files of a county."""
    files = sorted(path for path in region_file.parent.iterdir() if path.is_file())
    return key_of([sha256_of(path) for path in files])
