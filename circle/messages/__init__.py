"""The message catalogue: every sentence that a user reads, in Chinese and English, as data.

Each ``*.toml`` file in this folder holds entries ``[area.name]`` with an ``en`` and a ``zh`` text and ``{named}``
places. Code names an entry and gives values; no sentence and no choice of language stands in code.

``{count:row is|rows are}`` is the form that the number `count` asks for; the rules are those of `PLURALS`.
A value that has words of its own in each language (a method ``in_language``) says them itself.
"""

from __future__ import annotations

import gettext
import locale
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Plurals:
    """The forms that a word takes with numbers in one language.

    Parameters
    ----------
    categories
        Their names in CLDR, by which a browser chooses, in the order in which texts give them.
    rule
        Which of them stands with the whole number ``n``, counted from 0: an expression as in the header of gettext.
    """

    categories: tuple[str, ...]
    rule: str


PLURALS = {"en": Plurals(("one", "other"), "n != 1"), "zh": Plurals(("other",), "0")}


@dataclass(frozen=True)
class Tally:
    """How often each of some entries was met: values of one area of the catalogue, most first.

    Examples
    --------
    >>> Tally("left_out", {"not_built": 2, "access_denied": 7}).in_language("zh")
    '禁止行人通行 7、尚未建成或已不存在 2'
    """

    area: str
    counts: Mapping[str, int]

    def in_language(self, lang: str) -> str:
        """Each entry with its count."""
        ordered = sorted(((n, name) for name, n in self.counts.items() if n), key=lambda item: (-item[0], item[1]))
        said = [text("words.counted", lang, what=text(f"{self.area}.{name}", lang), count=n) for n, name in ordered]
        return text("words.list_joint", lang).join(said) or text("words.none", lang)


@dataclass(frozen=True)
class Terms:
    """Some entries of one area of the catalogue, as a list.

    Examples
    --------
    >>> Terms("shape", ("point", "polygon")).in_language("zh")
    '点、面'
    """

    area: str
    names: tuple[str, ...]

    def in_language(self, lang: str) -> str:
        """The entries."""
        said = [text(f"{self.area}.{name}", lang) for name in self.names]
        return text("words.list_joint", lang).join(said) or text("words.none", lang)


COUNTS = frozenset(
    {"count", "total", "buildings", "unknown", "inside", "outside", "remaining", "pieces", "lacking", "facilities",
     "places", "sites", "districts", "settlements", "services", "edges", "nodes"}
)  # fmt: skip
"""Places of sentences that hold how many there are, and never a code or a year."""


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All entries by their dotted key.

    Examples
    --------
    >>> sorted(catalogue()["file.missing"])
    ['en', 'zh']
    """
    entries: dict[str, dict[str, str]] = {}
    for resource in sorted(files(__package__).iterdir(), key=lambda r: r.name):
        if resource.name.endswith(".toml"):
            for area, names in tomllib.loads(resource.read_text(encoding="utf-8")).items():
                entries.update({f"{area}.{name}": texts for name, texts in names.items()})
    return entries


def text(key: str, lang: str, /, **values: object) -> str:
    """The sentence `key` in the language `lang`, with its places filled.

    Raises
    ------
    KeyError
        If the catalogue has no such entry or a value for one of its places is missing: a fault of ours, held by tests.
    """
    said = {name: _counted(value) if name in COUNTS else value for name, value in values.items()}
    return catalogue()[key][lang].format_map({name: _Said(value, lang) for name, value in said.items()})


def _counted(value: object) -> object:
    """Whole numbers of things with a mark for thousands, wherever they are said: "1,116 facilities"."""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value


def plural_form(number: object, lang: str) -> int:
    """Which form of a word stands with a number as it is shown; what is no whole number takes the last.

    Examples
    --------
    >>> [plural_form(shown, "en") for shown in (1, "1", "<1", 0, 2, "1,001", "1.0", 1.5)]
    [0, 0, 0, 1, 1, 1, 1, 1]
    >>> plural_form(2, "zh")
    0
    """
    digits = str(number).replace(",", "").removeprefix("<")
    return _plural_rule(lang)(int(digits)) if digits.isdecimal() else PLURALS[lang].categories.index("other")


@cache
def _plural_rule(lang: str) -> Callable[[int], int]:
    rule: Callable[[int], int] = gettext.c2py(PLURALS[lang].rule)
    return rule


@dataclass(frozen=True)
class _Said:
    """A value on its way into a sentence of one language."""

    value: object
    lang: str

    def __format__(self, spec: str) -> str:
        """The value, or the one of ``several|forms`` that stands with it."""
        if "|" in spec:
            return spec.split("|")[plural_form(self.value, self.lang)]
        speak = getattr(self.value, "in_language", None)
        return format(self.value if speak is None else speak(self.lang), spec)


def reader_language(environment: dict[str, str] | None = None) -> str:
    """``"zh"`` where the locale is Chinese, else ``"en"``.

    Examples
    --------
    >>> reader_language({"LANG": "zh_CN.UTF-8"}), reader_language({"LC_ALL": "de_DE.UTF-8"})
    ('zh', 'en')
    """
    env = os.environ if environment is None else environment
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if env.get(name):
            return "zh" if env[name].lower().startswith("zh") else "en"
    if environment is None and (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")):
        return "zh"
    return "en"
