"""Which column of a table means what, and its cells as numbers or text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import cache
from itertools import zip_longest
from typing import Any

import numpy as np
import numpy.typing as npt

from circle import reference
from circle.errors import Listed
from circle.lazily import gpd, pa, pc, pd
from circle.load.located import Located
from circle.load.short_names import cut_header, is_cut_from
from circle.messages import Terms
from circle.model import Bools, Floats

SHOWN = 10
"""How many rows a message lists before it only counts them."""

_EMPTY = frozenset({"", "[]", "nan", "none", "null", "n/a", "#n/a", "-", "—", "/", "无", "\\n"})
_LONGEST_EMPTY = max(map(len, _EMPTY))
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff]")
"""Signs without width that come with what is copied from web pages; nobody can see them, so they are left out."""
_NAME_OF_OTHERS = re.compile(
    r"(所属|所在|主管|上级|隶属|曾用|原|英文|法人|负责人|联系人|行政|区划|类型|类别|图层|文件).*名称"
    r"|(省份?|地?市|城市|县|区|区县|县区|县市|乡|镇|乡镇|街道|社区|村|行政村|自然村|道路|街路|街巷)名称"
    r"|(province|city|county|district|town|village|street|road|user|file|layer|type|class|contact|person|first|last"
    r"|english|old|alt|int|official|short).*name"
)
"""Headers, as `normal_header` leaves them, of the name of something else than the place of a row."""
_DATUMS = {
    "wgs84": "wgs84",
    "cgcs2000": "wgs84",
    "gcj02": "gcj02",
    "火星": "gcj02",
    "高德": "gcj02",
    "bd09": "bd09",
    "百度": "bd09",
}


@cache
def normal_header(header: object) -> tuple[str, str | None]:
    """A header without what does not matter, and the datum that it names, if any.

    Examples
    --------
    >>> normal_header("Ｘ坐标 (度)"), normal_header("GCJ02_lon"), normal_header("床位数（张）")
    (('x坐标', None), ('lon', 'gcj02'), ('床位数', None))
    """
    plain = re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", _INVISIBLE.sub("", str(header))).casefold())
    datum = next((named for word, named in _DATUMS.items() if word in plain), None)
    for word in _DATUMS:
        plain = plain.replace(word, "")
    return re.sub(r"\([^)]*\)|\[[^\]]*\]", "", plain), datum


def plain_text(text: str) -> str:
    """A name or word without case, spaces and full-width forms: what makes two of them the same.

    >>> plain_text("Ｎｏ. 1 小学")
    'no.1小学'
    """
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def find_column(frame: pd.DataFrame, meaning: str, given: str | None = None, crs: str | None = None) -> str | None:
    """The column with a meaning of ``header_aliases.toml``: the `given` one if it is there, else by its header.

    Where a table has one column per datum, that of `crs` is taken.

    Examples
    --------
    >>> table = pd.DataFrame(columns=["校名", "gcj02_lon", "wgs84_lon"])
    >>> find_column(table, "name"), find_column(table, "lon", crs="gcj02"), find_column(table, "lon", crs="EPSG:4326")
    ('校名', 'gcj02_lon', 'wgs84_lon')
    """
    headers = [str(column) for column in frame.columns if column != "geometry"]
    if given is not None:
        wanted = normal_header(given)
        alike = given if given in headers else next((h for h in headers if normal_header(h) == wanted), None)
        return alike or cut_header(headers, given)
    datum = crs if crs in ("gcj02", "bd09") else "wgs84"
    normal = [normal_header(header) for header in headers]
    for alias in reference.table("header_aliases")[meaning]["aliases"]:
        word = normal_header(alias)[0]
        for tag in (datum, None):
            if (word, tag) in normal:
                return headers[normal.index((word, tag))]
    cut = (cut_header(headers, alias) for alias in reference.table("header_aliases")[meaning]["aliases"])
    found = next((header for header in cut if header is not None), None)
    if found is not None or meaning != "name":
        return found
    names = name_headers(headers)
    return names[0] if len(names) == 1 else None


def name_headers(headers: Iterable[object]) -> list[str]:
    """The headers that call something the name of a place, whatever kind of place; not those of what it belongs to.

    >>> name_headers(["POI名称", "所属乡镇名称", "类型名称", "clinic_name", "English name"])
    ['POI名称', 'clinic_name']
    """
    plain = {str(header): normal_header(header)[0] for header in headers}
    return [
        header
        for header, word in plain.items()
        if word.endswith(("名称", "name")) and not _NAME_OF_OTHERS.fullmatch(word) and word not in _other_headers()
    ]


@cache
def _other_headers() -> frozenset[str]:
    rows = reference.table("header_aliases").items()
    return frozenset(normal_header(alias)[0] for key, row in rows if key != "name" for alias in row["aliases"])


def need_column(
    frame: pd.DataFrame, meaning: str, given: str | None, at: Located, *, key: str | None = None, crs: str | None = None
) -> str | None:
    """As `find_column`; a missing column is an error that lists those there are.

    `key` is how the column is named in region.toml, where that is not `meaning`.
    """
    column = find_column(frame, meaning, given, crs)
    if column is None:
        words = reference.table("header_aliases")[meaning]
        at.error(
            "table.column_missing",
            wanted=f"“{given}”" if given else f"{words['zh']} ({words['en']})",
            found=", ".join(str(c) for c in frame.columns if c != "geometry") or "-",
            example=f'{key or meaning} = "{_example(frame, meaning, given)}"',
        )
    elif list(frame.columns).count(column) > 1:
        at.error("table.column_twice", column=column)
        return None
    elif given is not None and is_cut_from(column, given):
        at.note("shapefile.header_cut", column=column, wanted=given)
    return column


def _example(frame: pd.DataFrame, meaning: str, given: str | None) -> str:
    """A header to show to who named one that is not there: the most like it, else the recognised one, else any."""
    headers = [str(column) for column in frame.columns if column != "geometry"]
    if given is None or not headers:
        return str(reference.table("header_aliases")[meaning]["aliases"][0])
    return nearest_header(given, headers) or find_column(frame, meaning) or headers[0]


def nearest_header(given: str, headers: Sequence[str]) -> str | None:
    """The header that `given` was probably meant for.

    >>> nearest_header("65岁以上", ["常住人口", "60岁以上"]), nearest_header("代码", ["乡镇", "区划代码"])
    ('60岁以上', '区划代码')
    """
    within = [header for header in headers if given in header or header in given]
    return next(iter(get_close_matches(given, headers, n=1) or within), None)


def optional_column(
    frame: pd.DataFrame, meaning: str, given: str | None, at: Located, *, key: str | None = None
) -> str | None:
    """As `need_column` where the user named the column; else None is an answer."""
    if given is not None:
        return need_column(frame, meaning, given, at, key=key)
    column = find_column(frame, meaning)
    return None if column is None or list(frame.columns).count(column) > 1 else column


def texts(cells: pd.Series[Any]) -> npt.NDArray[np.object_]:
    """Cells as text; None where empty. Whole numbers lose the ``.0`` that workbooks give them.

    Examples
    --------
    >>> texts(pd.Series([" 中心小学 ", 330825100001.0, "", None, "[]"], dtype=object)).tolist()
    ['中心小学', '330825100001', None, None, None]
    """
    return texts_of(cells.to_numpy(dtype=object))


def texts_of(cells: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """As `texts`, of plain cells."""
    found = np.empty(len(cells), dtype=object)
    found[:] = [_text(cell) for cell in cells]
    return found


def numbers(cells: pd.Series[Any], at: Located) -> Floats:
    """Cells as numbers; NaN where empty or no number. What is not a number is listed with row and value.

    Full-width digits and thousands separators are understood.

    Parameters
    ----------
    cells
        One column; its index holds the row numbers that the user's program shows, its name the header.

    Examples
    --------
    >>> from circle.errors import Findings
    >>> at = Located(Findings(), "clinics.csv")
    >>> numbers(pd.Series(["1,200", "１２", "", "many"], index=[2, 3, 4, 5], name="beds"), at).tolist()
    [1200.0, 12.0, nan, nan]
    >>> at.findings.problems[0].fields["cells"]
    '5: “many”'
    """
    values, bad = parse_numbers(cells)
    if bad.any():
        at.warn("table.text_in_number", column=str(cells.name), count=int(bad.sum()), cells=listed(cells[bad]))
    return values


def parse_numbers(cells: pd.Series[Any]) -> tuple[Floats, Bools]:
    """Cells as numbers, and where there is something that is no finite number."""
    values = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan).copy()
    values[~np.isfinite(values)] = np.nan
    bad = np.zeros(len(cells), dtype=bool)
    for i in np.flatnonzero(np.isnan(values)):
        text = _text(cells.iloc[i])
        if text is None:
            continue
        plain = unicodedata.normalize("NFKC", text).replace(" ", "")
        if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", plain):
            plain = plain.replace(",", "")
        if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", plain):
            values[i] = float(plain)
        bad[i] = not np.isfinite(values[i])
    values[bad] = np.nan
    return values, bad


def listed(cells: pd.Series[Any]) -> Listed:
    """The first rows with their values, for a message; knows all of them."""
    shown = [f"{row}: “{_short(cell)}”" for row, cell in cells.iloc[:SHOWN].items()]
    return Listed(", ".join(shown) + (", …" if len(cells) > SHOWN else ""), cells.index, cells)


def rows_listed(rows: npt.ArrayLike, values: Iterable[object] = ()) -> Listed:
    """The first row numbers, for a message; knows all of them, and what stands there, which is shown too.

    >>> rows_listed([3, 5]), rows_listed([3, 5], ["一小", ""])
    ('3, 5', '3 “一小”, 5')
    """
    every, cells = np.asarray(rows).tolist(), [str(value) for value in values]
    shown = [f"{row} “{_short(cell)}”" if cell else str(row) for row, cell in zip_longest(every, cells, fillvalue="")]
    return Listed(", ".join(shown[:SHOWN]) + (", …" if len(every) > SHOWN else ""), every, cells)


def shape_kinds(frame: gpd.GeoDataFrame) -> Terms:
    """Which kinds of shapes a layer holds, for a message."""
    return Terms("shape", tuple(sorted(frame.geom_type.dropna().str.lower().unique())))


def _short(cell: object) -> str:
    text = str(cell)
    return text if len(text) <= 40 else text[:37] + "..."


def _text(cell: object) -> str | None:
    if type(cell) is str:
        text = (cell if cell.isascii() else _INVISIBLE.sub("", cell)).strip()
        return text if len(text) > _LONGEST_EMPTY or text.casefold() not in _EMPTY else None
    if cell is None or (isinstance(cell, float) and not np.isfinite(cell)) or cell is pd.NA:
        return None
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    text = str(cell).strip()
    return None if text.casefold() in _EMPTY else text


def only_texts(cells: npt.NDArray[np.object_]) -> pa.Array:
    """The cells that are text, for searches in all of them at once; null elsewhere.

    >>> only_texts(np.array(["a", 1.0, None], dtype=object)).to_pylist()
    ['a', None, None]
    """
    try:
        return pa.array(cells, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):  # numbers among them
        return pa.array([cell if type(cell) is str else None for cell in cells], pa.string())


def found_in(cells: pa.Array, pattern: str) -> Bools:
    """In which cells a regular expression (RE2) is found; not in null ones."""
    found = pc.fill_null(pc.match_substring_regex(cells, pattern=pattern), False)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)
