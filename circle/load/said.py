"""What the libraries below say of a file, in the reader's words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from circle.messages import text
from circle.reference import table


@dataclass(frozen=True)
class Said:
    """A sentence of GDAL, GEOS or the system within a message.

    ``library_words.toml`` knows what the common ones mean; others are quoted.

    Examples
    --------
    >>> Said("Ring Self-intersection[118.9 28.9]").in_language("en")
    'the outline touches or crosses itself at 118.9, 28.9'
    >>> Said("Some new complaint").in_language("zh")
    '读取程序的原话：“Some new complaint”'
    """

    sentence: str

    def in_language(self, lang: str) -> str:
        """The meaning, or the quoted words."""
        for row in table("library_words")["sentences"]:
            match = re.search(row["pattern"], self.sentence, re.IGNORECASE)
            if match:
                return text(f"library.{row['means']}", lang, **match.groupdict())
        return text("library.quoted", lang, sentence=self.sentence)
