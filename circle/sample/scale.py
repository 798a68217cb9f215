"""How large everything is: from the number of junctions asked for to areas, settlements and people."""

from __future__ import annotations

from dataclasses import dataclass

from circle.sample.frame import Frame

NATURAL_JUNCTIONS = 5_000
SMALLEST_JUNCTIONS = 500
LARGEST_JUNCTIONS = 2_000_000

PLANE = "EPSG:4549"
"""CGCS2000 / 3-degree Gauss-Kruger, central meridian 120 E: the plane in which the county is drawn."""

CENTRE_X, CENTRE_Y = 392_700.0, 3_198_300.0
"""About 118.9 E, 28.9 N in that plane."""


@dataclass(frozen=True)
class Scale:
    """Sizes of a county.

    Parameters
    ----------
    junctions
        What was asked for.
    frame
        The domain: the county and a strip of its neighbours.
    towns, villages
        Settlements inside the county, without the seat.
    seat_nodes, town_nodes, village_nodes
        Lane crossings per settlement, before the villages' are adjusted to meet `junctions`.
    seat_radius_m
        Roughly how far the streets of the seat reach.
    people
        In the county and the strip around it.
    """

    junctions: int
    frame: Frame
    towns: int
    villages: int
    seat_nodes: int
    town_nodes: int
    village_nodes: int
    seat_radius_m: float
    people: float


def scale_for(junctions: int) -> Scale:
    """The sizes of a county of about `junctions` junctions.

    Area grows with the square root of the junctions, settlements faster, so that a large county is both wider and
    denser, as real ones are.

    >>> scale_for(5_000).villages, scale_for(5_000).frame.cell_m
    (180, 60.0)
    """
    ratio = junctions / NATURAL_JUNCTIONS
    width_m, height_m = 43_000.0 * ratio**0.25, 38_000.0 * ratio**0.25
    cell_m = max(60.0, 10.0 * round(width_m / 1_150.0 / 10.0))
    rows, cols = round(height_m / cell_m), round(width_m / cell_m)
    frame = Frame(CENTRE_X - cols * cell_m / 2.0, CENTRE_Y + rows * cell_m / 2.0, cell_m, rows, cols)
    seat_nodes = round(430 * ratio**0.6)
    return Scale(
        junctions=junctions,
        frame=frame,
        towns=max(4, round(12 * ratio**0.5)),
        villages=round(180 * ratio**0.8),
        seat_nodes=seat_nodes,
        town_nodes=round(75 * ratio**0.3),
        village_nodes=max(6, round(24 * ratio**0.2)),
        seat_radius_m=75.0 * seat_nodes**0.5,
        people=round(240_000 * ratio**0.75, -3),
    )
