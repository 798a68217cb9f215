"""Columns beside the total that count people of some ages, for the proposal of a region file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_SHARE = re.compile(r"占比|比例|比重|率|%|％|(?<![a-z])(share|percent|ratio|rate)(?![a-z])|密度|density")
_AGES = (
    (r"(\d{1,3})(?:周?岁)?(?:及|或)?以上", "aged_{0}_and_over"),
    (r"(?:aged?|over)[ _]?(\d{1,3})(?:\+|_?plus| and over|$)|^(\d{1,3})\+", "aged_{0}_and_over"),
    (r"(\d{1,3})(?:周?岁)?\s*[-~–—至到_]\s*(\d{1,3})(?:周?岁|$|[ _(（人]|years?)", "aged_{0}_to_{1}"),
    (r"(\d{1,3})(?:周?岁)?(?:及|或)?以下|under[ _]?(\d{1,3})", "aged_under_{0}"),
)
_WORDS = {
    "elderly": ("老年人", "老年人口", "老人", "elderly", "seniors"),
    "children": ("儿童", "少儿", "少年儿童", "学龄儿童", "children"),
    "women": ("女性", "女", "女性人口", "female", "women"),
    "men": ("男性", "男", "男性人口", "male", "men"),
}


def group_columns(headers: Iterable[str]) -> dict[str, str]:
    """Group to column, in the order of the columns; shares are no counts of people.

    Examples
    --------
    >>> group_columns(["常住人口", "60岁以上", "0-14岁", "60岁以上占比", "老年人口", "2010-2020"])
    {'aged_60_and_over': '60岁以上', 'aged_0_to_14': '0-14岁', 'elderly': '老年人口'}
    """
    groups: dict[str, str] = {}
    for header in headers:
        group = _group_of(header)
        if group is not None:
            groups.setdefault(group, header)
    return groups


def _group_of(header: str) -> str | None:
    plain = unicodedata.normalize("NFKC", header).casefold().strip()
    if _SHARE.search(plain):
        return None
    for pattern, name in _AGES:
        found = re.search(pattern, plain)
        ages = [int(age) for age in found.groups() if age is not None] if found else []
        if ages and max(ages) <= 120:
            return name.format(*ages)
    bare = re.sub(r"\([^)]*\)|[_ ]|(人)?数$|人口$", "", plain)
    return next((group for group, words in _WORDS.items() if plain in words or bare in words), None)
