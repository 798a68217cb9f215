"""The message catalogue: every sentence that a user reads, in Chinese and English, as data.

Each ``*.toml`` file in this folder holds entries ``[area.name]`` with an ``en`` and a ``zh`` text and ``{named}``
places. Code names an entry and gives values; no sentence and no choice of language stands in code.
"""

from __future__ import annotations

import locale
import os
import tomllib
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "zh")


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


def text(key: str, lang: str, **values: object) -> str:
    """The sentence `key` in the language `lang`, with its places filled.

    Raises
    ------
    KeyError
        If the catalogue has no such entry or a value for one of its places is missing: a fault of ours, held by tests.
    """
    return catalogue()[key][lang].format(**values)


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
