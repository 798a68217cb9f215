"""The colours of the province's map are told apart by every kind of sight; numbers rise with darkness, changes have two sides."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import combinations, pairwise

import pytest

from tests.export.test_map_colours import MACHADO, ciede2000, lab_of

SOURCE = (files("circle.export") / "map_counties.js").read_text(encoding="utf-8")


def palette(name: str) -> list[str]:
    return re.findall(r"#[0-9a-f]{6}", re.search(rf"^  {name}: (.*)$", SOURCE, re.MULTILINE)[1])


@pytest.mark.parametrize("sight", MACHADO)
@pytest.mark.parametrize("name", ["share", "uncovered", "change"])
def test_classes_differ_for_every_sight(name: str, sight: str) -> None:
    """Five colours, any two of which differ by what is seen also where they do not touch."""
    colours = palette(name)
    assert len(colours) == 5
    seen = [lab_of(colour, sight) for colour in colours]
    assert min(ciede2000(one, other) for one, other in combinations(seen, 2)) > 8, sight
    (grey,) = palette("nobody")
    if name != "change":
        assert min(ciede2000(lab_of(grey, sight), one) for one in seen) > 5


@pytest.mark.parametrize("sight", MACHADO)
def test_more_is_darker(sight: str) -> None:
    for name in ("share", "uncovered"):
        light = [lab_of(colour, sight)[0] for colour in palette(name)]
        assert all(one - other > 6 for one, other in pairwise(light)), name
    change = [lab_of(colour, sight)[0] for colour in palette("change")]
    assert change[0] < change[1] < change[2] > change[3] > change[4]
