"""Every finding of these readers has its sentence in both languages, and no sentence stands unused."""

from __future__ import annotations

import re
from pathlib import Path

import circle.load
from circle.messages import LANGUAGES, catalogue

READERS = ("osm", "road_layers", "barriers", "graphml")


def test_readers_and_catalogue_know_the_same_keys() -> None:
    folder = Path(circle.load.__file__).parent
    used = {
        key
        for name in READERS
        for key in re.findall(r'"((?:roads|barriers)\.\w+)"', (folder / f"{name}.py").read_text("utf-8"))
    }
    known = {key for key in catalogue() if key.startswith(("roads.", "barriers."))}
    assert used == known
    assert all(catalogue()[key][lang].strip() for key in known for lang in LANGUAGES)
