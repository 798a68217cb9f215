"""Headers of which a shapefile has kept ten bytes: 学校名 of 学校名称, Denominaci of Denominación."""

from __future__ import annotations

from collections.abc import Iterable

HEADER_BYTES = 10
"""What a .dbf holds of a header; files made from a shapefile keep the short ones."""


def is_cut_from(header: str, whole: str) -> bool:
    """Whether `header` is what ten bytes leave of `whole`, in UTF-8 or in GBK.

    Examples
    --------
    Three Chinese signs of three bytes, or five of two:

    >>> [is_cut_from(header, "所属乡镇名称") for header in ("所属乡", "所属乡镇名", "所属", "所属乡镇名称")]
    [True, True, False, False]
    >>> is_cut_from("FACILITY_N", "facility name"), is_cut_from("facility", "facility name")
    (True, False)
    """
    plain, wanted = header.strip().casefold(), whole.strip().casefold().replace(" ", "_")
    cuts = set()
    for codec in ("utf-8", "gb18030"):
        written = wanted.encode(codec)
        if len(written) > HEADER_BYTES:
            cuts.add(written[:HEADER_BYTES].decode(codec, "ignore"))
    return plain in cuts


def cut_header(headers: Iterable[str], whole: str) -> str | None:
    """The only header that is cut from `whole`; None where there is none, or several.

    >>> cut_header(["编号", "所属乡"], "所属乡镇名称"), cut_header(["a"], "name")
    ('所属乡', None)
    """
    found = [header for header in headers if is_cut_from(header, whole)]
    return found[0] if len(found) == 1 else None
