"""What places are called: ``Longyou``, ``Longyou County`` and ``龙游县`` may be the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from circle.fetch.area import Place

OSM_ID = re.compile(r"(?P<kind>relation|way|[rRwW])/?(?P<number>\d+)")
"""``relation/123``, ``R123``."""

_KINDS = re.compile(
    r"( (county|district|city|town|township|prefecture|province|municipality|subdistrict|village|xian|shi|qu|zhen))+$"
    r"|(自治县|自治州|自治区|特别行政区|街道|地区|[县縣区區市镇鎮乡鄉省州盟旗])$"
)


def parts_of(asked: str) -> list[str]:
    """The names of an address, the smallest first.

    >>> parts_of("Longyou, Quzhou，China")
    ['Longyou', 'Quzhou', 'China']
    """
    return [part.strip() for part in re.split("[,，、]", asked) if part.strip()]


def plain(name: str) -> str:
    """A name without what differs between two ways of writing it: case, accents, spaces.

    >>> plain(" Lóngyóu  County")
    'longyou county'
    """
    apart = unicodedata.normalize("NFKD", name).casefold()
    return " ".join("".join(ch for ch in apart if not unicodedata.combining(ch)).split())


def stem(name: str) -> str:
    """A plain name without the word for what it is.

    >>> stem("Longyou County"), stem("龙游县"), stem("市")
    ('longyou', '龙游', '市')
    """
    whole = plain(name)
    return _KINDS.sub("", whole) or whole


def called_so(name: str, asked: str) -> bool:
    """Whether the first name of an address may mean this one.

    >>> called_so("Longyou County", "longyou, Quzhou"), called_so("Longyou", "Quzhou")
    (True, False)
    """
    parts = parts_of(asked)
    return bool(parts) and may_be(name, parts[0])


def may_be(name: str, asked: str) -> bool:
    """Whether two names are the same, with or without the word for what is called so.

    A name may end like such a word without it being one: 桐乡 is a city.

    >>> may_be("桐乡市", "桐乡"), may_be("桐乡市", "桐"), may_be("Longyou Xian", "longyou county")
    (True, False, True)
    """
    return not {plain(name), stem(name)}.isdisjoint({plain(asked), stem(asked)})


def listed(places: Sequence[Place]) -> str:
    """Places with what tells them apart."""
    said = []
    for place in places:
        level = f", admin_level {place.admin_level}" if place.admin_level is not None else ""
        said.append(f"{place.said or place.name} ({place.osm_id}{level})")
    return "; ".join(said) or "-"
