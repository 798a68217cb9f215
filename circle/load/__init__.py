"""Reading: files of any usual kind to the records of `circle.model`, with every problem of every file told at once.

`read_region` reads a region file and what it names; `check_region` does the same and judges; `region_from_frames` takes
layers that are in memory. Names are looked up when they are used, so that importing the package stays light.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from circle.lazily import names_from

if TYPE_CHECKING:
    from circle.load.frames import region_from_frames
    from circle.load.manifest import Manifest, manifest_schema
    from circle.load.region import LoadedRegion, check_region, read_region

__all__ = ["LoadedRegion", "Manifest", "check_region", "manifest_schema", "read_region", "region_from_frames"]

__getattr__ = names_from(
    __name__,
    {
        "LoadedRegion": "region",
        "Manifest": "manifest",
        "check_region": "region",
        "manifest_schema": "manifest",
        "read_region": "region",
        "region_from_frames": "frames",
    },
)
