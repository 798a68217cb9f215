"""What a figure was measured on: cores, processor, memory, versions; nothing that names whose machine it is."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "numpy",
    "numba",
    "scipy",
    "shapely",
    "osmium",
    "networkx",
    "osmnx",
    "pyproj",
    "pandas",
    "pyrosm",
    "pandana",
    "pyvalhalla",
)
GIB = 2**30


def setup() -> str:
    """Machine and versions in one line."""
    return f"{machine()}; {versions()}"


def machine() -> str:
    """Cores that this process may use, the processor, memory, system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    words = [f"{cores} core" + "s" * (cores != 1), processor(), memory(), platform.system()]
    return ", ".join(filter(None, words))


def processor() -> str:
    """The model, where the system tells it."""
    told = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*:\s*(.+)$", told.read_text(), re.MULTILINE) if told.is_file() else None
    return re.sub(r"\s+", " ", found[1]).strip() if found else platform.machine()


def memory() -> str:
    """All of it, where the system tells it."""
    names = getattr(os, "sysconf_names", {})
    if not {"SC_PHYS_PAGES", "SC_PAGE_SIZE"} <= set(names):
        return ""
    return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / GIB:.0f} GiB"


def versions() -> str:
    """Python and the libraries that take part, as far as they are installed."""
    words = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            words.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(words)
