"""Counties of a prepared province in a bare loop: ``batch_side.py REGION OUT K N`` does every N-th county from the K-th.

What ``circle batch`` does in its workers, without Dask, driver or tables: no slower than this may it be.
"""

from __future__ import annotations

import sys
from pathlib import Path

from circle.batch.prepare import prepare
from circle.batch.records import Order, State, Wishes
from circle.batch.task import do_county
from circle.store import EXTRACTS, program_hash, user_cache
from circle.threads import take_threads


def do_counties(region: Path, out: Path, first: int, step: int) -> int:
    """Do them; how many there were."""
    take_threads(1)
    prepared = prepare(region, out, cache=user_cache(EXTRACTS))
    assert prepared.reused
    counties = sorted(prepared.counties, key=lambda county: (-county.weight, county.code))[first::step]
    for county in counties:
        order = Order(county, prepared.source_of(county).resolve(), out.resolve(), Wishes(), program_hash())
        assert do_county(order).state is State.DONE
    return len(counties)


if __name__ == "__main__":
    print(do_counties(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
