"""Which OSM objects a region needs: told by the same tables by which they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from circle.load.osm_tags import ANY, values_of
from circle.reference import table

Rules = Mapping[str, frozenset[str] | None]
"""Key -> values, None for any."""

RELATION_TYPES = ("multipolygon", "boundary", "site")


@dataclass(frozen=True)
class Wanted:
    """Tags of which one must hold.

    Parameters
    ----------
    nodes
        Facilities and named places.
    shapes
        Ways and relations: these, and streets, barriers.
    buildings
        The key of buildings, which are wanted inside the boundary only.
    """

    nodes: Rules
    shapes: Rules
    buildings: str = "building"


@cache
def wanted_tags() -> Wanted:
    """What the tables ask for.

    Examples
    --------
    >>> wanted = wanted_tags()
    >>> "bus_stop" in wanted.nodes["highway"], wanted.shapes["highway"] is None, "building" in wanted.shapes
    (True, True, False)
    """
    nodes: dict[str, frozenset[str] | None] = {}
    for row in table("services").values():
        for rule in row.get("osm", ()):
            tag, values = next(iter(rule.items()))
            _add(nodes, tag, values)
    _add(nodes, "place", table("osm_features")["places"]["values"])
    shapes = dict(nodes)
    for row in table("osm_walk")["ways"]:
        _add(shapes, row["tag"], [ANY] if row.get("counted") else [*row.get("walkable", ()), *row.get("ferry", ())])
    barriers = table("osm_barriers")
    for row in barriers["lines"]:
        _add(shapes, row["tag"], row["values"])
    for tag, values in barriers["areas"].items():
        _add(shapes, tag, values)
    return Wanted(nodes, shapes)


def _add(rules: dict[str, frozenset[str] | None], tag: str, values: list[str]) -> None:
    known = rules.get(tag, frozenset())
    rules[tag] = None if known is None or ANY in values else known | frozenset(values)


def holds(rules: Rules, tags: Mapping[str, str]) -> bool:
    """Whether an object with these tags is wanted.

    >>> holds({"amenity": frozenset({"school"}), "highway": None}, {"amenity": "school;library"})
    True
    >>> holds({"amenity": frozenset({"school"})}, {"amenity": "bench", "highway": "path"})
    False
    """
    return any(
        key in rules and ((wanted := rules[key]) is None or any(part in wanted for part in values_of(value)))
        for key, value in tags.items()
    )
