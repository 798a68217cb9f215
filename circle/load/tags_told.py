"""By which tags of OpenStreetMap the facilities of an extract were taken for their services, for a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from circle.load.sections import TagAlternatives
from circle.messages import text
from circle.reference import ServiceNames


@dataclass(frozen=True)
class TagsTaken:
    """Services with how many objects were taken for each, and the tags.

    Examples
    --------
    >>> rules = {"clinic": ({"amenity": ("clinic", "hospital")}, {"healthcare": ("*",)})}
    >>> TagsTaken({"clinic": 3}, rules).in_language("en")
    'amenity=clinic/hospital | healthcare=* → Clinic (clinic): 3'
    """

    count: Mapping[str, int]
    rules: Mapping[str, TagAlternatives]

    def in_language(self, lang: str) -> str:
        """All of them, as the decisions on lists are told."""
        said = []
        for service, count in self.count.items():
            ways = [
                " + ".join(f"{tag}={'/'.join(map(str, values))}" for tag, values in way.items())
                for way in self.rules[service]
            ]
            outcome = ServiceNames((service,)).in_language(lang)
            said.append(text("services.decision", lang, rule=" | ".join(ways), outcome=outcome, count=count))
        return text("words.list_joint", lang).join(said)
