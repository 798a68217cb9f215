"""What the words in a list of facilities mean: which service a row offers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from circle import reference
from circle.load.columns import plain_text


def service_of(value: str, mapping: Mapping[str, str] | None) -> str | None:
    """The service that a word of a list means.

    By `mapping` where it is given; else by the words of ``services.toml``, tried on the whole value and then on its
    parts from the last (``科教文化服务;学校;小学``); a plain English key is a service of its own.

    Examples
    --------
    >>> service_of("科教文化服务;学校;小学", None), service_of("noodle_shop", None), service_of("茶馆", None)
    ('primary_school', 'noodle_shop', None)
    >>> service_of("卫生站", {"卫生站": "clinic"})
    'clinic'
    """
    if mapping is not None:
        alike = {plain_text(key): service for key, service in mapping.items()}
        return mapping.get(value) or alike.get(plain_text(value))
    words = _known_words()
    for part in (value, *reversed(re.split(r"[;；|、,，/]", value))):
        if plain_text(part) in words:
            return words[plain_text(part)]
    return value if re.fullmatch(r"[a-z][a-z0-9_]*", value) else None


@cache
def _known_words() -> dict[str, str]:
    words: dict[str, str] = {}
    for key, row in reference.table("services").items():
        for word in (key, *row.get("names", ()), row["zh"], row["en"]):
            words.setdefault(plain_text(word), key)
    return words
