"""How high the lines of a road layer run: by columns, else by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from circle.lazily import gpd, pd
from circle.load.located import Located
from circle.load.short_names import cut_header
from circle.model import Bools, Ints
from circle.reference import table

Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class RoadLevels:
    """Of every feature.

    Parameters
    ----------
    layer
        (n,) what a column of levels says, 0 for nothing; None: there is no such column.
    level
        (n,) the same, with 1 for a bridge and -1 for a tunnel that say no level.
    spans
        (n,) bridge, tunnel or ferry: nothing joins it between its ends.
    told_by
        The columns by which that is known, as the file calls them.
    """

    layer: Ints | None
    level: Ints
    spans: Bools
    told_by: tuple[str, ...]

    def of(self, row: Ints) -> RoadLevels:
        """Those of some rows, in their order."""
        layer = None if self.layer is None else self.layer[row]
        return RoadLevels(layer, self.level[row], self.spans[row], self.told_by)


def road_levels(frame: gpd.GeoDataFrame, tags: Mapping[str, Texts], at: Located) -> RoadLevels:
    """Heights by the columns for layer, bridge and tunnel; without bridges and tunnels by the ends of names.

    A column of levels counts only where most lines have 0 or nothing in it: roads mostly lie on the ground, and a
    column ``level`` without zeros holds grades of roads.

    Parameters
    ----------
    tags
        As `circle.load.road_layers.tag_columns` finds them.
    """
    by_name = {str(name).strip().lower(): str(name) for name in frame.columns}
    told = []
    layer = None
    for header in _present("layer", by_name):
        numbers = pd.to_numeric(frame[header], errors="coerce").fillna(0).round().clip(-99, 99).to_numpy(np.int64)
        if (numbers == 0).mean() >= 0.5:
            layer, told = numbers, [header]
            break
        at.note("topology.level_is_grade", column=header)
    bridge, tunnel = (_flags(tags, tag, len(frame)) for tag in ("bridge", "tunnel"))
    told += [header for tag in ("bridge", "tunnel") if tag in tags for header in _tag_headers(tag, by_name)[:1]]
    if "bridge" not in tags:
        for header in _present("name", by_name)[:1]:
            bridge |= _ends_in(frame[header], "bridge")
            tunnel |= _ends_in(frame[header], "tunnel")
            told.append(header)
    level = np.zeros(len(frame), dtype=np.int64) if layer is None else layer
    level = np.where(level != 0, level, np.where(bridge, 1, np.where(tunnel, -1, 0)))
    return RoadLevels(layer, level, bridge | tunnel | _ferries(tags, len(frame)), tuple(told))


def _present(meaning: str, by_name: Mapping[str, str]) -> list[str]:
    """The headers of the file that have a meaning, best first."""
    return _found(table("road_levels")["columns"][meaning], by_name)


def _tag_headers(tag: str, by_name: Mapping[str, str]) -> list[str]:
    """The headers of the file that hold a tag, best first."""
    return _found(table("osm_walk")["columns"][tag], by_name)


def _found(wanted: Sequence[str], by_name: Mapping[str, str]) -> list[str]:
    found = [name if name in by_name else cut_header(by_name, name) for name in wanted]
    return [by_name[name] for name in dict.fromkeys(found) if name is not None]


def _flags(tags: Mapping[str, Texts], tag: str, n: int) -> Bools:
    """Where a tag says yes, as `circle.load.walkability` understands it."""
    if tag not in tags:
        return np.zeros(n, dtype=np.bool_)
    no = set(table("osm_walk")["spans"][tag]["except"])
    return np.array([value is not None and value not in no for value in tags[tag]], dtype=np.bool_)


def _ferries(tags: Mapping[str, Texts], n: int) -> Bools:
    """Where a line is a ferry: one comes ashore at its ends."""
    ferry = np.zeros(n, dtype=np.bool_)
    for row in table("osm_walk")["ways"]:
        if row.get("ferry") and row["tag"] in tags:
            ferry |= np.isin(tags[row["tag"]].astype(str), row["ferry"])
    return ferry


def _ends_in(names: pd.Series, tag: str) -> Bools:
    """Where a name ends in a word for bridges or tunnels."""
    endings = tuple(table("road_levels")["names"][tag])
    return names.fillna("").astype(str).str.strip().str.lower().str.endswith(endings).to_numpy(np.bool_)
