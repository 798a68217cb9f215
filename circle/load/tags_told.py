"""By which tags of OpenStreetMap the facilities of an extract were taken for their services, for a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from circle.load.sections import FacilitiesSection, TagAlternatives
from circle.messages import text
from circle.model import Facilities
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


def tags_taken(sections: Sequence[FacilitiesSection], facilities: Facilities, file: str) -> TagsTaken | None:
    """How facilities of an extract were taken for their services; None where no list comes of it.

    Parameters
    ----------
    file
        The extract as the region file names it.
    """
    rules = {
        service: section.tag_table()[service]
        for section in sections
        if section.path is None
        for service in section.wanted_services
    }
    table = facilities.table
    counts = table.loc[table["source"] == file, "service"].value_counts(sort=False)
    count = {str(service): int(n) for service, n in counts.items() if service in rules}
    return TagsTaken(count, rules) if count else None
