"""Lists whose names are not found: the facilities would be numbers, and duplicates could not be merged."""

from __future__ import annotations

from circle.lazily import gpd
from circle.load.columns import name_headers, texts
from circle.load.header_rows import recognised
from circle.load.located import Located


def tell_of_names(frame: gpd.GeoDataFrame, at: Located) -> None:
    """Warn where a list without a column of names has one that could be meant: several so called, or other text."""
    headers = [str(column) for column in frame.columns if column != "geometry"]
    alike = name_headers(headers)
    could = alike if len(alike) > 1 else [head for head in dict.fromkeys(headers) if _could_be(frame, head)]
    if could:
        at.warn("facilities.names_several" if len(alike) > 1 else "facilities.no_names", columns=", ".join(could))


def _could_be(frame: gpd.GeoDataFrame, header: str) -> bool:
    """Whether a column that means nothing else holds text, mostly different from row to row."""
    if recognised([header]) or header.startswith("#") or header not in frame.columns:
        return False
    cells = frame[header]
    if cells.ndim > 1:
        return False
    words = [cell for cell in texts(cells) if cell is not None and any(sign.isalpha() for sign in cell)]
    return len(words) > len(frame) / 2 and len(set(words)) > len(words) / 2
