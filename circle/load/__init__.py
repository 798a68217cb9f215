"""Reading: files of any usual kind to the records of `circle.model`, with every problem of every file told at once.

`read_region` reads a region file and what it names; `check_region` does the same and judges; `region_from_frames` takes
layers that are in memory. Names are looked up when they are used, so that importing the package stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from circle.load.frames import region_from_frames
    from circle.load.manifest import Manifest, manifest_schema
    from circle.load.region import LoadedRegion, check_region, read_region

__all__ = ["LoadedRegion", "Manifest", "check_region", "manifest_schema", "read_region", "region_from_frames"]

_HOMES = {
    "LoadedRegion": "region",
    "Manifest": "manifest",
    "check_region": "region",
    "manifest_schema": "manifest",
    "read_region": "region",
    "region_from_frames": "frames",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module on first use."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
