"""Who offers what, and where people go in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy.typing as npt

from circle.lazily import pd
from circle.model.arrays import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Facilities:
    """Places that offer services; a site that offers two services has two rows.

    Parameters
    ----------
    columns
        Of `table`, (f,) each; one row per facility and service: ``facility_id`` (str, unique), ``name`` (str or None),
        ``service`` (str), ``lon``, ``lat`` (float), ``capacity`` (float, NaN unknown), ``source`` (str).
    entrance_lon, entrance_lat, entrance_facility
        (m,) the points where people go in; row number in `table`, ascending. At least one per facility.
    outline
        (m,) the entrance is a point of a large site's outline.
    merged
        How many duplicates of one site were folded into another row.
    """

    columns: Mapping[str, npt.NDArray[Any]]
    entrance_lon: Floats
    entrance_lat: Floats
    entrance_facility: Ints
    outline: Bools
    merged: int = 0

    @cached_property
    def table(self) -> pd.DataFrame:
        """The columns as a frame."""
        return pd.DataFrame(dict(self.columns))

    @property
    def services(self) -> tuple[str, ...]:
        """What is offered, in the order of the rows."""
        return tuple(map(str, dict.fromkeys(self.columns["service"])))
