"""Problems that can be kept and sent: whatever spoke for itself in them is written down in every language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from circle.errors import Problem
from circle.messages import LANGUAGES


@dataclass(frozen=True)
class Worded:
    """What a value of a message says, by language."""

    said: Mapping[str, str]

    def in_language(self, lang: str) -> str:
        """In that language."""
        return self.said[lang]


def worded(problem: Problem) -> Problem:
    """The problem with plain values in it only.

    Examples
    --------
    >>> from circle.errors import Severity
    >>> from circle.messages import Terms
    >>> kept = worded(Problem("a.b", Severity.NOTE, {"kinds": Terms("shape", ("point", "polygon")), "count": 2}))
    >>> kept.fields["kinds"].in_language("zh"), kept.fields["count"]
    ('点、面', 2)
    """
    return replace(problem, fields={name: _plain(value) for name, value in problem.fields.items()})


def _plain(value: object) -> object:
    speak = getattr(value, "in_language", None)
    if speak is not None:
        return Worded({lang: str(speak(lang)) for lang in LANGUAGES})
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
