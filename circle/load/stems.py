"""What of a name is the site's and what a part's: 龙游县人民医院-急诊 and 龙游县人民医院(东门) are the hospital."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np

from circle.load.columns import plain_text
from circle.model import Bools, Ints
from circle.reference import table

_LEAST = 3
"""Letters that a stem must have: 仁爱门诊部 is a clinic and no part of something called 仁爱."""


class Stem(NamedTuple):
    """A name in plain text; without a known word for a part at its end; and without any bracket or dash at its end."""

    plain: str
    core: str
    bare: str


class StemCodes(NamedTuple):
    """Of n names, (n,) each: numbers, equal where the texts are, -1 without a name; whether a name is all stem."""

    core: Ints
    bare: Ints
    whole: Bools

    def at(self, rows: Ints) -> StemCodes:
        """Of some of the names."""
        return StemCodes(self.core[rows], self.bare[rows], self.whole[rows])


def stem_of(name: str) -> Stem:
    """A name and what is left of it.

    Examples
    --------
    >>> stem_of("龙游县人民医院（东门）").core, stem_of("龙游县人民医院急诊").core, stem_of("仁爱门诊部").core
    ('龙游县人民医院', '龙游县人民医院', '仁爱门诊部')
    >>> stem_of("一小(南校区)")[1:], stem_of("Herlufsholm-Skolen").bare
    (('一小(南校区)', '一小'), 'herlufsholm-skolen')
    """
    plain = plain_text(name)
    core = _cut(_parts(), plain)
    return Stem(plain, core, _cut(_ADDITION, core))


def stem_codes(names: Iterable[str | None]) -> StemCodes:
    """The stems of many names, each looked at once.

    >>> codes = stem_codes(["人民医院", None, "人民医院-急诊"])
    >>> codes.core.tolist(), codes.whole.tolist()
    ([0, -1, 0], [True, True, False])
    """
    every = list(names)
    known = {name: stem_of(name) for name in set(every) if name is not None and plain_text(name)}
    number: dict[str, int] = {}
    for name in every:  # numbered in the order of the list, so that nothing depends on how a set is ordered
        for text in known[name][1:] if name in known else ():
            number.setdefault(text, len(number))
    core = [number[known[name].core] if name in known else -1 for name in every]
    bare = [number[known[name].bare] if name in known else -1 for name in every]
    whole = [name not in known or known[name].plain == known[name].bare for name in every]
    return StemCodes(np.array(core, dtype=np.int64), np.array(bare, dtype=np.int64), np.array(whole, dtype=bool))


_ADDITION = re.compile(r"\([^()]*\)$|【[^【】]*】$|(?<=[\u4e00-\u9fff)])[-–—·].+$")


def _cut(end: re.Pattern[str], text: str) -> str:
    """The text without an end, where enough is left."""
    left = end.sub("", text)
    return left if len(left) >= _LEAST or (end is _ADDITION and left) else text


@cache
def _parts() -> re.Pattern[str]:
    words = table("service_rules")["stem"]["parts"]
    return re.compile(rf"[(【\-–—·]*(?:{words})[)】]*$")
