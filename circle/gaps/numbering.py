"""One number for one gap, whichever service it lacks."""

from __future__ import annotations

import numpy as np

from circle.lazily import gpd, pd

SAME_PEOPLE = 6
"""Decimals: who lacks two services at one place is the same number of people, whatever the last bits of two sums."""


def numbered(gaps: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Zones of all services numbered together, those with most people first; their order in the table stays.

    A meeting says "gap 4" and means one place: so no number comes again with the next service.

    Parameters
    ----------
    gaps
        Zones and closing rows, service by service, each in order of people.

    Returns
    -------
    geopandas.GeoDataFrame
        The same with `rank` and `gap_id` anew; of equals the one that stands first has the smaller number.
    """
    zones = np.flatnonzero((gaps["kind"] == "zone").to_numpy(bool))
    people = gaps["people"].to_numpy(np.float64)[zones].round(SAME_PEOPLE)
    rank = np.empty(len(zones), np.int64)
    rank[np.argsort(-people, kind="stable")] = np.arange(1, len(zones) + 1)
    ranks = pd.Series(pd.NA, index=gaps.index, dtype="Int64")
    ranks.iloc[zones] = rank
    ids = gaps["gap_id"].to_numpy(object).copy()
    services = gaps["service"].to_numpy(object)
    ids[zones] = [f"{service}-{number:03d}" for service, number in zip(services[zones], rank.tolist(), strict=True)]
    return gaps.assign(rank=ranks, gap_id=ids)
