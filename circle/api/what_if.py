"""What if a clinic were built here, what if that one closed: the nearest destination while destinations change."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from circle import reach
from circle.api.arguments import Argument, shown
from circle.api.points import lon_lat
from circle.lazily import pd
from circle.model import Ints

SHOWN = 10


class WhatIf:
    """The nearest destination of every origin, while destinations open and close; made by `Network.what_if`.

    The answer is always that of all present destinations, to the millisecond; of equally near ones the one that was
    there first counts. A change takes milliseconds even in a large county: only what changes hands is reckoned.
    """

    def __init__(self, engine: reach.Engine, unit: str, origins: pd.DataFrame, destinations: pd.DataFrame) -> None:
        at = Argument("Network.what_if")
        places = reach.join_places(engine, *lon_lat(origins, at.named("origins")))
        self._engine, self._unit, self._origins = engine, unit, origins.index
        sites = self._sites(destinations, 0, at.named("destinations"))
        self._labels = _unique(destinations.index, (), at.named("destinations"))
        self._number = {label: number for number, label in enumerate(self._labels)}
        self._live = reach.LiveNearest(engine, places, sites)

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
        at = Argument("WhatIf.add", "destinations")
        sites = self._sites(destinations, len(self._labels), at)
        labels = _unique(destinations.index, self._number, at)
        change = self._live.add(sites)
        self._number |= {label: len(self._labels) + row for row, label in enumerate(labels)}
        self._labels += labels
        return self._told(change)

    def remove(self, labels: Hashable | Sequence[Hashable]) -> pd.DataFrame:
        """Close destinations.

        Parameters
        ----------
        labels
            Their index labels, or one of them.

        Returns
        -------
        pandas.DataFrame
            As that of `add`.

        Raises
        ------
        InputError
            If there is none of a label.
        """
        gone = self._numbers(labels, Argument("WhatIf.remove", "labels"))
        change = self._live.remove(gone)
        for number in gone:
            del self._number[self._labels[number]]
        return self._told(change)

    def __repr__(self) -> str:
        return f"<WhatIf: {len(self._origins)} origins, {len(self._number)} destinations>"

    def _repr_html_(self) -> str:
        from circle.api.shown import what_if_html  # for those who look

        return what_if_html(self._live.nearest.cost, len(self._number), self._unit)

    @property
    def _column(self) -> str:
        return f"travel_{self._unit}"

    def _numbers(self, labels: Any, at: Argument) -> list[int]:
        """The numbers of present destinations, each once, by one label or several."""
        if isinstance(labels, pd.DataFrame | Mapping):
            at.refuse("api.labels_needed", found=shown(labels))
        is_one = isinstance(labels, str | bytes) or not isinstance(labels, Iterable) or _is_in(self._number, labels)
        asked = (labels,) if is_one else at.members(labels)
        for label in asked:
            if not _is_in(self._number, label):
                at.refuse("api.no_destination", label=shown(label), offered=_some(list(self._number)) or "-")
        return list(dict.fromkeys(self._number[label] for label in asked))

    def _sites(self, destinations: pd.DataFrame, first: int, at: Argument) -> reach.Sites:
        places = reach.join_places(self._engine, *lon_lat(destinations, at))
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


def _unique(index: pd.Index, taken: Collection[Hashable], at: Argument) -> list[Hashable]:
    """The labels of a frame, each once and none of those taken; None stands for no destination, and is none."""
    labels: list[Hashable] = index.tolist()
    seen = set(taken)
    for position, label in enumerate(labels, 1):
        if not _hashable(label) or _is_missing(label):
            at.refuse("api.destination_without_label", position=position, found=shown(label))
        if label in seen:
            at.refuse("api.destination_twice", label=shown(label))
        seen.add(label)
    return labels


def _is_missing(label: Hashable) -> bool:
    return label is None or label is pd.NA or label is pd.NaT or (isinstance(label, float) and np.isnan(label))


def _is_in(number: dict[Hashable, int], label: Any) -> bool:
    """Whether a destination has the label; True and False are no names of the destinations 1 and 0."""
    if not _hashable(label) or label not in number:
        return False
    truths = bool | np.bool_
    return not isinstance(label, truths) or any(isinstance(own, truths) and own == label for own in number)


def _hashable(label: Any) -> bool:
    try:
        hash(label)
    except TypeError:  # also a tuple with a list in it
        return False
    return True


def _some(labels: list[Hashable]) -> str:
    return ", ".join(map(str, labels[:SHOWN])) + (", …" if len(labels) > SHOWN else "")
