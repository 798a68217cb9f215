"""What if a clinic were built here, what if that one closed: the nearest destination while destinations change."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from circle import reach
from circle.api.points import lon_lat, refuse
from circle.lazily import pd
from circle.model import Ints

SHOWN = 10


class WhatIf:
    """The nearest destination of every origin, while destinations open and close; made by `Network.what_if`.

    The answer is always that of all present destinations, to the millisecond; of equally near ones the one that was
    there first counts. A change takes milliseconds even in a large county: only what changes hands is reckoned.
    """

    def __init__(self, engine: reach.Engine, unit: str, origins: pd.DataFrame, destinations: pd.DataFrame) -> None:
        self._engine, self._unit, self._origins = engine, unit, origins.index
        self._labels = _unique(destinations.index)
        self._number = {label: number for number, label in enumerate(self._labels)}
        places = reach.join_places(engine, *lon_lat(origins))
        self._live = reach.LiveNearest(engine, places, self._sites(destinations, 0))

    def nearest(self) -> pd.DataFrame:
        """The nearest destination of every origin at present.

        Returns
        -------
        pandas.DataFrame
            ``origin`` and ``destination`` (index labels; None where none can be reached) and ``travel_time_s`` (or
            ``travel_distance_m``; ``inf``), in the order of the origins.
        """
        found = self._live.nearest
        columns = {"origin": self._origins, "destination": self._names(found.facility), self._column: found.cost}
        return pd.DataFrame(columns)

    def add(self, destinations: pd.DataFrame) -> pd.DataFrame:
        """Open destinations.

        Parameters
        ----------
        destinations
            As those of `Network.what_if`, with labels that none of those present has.

        Returns
        -------
        pandas.DataFrame
            The origins whose nearest destination or time changes, in their order: ``origin``, ``destination_before``,
            ``destination_after``, and the times (or distances) before and after.

        Raises
        ------
        InputError
            If a point cannot be on Earth, or a label stands twice.
        """
        labels = _unique(destinations.index, self._number)
        sites = self._sites(destinations, len(self._labels))
        change = self._live.add(sites)
        self._number |= {label: len(self._labels) + row for row, label in enumerate(labels)}
        self._labels += labels
        return self._told(change)

    def remove(self, labels: Sequence[Hashable]) -> pd.DataFrame:
        """Close destinations.

        Parameters
        ----------
        labels
            Their index labels.

        Returns
        -------
        pandas.DataFrame
            As that of `add`.

        Raises
        ------
        InputError
            If there is none of a label.
        """
        missing = [label for label in labels if label not in self._number]
        if missing:
            refuse("api.no_destination", label=missing[0], offered=_some(list(self._number)))
        change = self._live.remove([self._number[label] for label in labels])
        for label in dict.fromkeys(labels):
            del self._number[label]
        return self._told(change)

    def __repr__(self) -> str:
        return f"<WhatIf: {len(self._origins)} origins, {len(self._number)} destinations>"

    def _repr_html_(self) -> str:
        from circle.api.shown import what_if_html  # for those who look

        return what_if_html(self._live.nearest.cost, len(self._number), self._unit)

    @property
    def _column(self) -> str:
        return f"travel_{self._unit}"

    def _sites(self, destinations: pd.DataFrame, first: int) -> reach.Sites:
        places = reach.join_places(self._engine, *lon_lat(destinations))
        return reach.Sites(places, np.arange(first, first + len(destinations), dtype=np.int64))

    def _names(self, facility: Ints) -> pd.Series:
        names = [self._labels[number] if number >= 0 else None for number in facility.tolist()]
        return pd.Series(names, dtype=object).infer_objects()  # whole numbers stay such beside None

    def _told(self, change: reach.Change) -> pd.DataFrame:
        columns = {
            "origin": self._origins[change.place],
            "destination_before": self._names(change.before.facility),
            "destination_after": self._names(change.after.facility),
            f"{self._column}_before": change.before.cost,
            f"{self._column}_after": change.after.cost,
        }
        return pd.DataFrame(columns)


def _unique(index: pd.Index, taken: dict[Hashable, int] | None = None) -> list[Hashable]:
    """The labels of a frame, each once and none of those taken."""
    labels: list[Hashable] = index.tolist()
    seen = set(taken or ())
    for label in labels:
        if label in seen:
            refuse("api.destination_twice", label=label)
        seen.add(label)
    return labels


def _some(labels: list[Hashable]) -> str:
    return ", ".join(map(str, labels[:SHOWN])) + (", …" if len(labels) > SHOWN else "")
