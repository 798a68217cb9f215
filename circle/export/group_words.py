"""What people call a group of residents, told from its key: for map, report and words on the screen alike.

Files for other programs keep the key.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from circle.messages import catalogue, text

_OLDEST = 130
_SAME = {
    "kids": "children", "child": "children", "seniors": "elderly", "old": "elderly", "older_people": "elderly",
    "female": "women", "females": "women", "male": "men", "males": "men",
}  # fmt: skip
_AGES = (
    (
        r"(?:ages?_|aged_)?(\d{1,3})(?:_?\+|_?plus|_and_(?:over|older|above|more)|_or_(?:over|older|above|more))",
        "and_over",
    ),
    (r"(?:ages?_|aged_)?(\d{1,3})(?:_to_|_|-)(\d{1,3})", "between"),
    (r"(?:ages?_|aged_)?(?:under|below)_?(\d{1,3})", "under"),
)
"""Whole keys, in small letters with underscores for spaces and dashes of one kind."""


def group_name(group: str, lang: str) -> str:
    """A group in words; as it is written, with spaces for underscores, where nothing is known of it.

    Examples
    --------
    >>> group_name("elderly", "zh"), group_name("all", "en"), group_name("学生", "en")
    ('老年人', 'all residents', '学生')
    >>> group_name("aged_60_and_over", "en"), group_name("60_plus", "zh"), group_name("0_14", "en")
    ('aged 60 and over', '60 岁及以上', 'aged 0–14')
    >>> group_name("without_a_car", "en")
    'without a car'
    """
    key = re.sub(r"[\s_]+", "_", unicodedata.normalize("NFKC", group).casefold().strip())
    key = re.sub(r"_?[-–—~]_?", "-", key)
    known = f"group.{_SAME.get(key, key)}"
    if known in catalogue():
        return text(known, lang)
    for pattern, meaning in _AGES:
        found = re.fullmatch(pattern, key)
        ages = [int(age) for age in found.groups()] if found else []
        if ages and ages == sorted(set(ages)) and ages[-1] <= _OLDEST:
            return text(f"group_ages.{meaning}", lang, first=ages[0], last=ages[-1])
    return group.replace("_", " ").strip() or group


def group_names(groups: Sequence[str], lang: str) -> list[str]:
    """The groups in words, no two alike: those that would be keep their keys beside them.

    Examples
    --------
    >>> group_names(["all", "60_plus", "60+"], "en")
    ['all residents', 'aged 60 and over (60_plus)', 'aged 60 and over (60+)']
    """
    names = [group_name(group, lang) for group in groups]
    return [name if names.count(name) == 1 else f"{name} ({group})" for name, group in zip(names, groups, strict=True)]
