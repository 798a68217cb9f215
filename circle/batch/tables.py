"""Tables on disk of which rows are picked: text and shapes as bytes, made only of the rows that are asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from circle.lazily import gpd, pd
from circle.model import Geometries, Ints

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Heap:
    """n strings of bytes one behind the other; that of row i is ``content[offset[i]:offset[i + 1]]``."""

    content: npt.NDArray[np.uint8]
    offset: Ints

    @classmethod
    def of(cls, parts: list[bytes]) -> Heap:
        """Put together."""
        content = np.frombuffer(b"".join(parts), np.uint8)
        return cls(content, np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64))

    def at(self, rows: Iterable[int]) -> list[bytes]:
        """Some of them."""
        return [self.content[self.offset[row] : self.offset[row + 1]].tobytes() for row in rows]


@dataclass(frozen=True, eq=False)
class Cells:
    """A column of text, numbers and gaps."""

    heap: Heap

    @classmethod
    def of(cls, values: Array) -> Cells:
        """Of an array of objects that JSON can say."""
        return cls(Heap.of([json.dumps(value, ensure_ascii=False).encode() for value in values.tolist()]))

    def at(self, rows: Ints) -> Array:
        """Some rows."""
        picked = np.empty(len(rows), dtype=object)
        picked[:] = [json.loads(cell) for cell in self.heap.at(rows.tolist())]
        return picked


@dataclass(frozen=True, eq=False)
class Shapes:
    """A column of shapes; one may be missing."""

    heap: Heap

    @classmethod
    def of(cls, shapes: Geometries) -> Shapes:
        """Of an array of shapes."""
        return cls(Heap.of([b"" if wkb is None else wkb for wkb in shapely.to_wkb(shapes).tolist()]))

    def at(self, rows: Ints) -> Geometries:
        """Some rows."""
        wkb = np.empty(len(rows), dtype=object)
        wkb[:] = [cell or None for cell in self.heap.at(rows.tolist())]
        return np.asarray(shapely.from_wkb(wkb), dtype=object)


@dataclass(frozen=True, eq=False)
class Column:
    """A column of numbers."""

    values: Array

    def at(self, rows: Ints) -> Array:
        """Some rows."""
        return np.asarray(self.values[rows])


def column_of(values: Array) -> Column | Cells | Shapes:
    """A column as it is kept, by what is in it."""
    if values.dtype != object:
        return Column(values)
    is_shape = any(isinstance(value, shapely.Geometry) for value in values.tolist())
    return Shapes.of(values) if is_shape else Cells.of(values)


@dataclass(frozen=True, eq=False)
class Table:
    """A frame with rows 0, 1, …; `geometry` and `crs` where it is one of shapes."""

    columns: Mapping[str, Column | Cells | Shapes]
    dtypes: Mapping[str, str]
    rows: int
    geometry: str | None = None
    crs: str | None = None

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Table:
        """Of a frame, whose index is dropped."""
        placed = isinstance(frame, gpd.GeoDataFrame)
        return cls(
            {str(name): column_of(np.asarray(frame[name].array)) for name in frame},
            {str(name): str(dtype) for name, dtype in frame.dtypes.items()},
            len(frame),
            str(frame.geometry.name) if placed else None,
            frame.crs.to_string() if placed and frame.crs is not None else None,
        )

    def at(self, rows: Ints) -> Any:
        """Some rows as a frame."""
        shapes = None if self.geometry is None else self.columns[self.geometry].at(rows)
        plain = {
            name: pd.Series(column.at(rows), dtype=self.dtypes[name])
            for name, column in self.columns.items()
            if name != self.geometry
        }
        table = pd.DataFrame(plain, index=pd.RangeIndex(len(rows)))
        if self.geometry is None:
            return table
        placed = table.assign(**{self.geometry: shapes})[list(self.columns)]
        return gpd.GeoDataFrame(placed, geometry=self.geometry, crs=self.crs)


TABLE_RECORDS = (Heap, Cells, Shapes, Column, Table)
