"""Facilities that offer more than their own service: whoever lives beside a hospital has a clinic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt
import shapely

from circle.load.columns import rows_listed
from circle.load.located import Located
from circle.model import Geometries, Ints
from circle.reference import ServiceNames, table


class ListRows(Protocol):
    """Rows of a list, one per facility and service; see `circle.load.sites.SiteRows`, a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def service(self) -> npt.NDArray[np.object_]:
        """Keys of services."""

    @property
    def name(self) -> npt.NDArray[np.object_]:
        """Text or None."""

    @property
    def source(self) -> npt.NDArray[np.object_]:
        """The file as the user wrote it."""

    @property
    def label(self) -> npt.NDArray[Any]:
        """What users know the row by."""

    @property
    def shapes(self) -> Geometries:
        """Geometries in degrees."""

    def at(self, rows: Ints) -> Self:
        """Some of the rows."""


Kept = TypeVar("Kept", bound=ListRows)


def serving(parts: Sequence[Kept], at: Located) -> list[Kept]:
    """The rows of all lists, and once more those that serve as another service, where that is asked for; told by list.

    ``serves_as`` of ``services.toml`` says which. Rows that offer both already, as objects of OSM do by their tags,
    stay as they are.
    """
    offered = {str(service) for part in parts for service in part.service}
    found = [*parts]
    for own, other in _pairs():
        if own not in offered or other not in offered:
            continue
        there = {key for part in parts for key in _keys(part, other)}
        for part in parts:
            rows = np.flatnonzero(part.service == own)
            keys = list(_keys(part, own))
            rows = rows[[key not in there for key in keys]] if len(rows) else rows
            if len(rows):
                more = part.at(rows)
                found.append(replace(more, service=np.full(len(rows), other, dtype=object)))
                names = ["" if name is None else str(name) for name in more.name]
                Located(at.findings, str(more.source[0])).note(
                    "services.serve_as",
                    service=ServiceNames((own,)),
                    other=ServiceNames((other,)),
                    count=len(rows),
                    rows=rows_listed(more.label, names),
                )
    return found


def _pairs() -> Iterator[tuple[str, str]]:
    """Service, and what it serves as."""
    for service, row in table("services").items():
        for other in row.get("serves_as", ()):
            yield service, other


def _keys(part: ListRows, service: str) -> Iterator[tuple[str, str, bytes]]:
    """What makes rows of one service known again under another: list, row, place."""
    for i in np.flatnonzero(part.service == service).tolist():
        yield str(part.source[i]), str(part.label[i]), shapely.to_wkb(part.shapes[i])
