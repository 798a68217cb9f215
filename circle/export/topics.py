"""What columns of a workbook are called and mean, and the words that its cells share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from circle import units
from circle.export.fields import meaning
from circle.export.words import limit_words, service_name
from circle.export.workbook import Column
from circle.messages import LANGUAGES, text
from circle.settings import Limit, Question

FILE = "indicators.xlsx"
TYPES = {"text": "string", "integer": "integer"}


class Columns:
    """Makes columns for one question: headers, meaning and unit come from the catalogue and the table of fields."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._in_time = question.metric == "time"

    def make(
        self,
        entry: str,
        kind: str,
        values: Iterable[Any],
        *,
        service: str = "",
        limit: Limit | None = None,
    ) -> Column:
        """A column; `entry` names it in the catalogue (``workbook.<entry>``) and in the table of fields."""
        at = limit or self._question.main
        unit = "min" if self._in_time else "m"
        words = {
            lang: {
                "service": service_name(service, lang),
                "limit": limit_words(at, self._question, lang),
                "unit": text(f"workbook.unit_{unit}", lang),
            }
            for lang in LANGUAGES
        }
        heads = {lang: text(f"workbook.{entry}", lang, **words[lang]) for lang in LANGUAGES}
        about = meaning(FILE, entry, words, unit)
        return Column(heads, kind, list(values), about={**about, "type": TYPES.get(kind, "number")})

    def cost(self, entry: str, values: Iterable[float], *, service: str = "") -> Column:
        """A column of travel times in minutes, or of distances in metres; never rounded across a limit."""
        limits = [limit.value for limit in self._question.limits]
        if self._in_time:
            limits = [units.s_to_minutes(limit) for limit in limits]
            values = [units.s_to_minutes(value) for value in values]
        column = self.make(entry, "minutes" if self._in_time else "metres", values, service=service)
        return Column(column.heads, column.kind, column.values, tuple(limits), column.about)

    def services(self, keys: Sequence[str | None], entry: str = "service") -> list[Column]:
        """The service of each row in both languages; blank without one."""
        said = [{lang: service_name(key, lang) if key else "" for lang in LANGUAGES} for key in keys]
        return self.in_both(entry, said)

    def in_both(self, entry: str, said: Sequence[dict[str, str]]) -> list[Column]:
        """Two columns of words, Chinese and English."""
        return [self.make(f"{entry}_{lang}", "text", [words[lang] for words in said]) for lang in reversed(LANGUAGES)]


def in_languages(key: str, **values: object) -> dict[str, str]:
    """An entry of the catalogue in every language."""
    return {lang: text(key, lang, **values) for lang in LANGUAGES}
