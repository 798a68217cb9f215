"""What is kept of a search: ways followed by it alone cost what networkx finds, and end at the facility it finds."""

from __future__ import annotations

import numpy as np

from circle.kernels.settle import NO_WAY
from circle.kernels.trails import AHEAD, BACK, BESIDE, kept_ways, metres_of
from circle.kernels.walk import Rows
from circle.reach.engine import on_edge
from tests.kernels.beside import Beside, within
from tests.kernels.edges_beside import OnEdges, edges_case, place_keys_by_networkx, searched


def followed(asked: OnEdges) -> np.ndarray:
    """Key of every place: its way is walked from stop to door with what was kept, and nothing of the search's keys."""
    key, winner, goals, arcs = searched(asked)
    rows = on_edge(asked.sites, len(asked.metres))
    departure, goal, used, arrival, ahead = kept_ways(asked.places, key, winner, goals, arcs, asked.ends, rows)
    ends, stops, doors = asked.ends, asked.places, asked.sites
    found = np.full(len(key), NO_WAY)
    for p in np.flatnonzero(winner >= 0):
        c, door = winner[p], goal[p]
        e, cost = stops.edge[c], stops.leg[c]
        if departure[p] == BESIDE:
            cost += abs(doors.along[door] - stops.along[c])
        else:
            assert departure[p] in (AHEAD, BACK)
            cost += ends.along[e] - stops.along[c] if departure[p] == AHEAD else stops.along[c]
            node = ends.end[e] if departure[p] == AHEAD else ends.start[e]
            while (door := arrival[node]) < 0:
                assert used[node]
                arc = goals.via[node]
                e = arcs.edge[arc]
                cost += ends.along[e]
                node = ends.end[e] if arcs.forward[arc] else ends.start[e]
            last = doors.edge[door]
            assert node == (ends.start[last] if ahead[node] else ends.end[last])
            cost += doors.along[door] if ahead[node] else ends.along[last] - doors.along[door]
        found[p] = (cost + doors.leg[door]) * goals.labels + goals.label[door]
    return found


def bent_case(random: np.random.Generator) -> tuple[OnEdges, Rows]:
    """Edges of one to four segments, each walked at a pace of its own."""
    (asked,) = edges_case(random)
    count = random.integers(1, 5, len(asked.metres))
    offset = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    along, metres = [], []
    for e, segments in enumerate(count):
        cuts = np.sort(random.choice(np.arange(1, max(asked.ends.along[e], 2)), segments - 1))
        along.append(np.concatenate([[0], cuts, [asked.ends.along[e]]]))
        metres.append(np.concatenate([[0.0], np.cumsum(random.uniform(1, 90, segments))]))
    sums = np.concatenate(along)
    return asked, Rows(offset, sums, sums, np.concatenate(metres))


def metres_by_circle(asked: OnEdges, rows: Rows) -> np.ndarray:
    return metres_of(asked.sites, np.arange(len(asked.sites.edge)), rows)  # type: ignore[no-any-return]


def metres_by_numpy(asked: OnEdges, rows: Rows) -> np.ndarray:
    own = [slice(rows.offset[e] + e, rows.offset[e + 1] + e + 1) for e in asked.sites.edge]
    return np.array([np.interp(at, rows.along[s], rows.metres[s]) for at, s in zip(asked.sites.along, own, strict=True)])


TRAILS = (
    Beside("trails.kept_ways", followed, place_keys_by_networkx, "networkx, on a graph split at every candidate", edges_case),
    Beside("trails.metres_of", metres_by_circle, metres_by_numpy, "numpy.interp", bent_case, agree=within(atol=1e-6)),
)  # fmt: skip

