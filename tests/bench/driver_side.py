"""``circle`` in this process, and then the largest memory of this very process, in KiB: ``driver_side.py WORDS…``."""

from __future__ import annotations

import resource
import sys

from circle.cli import main

if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    finally:
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
