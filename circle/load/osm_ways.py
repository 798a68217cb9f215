"""The ways of an extract with the positions of their nodes.

osmium writes them as OSM XML without a Python object being made, and the text becomes arrays by the block. That takes a
third of the time of asking every way for its nodes, and a county's ways are most of its extract. (Its other text
format, OPL, is smaller, but a name that is not UTF-8 aborts the process that writes it.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from xml.sax.saxutils import quoteattr, unescape

import numpy as np
import osmium

from circle.model import Floats, Ints

Tags = tuple[tuple[str, str], ...]
"""Key and value of the tags that were asked for, in the order of the file."""

BLOCK_BYTES = 1 << 24
_BEGIN, _END = b"<way ", b"</way>"
_LOST = re.compile(rb'(<nd ref="-?\d+")/>')
_NOWHERE = rb'\1 lat="999" lon="999"/>'
_NO_NUMBERS = b'<>ndreflatlon="/'
_ENTITIES = {"&quot;": '"', "&apos;": "'", "&#xA;": "\n", "&#xD;": "\r", "&#x9;": "\t"}


class Way(NamedTuple):
    """A way: `tags` as far as asked for, `refs` (n,) of its nodes, `lonlat` (n, 2) degrees.

    Where not `whole`, the file lacks nodes: their `lonlat` is NaN.
    """

    way_id: int
    tags: Tags
    refs: Ints
    lonlat: Floats
    whole: bool


class WayReader:
    """Reads the ways that have one of `keys`, with the tags of `tags`."""

    def __init__(self, keys: Sequence[str], tags: Sequence[str]) -> None:
        self.bad_text = 0
        self._keys = tuple(dict.fromkeys(keys))
        asked = b"|".join(re.escape(quoteattr(tag)[1:-1].encode()) for tag in dict.fromkeys(tags))
        self._pairs = re.compile(b'<tag k="(' + asked + b')" v="([^"]*)"')
        self._met: dict[tuple[tuple[bytes, bytes], ...], Tags | None] = {}

    def read(self, file: str) -> Iterator[Way]:
        """The ways in the order of the file; those whose tags asked for are not UTF-8 are counted in `bad_text`."""
        with TemporaryDirectory(prefix="circle-") as folder:
            text = Path(folder, "ways.osm")
            self._write(file, text)
            with text.open("rb") as blocks:
                rest = b""
                while block := blocks.read(BLOCK_BYTES):
                    whole, end, rest = (rest + block).rpartition(_END)
                    yield from self._of_block((whole + end).split(_BEGIN)[1:])

    def _write(self, file: str, text: Path) -> None:
        locations = osmium.NodeLocationsForWays(osmium.index.create_map("flex_mem"))
        locations.ignore_errors()
        filters = osmium.filter.EntityFilter(osmium.osm.WAY), osmium.filter.KeyFilter(*self._keys)
        target = osmium.io.File(str(text), "osm,add_metadata=none,locations_on_ways=true")
        with (
            osmium.SimpleWriter(target) as writer,
            osmium.io.Reader(file, osmium.osm.NODE | osmium.osm.WAY) as reader,
        ):
            osmium.apply(reader, locations, *filters, writer)

    def _of_block(self, ways: list[bytes]) -> Iterator[Way]:
        """Ways that are written as ``id="1"> <nd …/> <nd …/> <tag …/> </way>``."""
        parts = [way[way.index(b">") + 1 :].partition(b"<tag") for way in ways]
        count = np.array([nodes.count(b"<nd") for nodes, _, _ in parts], dtype=np.int64)
        refs, lonlat = _numbers([nodes for nodes, _, _ in parts], count.tolist())
        end = np.cumsum(count)
        lost = np.concatenate([[0], np.cumsum(np.isnan(lonlat[:, 0]))])
        complete = (lost[end] == lost[end - count]).tolist()
        start = 0
        for way, (_, tag, tags), stop, whole in zip(ways, parts, end.tolist(), complete, strict=True):
            asked = self._asked_for(tag + tags)
            if asked is None:
                self.bad_text += 1
            else:
                way_id = int(way[len(b'id="') : way.index(b'"', len(b'id="'))])
                yield Way(way_id, asked, refs[start:stop], lonlat[start:stop], whole)
            start = stop

    def _asked_for(self, text: bytes) -> Tags | None:
        """The tags asked for, None where one is not UTF-8; few combinations occur, so they are remembered."""
        pairs = tuple(self._pairs.findall(text))
        try:
            return self._met[pairs]
        except KeyError:
            return self._met.setdefault(pairs, _read_tags(pairs))


def _numbers(ways: Sequence[bytes], counts: Sequence[int]) -> tuple[Ints, Floats]:
    """References and positions of the nodes of ways as they are written; NaN for those without a position on earth.

    >>> _numbers([b'<nd ref="12" lat="29.1" lon="118.5"/> <nd ref="13"/>'], [2])
    (array([12, 13]), array([[118.5,  29.1],
           [  nan,   nan]]))
    """
    if not any(counts):
        return np.empty(0, np.int64), np.empty((0, 2))  # of blanks alone numpy makes a number
    complete = [
        nodes if nodes.count(b" lat=") == count else _LOST.sub(_NOWHERE, nodes)
        for nodes, count in zip(ways, counts, strict=True)
    ]
    # numbers of nodes are exact in doubles up to 9e15
    values = np.fromstring(b"".join(complete).translate(None, _NO_NUMBERS), sep=" ").reshape(-1, 3)
    lonlat = values[:, :0:-1].copy()
    lonlat[(np.abs(lonlat) > (180.0, 90.0)).any(axis=1)] = np.nan
    return values[:, 0].astype(np.int64), lonlat


def _read_tags(pairs: tuple[tuple[bytes, bytes], ...]) -> Tags | None:
    """Tags as text, None where one is not UTF-8.

    >>> _read_tags(((b"highway", b"steps"), (b"name", "&lt;中&quot;&amp;quot;".encode())))
    (('highway', 'steps'), ('name', '<中"&quot;'))
    """
    try:
        return tuple((key.decode(), unescape(value.decode(), _ENTITIES)) for key, value in pairs)
    except UnicodeDecodeError:
        return None
