"""Records as a head that JSON can say and arrays beside it, and back: what the cache keeps.

Everything comes back as it went in, except that shapes are new objects, sequences are tuples, and mappings are dicts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from enum import Enum
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from circle.errors import Listed
from circle.lazily import gpd, pd

Array = npt.NDArray[Any]
Head = dict[str, Any]


def packed(value: Any, records: Sequence[type] | None = None) -> tuple[Head, dict[str, Array]]:
    """A record, or anything that records are made of, as head and arrays.

    Parameters
    ----------
    records
        The classes that `unpacked` will know: what could not be taken out again is not put in. None: any.

    Raises
    ------
    TypeError
        If there is something in it that is none of these.

    Examples
    --------
    >>> head, arrays = packed({"name": "青溪", "rows": np.arange(3)})
    >>> unpacked(head, arrays, ())
    {'name': '青溪', 'rows': array([0, 1, 2])}
    """
    packer = _Packer(records)
    return packer.head_of(value), packer.arrays


def unpacked(head: Head, arrays: Mapping[str, Array], records: Sequence[type]) -> Any:
    """What was packed; `records` are the classes that may occur in it."""
    return _Unpacker(arrays, {record.__name__: record for record in records}).value_of(head)


class _Packer:
    """Gathers arrays while it describes what they belong to."""

    def __init__(self, records: Sequence[type] | None) -> None:
        self.arrays: dict[str, Array] = {}
        self._records = records

    def head_of(self, value: Any) -> Any:
        if isinstance(value, Listed):
            return {"listed": [str(value), list(value.rows), list(value.values)]}
        if isinstance(value, Enum):
            return {"record": self._known(value), "value": value.value}
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, np.ndarray):
            return self._of_array(value)
        if dataclasses.is_dataclass(value):
            fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
            return {"record": self._known(value), "fields": {name: self.head_of(own) for name, own in fields.items()}}
        if hasattr(value, "_asdict"):  # a named tuple
            fields = value._asdict()
            return {"record": self._known(value), "fields": {name: self.head_of(own) for name, own in fields.items()}}
        if isinstance(value, Mapping):
            return {"mapping": [[self.head_of(key), self.head_of(own)] for key, own in value.items()]}
        if isinstance(value, tuple | list):
            return {"items": [self.head_of(own) for own in value]}
        return self._of_other(value)

    def _known(self, value: Any) -> str:
        if self._records is not None and type(value) not in self._records:
            message = f"{type(value).__name__} is none of the records that can be unpacked"
            raise TypeError(message)
        return type(value).__name__

    def _of_other(self, value: Any) -> Any:
        import shapely  # only where there are shapes

        if isinstance(value, shapely.Geometry):
            return {"shape": self._kept(np.frombuffer(shapely.to_wkb(value), np.uint8))}
        if isinstance(value, pd.DataFrame) and isinstance(value.index, pd.RangeIndex):
            columns = {str(name): self.head_of(np.asarray(value[name].array)) for name in value}
            placed = isinstance(value, gpd.GeoDataFrame)
            return {
                "frame": columns,
                "dtypes": {str(name): str(dtype) for name, dtype in value.dtypes.items()},
                "geometry": str(value.geometry.name) if placed else None,
                "crs": value.crs.to_string() if placed and value.crs is not None else None,
            }
        message = f"{type(value).__name__} cannot be packed"
        raise TypeError(message)

    def _of_array(self, array: Array) -> Head:
        if array.dtype != object:
            return {"array": self._kept(array)}
        cells = array.ravel().tolist()
        if all(cell is None or isinstance(cell, str | int | float) for cell in cells):
            return {"cells": cells, "shape": array.shape}
        import shapely  # only where there are shapes

        wkb = [b"" if shape is None else shape for shape in shapely.to_wkb(array.ravel()).tolist()]
        offset = np.cumsum([0, *map(len, wkb)])
        content = np.frombuffer(b"".join(wkb), np.uint8)
        return {"shapes": [self._kept(content), self._kept(offset)], "shape": array.shape}

    def _kept(self, array: Array) -> str:
        name = str(len(self.arrays))
        self.arrays[name] = array
        return name


class _Unpacker:
    """Puts records together again."""

    def __init__(self, arrays: Mapping[str, Array], records: Mapping[str, type]) -> None:
        self._arrays = arrays
        self._records = records

    def value_of(self, head: Any) -> Any:
        if not isinstance(head, dict):
            return head
        kind = next(iter(head))
        return getattr(self, f"_{kind}")(head)

    def _array(self, head: Head) -> Array:
        return self._arrays[head["array"]]

    def _cells(self, head: Head) -> Array:
        array = np.empty(len(head["cells"]), dtype=object)
        array[:] = head["cells"]
        return array.reshape(head["shape"])

    def _items(self, head: Head) -> tuple[Any, ...]:
        return tuple(self.value_of(own) for own in head["items"])

    def _mapping(self, head: Head) -> dict[Any, Any]:
        return {self.value_of(key): self.value_of(own) for key, own in head["mapping"]}

    def _listed(self, head: Head) -> Listed:
        return Listed(*head["listed"])

    def _record(self, head: Head) -> Any:
        made = self._records[head["record"]]
        if "value" in head:
            return made(head["value"])
        return made(**{name: self.value_of(own) for name, own in head["fields"].items()})

    def _shape(self, head: Head) -> Any:
        import shapely

        return shapely.from_wkb(self._arrays[head["shape"]].tobytes())

    def _shapes(self, head: Head) -> Array:
        import shapely

        content, offset = (self._arrays[name] for name in head["shapes"])
        whole, ends = content.tobytes(), offset.tolist()
        wkb = np.empty(len(ends) - 1, dtype=object)
        wkb[:] = [whole[start:end] or None for start, end in pairwise(ends)]
        return np.asarray(shapely.from_wkb(wkb)).reshape(head["shape"])

    def _frame(self, head: Head) -> Any:
        columns = {name: self.value_of(own) for name, own in head["frame"].items()}
        shapes = columns.pop(head["geometry"], None)
        table = pd.DataFrame({name: pd.Series(cells, dtype=head["dtypes"][name]) for name, cells in columns.items()})
        if head["geometry"] is None:
            return table
        placed = table.assign(**{head["geometry"]: shapes})[list(head["frame"])]
        return gpd.GeoDataFrame(placed, geometry=head["geometry"], crs=head["crs"])
