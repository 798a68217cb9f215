"""Facilities that lie in the water: a slip of coordinates that no table shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from circle.errors import Findings, Listed
from circle.kernels.projection import to_metres
from circle.kernels.water import metres_out
from circle.model import Facilities, Floats
from circle.reach.attach import nearest_leg_m
from circle.reach.engine import Engine
from circle.reach.nearest import Sites

SHORE_M = 30.0
"""Nearer to the shore or to a road, a facility stands on a bridge or a pier, or the shore is drawn roughly."""
SHOWN = 10


def facility_legs(sites: Mapping[str, Sites], facilities: Facilities) -> Floats:
    """(f,) metres from each facility's nearest door to the road that it may come to; ``inf`` without one."""
    leg_m = np.full(len(facilities.table), np.inf)
    for own in sites.values():
        np.minimum.at(leg_m, own.facility, nearest_leg_m(own.places.attachment))
    return leg_m


def warn_of_facilities_in_water(engine: Engine, facilities: Facilities, leg_m: Floats, findings: Findings) -> None:
    """A warning for every list with facilities in the water that is given as a barrier, the farthest out first.

    Parameters
    ----------
    leg_m
        (f,) metres from each facility to the nearest road.
    """
    far = np.flatnonzero(leg_m > SHORE_M)
    if not len(far) or not engine.walls.has_shore:
        return
    columns = facilities.columns
    lon, lat = (np.asarray(columns[axis], dtype=np.float64)[far] for axis in ("lon", "lat"))
    out_m = metres_out(*to_metres(engine.network.crs, lon, lat), engine.walls)
    order = np.argsort(-out_m, kind="stable")
    order = order[out_m[order] > SHORE_M]
    source = np.asarray(columns["source"], dtype=object)[far[order]]
    for one in dict.fromkeys(source.tolist()):
        mine = order[source == one]
        ids, names = (np.asarray(columns[name], dtype=object)[far[mine]] for name in ("facility_id", "name"))
        called = [str(name if isinstance(name, str) and name else key) for key, name in zip(ids, names, strict=True)]
        shown = [f"{name} ({metres:,.0f} m)" for name, metres in zip(called[:SHOWN], out_m[mine], strict=False)]
        findings.warn(
            "facility.in_water",
            file=str(one),
            count=len(mine),
            total=int((np.asarray(columns["source"], dtype=object) == one).sum()),
            names=Listed(", ".join(shown) + (", …" if len(mine) > SHOWN else ""), ids, called),
        )
