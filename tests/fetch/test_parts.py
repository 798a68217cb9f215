"""The small parts: tables, tiles, waits - against figures worked by hand or kept by others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import shapely

from circle.fetch.client import retry_after_s
from circle.fetch.kept import Kept, Request
from circle.fetch.names import called_so, stem
from circle.fetch.overpass import tiles_of
from circle.fetch.people import settle_people
from circle.reference import table


def test_the_countries_are_those_of_iso_3166():
    """249 of them; the codes of two letters beside the list that time zones come with, where the system has it."""
    codes = table("countries")["alpha_3"]
    assert len(codes) == len(set(codes.values())) == 249
    known = {"cn": "chn", "km": "com", "mt": "mlt", "es": "esp", "de": "deu", "ch": "che", "at": "aut", "tw": "twn"}
    assert {key: codes[key] for key in known} == known
    listed = Path("/usr/share/zoneinfo/iso3166.tab")
    if listed.is_file():
        lines = listed.read_text(encoding="utf-8").splitlines()
        assert {line[:2].lower() for line in lines if not line.startswith("#")} == set(codes)


def test_tiles_hold_the_area_without_overlap():
    area = shapely.Point(119.13, 29.02).buffer(0.37)
    boxes = [shapely.box(*box) for box in tiles_of(area)]
    assert shapely.union_all(boxes).contains(area)
    assert shapely.area(boxes).sum() == pytest.approx(shapely.union_all(boxes).area)
    assert all(box.intersects(area) for box in boxes)
    assert tiles_of(area.buffer(-0.1)) != tiles_of(area)
    assert set(tiles_of(area.buffer(-0.1))) <= set(tiles_of(area))


@pytest.mark.parametrize("west", [-0.1, -179.9, 179.6])
def test_tiles_of_the_other_hemispheres(west):
    area = shapely.box(west, -0.1, west + 0.2, 0.1)
    assert shapely.union_all([shapely.box(*box) for box in tiles_of(area)]).contains(area)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("-1", None),
        ("", None),
        ("1.5", None),
        ("Wed, 25 Nov 2026 12:00:30 GMT", 30.0),
        (None, None),
    ],
)
def test_how_long_a_server_asks_to_wait(written, seconds):
    assert retry_after_s(written, datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)) == seconds


def test_old_answers_are_asked_for_again(tmp_path):
    kept, request = Kept(tmp_path), Request("GET", "http://x", {"q": "1"})
    kept.put(request, b"said")
    now = datetime.now(UTC)
    assert kept.get(request, now=now + timedelta(days=6)) is not None
    assert kept.get(request, now=now + timedelta(days=8)) is None


@pytest.mark.parametrize(
    ("written", "is_stem"),
    [
        ("龙游县", "龙游"),
        ("Longyou County", "longyou"),
        ("衢州市", "衢州"),
        ("小南海镇", "小南海"),
        ("County", "county"),
        ("县", "县"),
    ],
)
def test_names_without_the_word_for_what_they_are(written, is_stem):
    assert stem(written) == is_stem
    assert called_so(written, f"{is_stem}, somewhere")


@pytest.mark.parametrize(
    ("written", "people"),
    [("378,675", 378675.0), ("378675", 378675.0), (" 12 000 ", 12000.0), ("0.5", 0.5), ("37.8万", 378000.0)],
)
def test_numbers_of_people_as_they_are_typed(written, people):
    from circle.fetch.area import Place

    assert settle_people(written, None, Place("x", "relation/1", shapely.box(0, 0, 1, 1))).total == people
