"""Where the header of a list stands, and which rows below are no records: totals, remarks, the header once more."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np

from circle import reference
from circle.lazily import pd
from circle.load.columns import found_in, normal_header, only_texts, plain_text, rows_listed, texts
from circle.load.located import Located
from circle.model import Bools

HEADER_WITHIN = 20
"""How many rows are looked at for the header."""

_TOTAL = re.compile(
    r"[\W\d]*[\u4e00-\u9fff]{0,8}?(合计|小计|总计|共计)([(:].*|\d+[所个家处人名]?)?\W*"
    r"|\W*((grand|sub)[-]?)?totals?\W*|sum:?"
)
_REMARK_WORDS = (
    "注|附注|备注|说明|填表|填表人|填报|填报人|填报单位|填报日期|制表|制表人|制表单位|制表日期|审核|审核人|复核|复核人"
    "|负责人|单位负责人|联系电话|联系人|数据来源|资料来源|来源|note|notes|remark|remarks|source|sources"
)
_REMARK = re.compile(rf"({_REMARK_WORDS})\d*[:.、].*")
_SPACED = "|".join(r"\s*".join(word) for word in _REMARK_WORDS.split("|"))
_MAY_END = (
    r"计\s*([(（:：\pN].*)?[^\pL\pN]*$|^[^\pL\pN]*注|(?i)total|^[^\pL\pN]*sum[^\pL\pN]*$"
    rf"|^\s*({_SPACED})[\s\pN]*[:：.．、]|^[^\pL\pN]*[ａ-ｚ]+\s*[:：]"
)
"""Cheap, for every cell: whether it can be the word of a total or a remark at all."""


def filled(cell: object) -> bool:
    """Whether a cell holds anything but blanks."""
    return not (
        cell is None or cell is pd.NA or (isinstance(cell, float) and np.isnan(cell)) or str(cell).strip() == ""
    )


def recognised(headers: Sequence[object]) -> int:
    """How many cells are headers that circle knows.

    >>> recognised(["名称", "经度", "第三列", None])
    2
    """
    return sum(isinstance(cell, str) and normal_header(cell)[0] in _known_headers() for cell in headers)


def find_header(head: Sequence[Sequence[object]]) -> tuple[int, list[str]]:
    """The last row of the header, and the columns' names; a column without one is called ``""``.

    The header is the first row with several cells, unless a later one has more headers that circle knows: titles above
    the header (merged cells, "unit: education office") are no header. A header of two rows is read as one.

    Parameters
    ----------
    head
        The first rows of the sheet.

    Examples
    --------
    >>> find_header([["Schools of the county", None], ["by", "office", 2024], ["name", "lon", "lat"], ["A", 1, 2]])
    (2, ['name', 'lon', 'lat'])
    >>> find_header([["名称", "坐标", None], [None, "经度", "纬度"], ["一小", 118.9, 28.9]])
    (1, ['名称', '经度', '纬度'])
    """
    rows = [list(row) for row in head]
    counts = [sum(map(filled, row)) for row in rows]
    first = next((i for i, count in enumerate(counts) if count > 1), int(np.argmax(np.asarray(counts) > 0)))
    known = [recognised(row) for row in rows]
    best = int(np.argmax(known))
    header = best if known[best] > max(known[first], 1) else first
    last, names = header, rows[header]
    for upper in (header, header - 1):
        if upper >= 0 and upper + 1 < len(rows) and counts[upper] > 1:
            joint = _two_rows(rows[upper], rows[upper + 1])
            if joint is not None and recognised(joint) > recognised(names):
                last, names = upper + 1, joint
    return last, [str(cell).strip() if filled(cell) else "" for cell in names]


def without_totals(table: pd.DataFrame, at: Located, *, keep_totals: bool = False) -> pd.DataFrame:
    """The records only; rows of totals and remarks, and a header that is printed again, are left out and told.

    Parameters
    ----------
    table
        Named columns; its index holds the row numbers that users see.
    keep_totals
        Leave rows of totals in, for who checks them against their rows.
    """
    total, remark, again = _marked(table)
    total &= not keep_totals
    for code, mask in (("table.totals", total), ("table.remarks", remark), ("table.header_again", again)):
        if mask.any():
            rows = rows_listed(table.index[mask], _first_texts(table[mask]))
            at.note(code, count=int(mask.sum()), rows=rows)
    return table[~(total | remark | again)]


def _marked(table: pd.DataFrame) -> tuple[Bools, Bools, Bools]:
    cells = table.iloc[:, :4].to_numpy(dtype=object)
    total, remark, again = (np.zeros(len(table), dtype=bool) for _ in range(3))
    heads = [str(name) for name in table.columns[:4]]
    row_of = table.to_numpy(dtype=object)
    doubtful = np.asarray(cells[:, :1] == heads[:1], dtype=bool).any(axis=1)
    for column in cells.T:
        doubtful |= found_in(only_texts(column), _MAY_END)
    for i in np.flatnonzero(doubtful).tolist():
        there = [cell for cell in cells[i] if filled(cell)][:2]
        words = [_plain(cell) for cell in there if isinstance(cell, str)]
        several = sum(map(filled, row_of[i]))
        same = [str(a).strip() == b for a, b in zip(cells[i], heads, strict=True) if filled(a)]
        again[i] = len(same) > 1 and all(same)
        total[i] = not again[i] and any(_TOTAL.fullmatch(word) for word in words)
        remark[i] = not total[i] and several <= 3 and any(_REMARK.fullmatch(word) for word in words[:1])
    return total, remark, again


def _plain(cell: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", cell).casefold())


def _first_texts(rows: pd.DataFrame) -> list[str]:
    """What stands in rows, for a message."""
    columns = [texts(rows.iloc[:, i]) for i in range(rows.shape[1])]
    return ["; ".join(cell for cell in row if cell is not None) for row in zip(*columns, strict=True)]


def _two_rows(upper: Sequence[object], lower: Sequence[object]) -> list[object] | None:
    """A header of two rows as one: the lower cell where there is one; None where the lower row is a record."""
    if not all(isinstance(cell, str) for cell in lower if filled(cell)):
        return None
    if any(recognised([a]) and filled(b) and not recognised([b]) for a, b in zip(upper, lower, strict=True)):
        return None
    return [b if filled(b) else a for a, b in zip(upper, lower, strict=True)]


@cache
def _known_headers() -> frozenset[str]:
    rows = reference.table("header_aliases").values()
    return frozenset(normal_header(alias)[0] for row in rows for alias in row["aliases"])


def called_totals(frame: pd.DataFrame) -> Bools:
    """(n,) rows with a cell that is a word for a total, or that begin with one."""
    words = {plain_text(word) for word in reference.table("census")["totals"]}
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    cells = plain.to_numpy(dtype=object)
    said = [any(isinstance(cell, str) and plain_text(cell).strip(":") in words for cell in row) for row in cells]
    return np.array(said, dtype=bool) | _marked(plain)[0]
