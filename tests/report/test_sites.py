"""A number stands at its site, or a line leads from it to its site: wherever sites lie, on whatever map."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from matplotlib.transforms import Bbox

import circle
from circle.export.eastward import in_one_piece
from circle.report import draw_all
from circle.report.drawing import MM
from circle.report.gaps import largest_gaps
from circle.report.sites import CROWD, LEADER, crowd_of, discs_of, together
from tests.export.town import town_analysis

pytestmark = pytest.mark.slow

DOTS_OF_A_MM = 100 * MM
FRAME = Bbox.from_extents(0, 0, 685, 520)
PER_POINT = 100 / 72
NUMBERS = re.compile(r"\d+(·\d+)*")


def discs_drawn(drawing):
    """Number -> where its disc stands and where lines from there lead, in millimetres of the drawing."""
    axes = drawing.axes[0]
    axes.apply_aspect()

    def mm(lon, lat):
        return axes.transData.transform((lon, lat)) / DOTS_OF_A_MM

    lines = [line for line in axes.lines if line.get_gid() == LEADER]
    found = {}
    for note in axes.texts:
        if NUMBERS.fullmatch(note.get_text()) and note.get_color() == "white":
            middle = mm(*note.xy)
            ends = [mm(*line.get_xydata()[1]) for line in lines if math.dist(mm(*line.get_xydata()[0]), middle) < 0.01]
            for number in note.get_text().split("·"):
                assert int(number) not in found
                found[int(number)] = [middle, *ends]
    return found, mm


def holds(drawing, gaps):
    """Of every number, its disc or a line of it is within a millimetre of its site."""
    found, mm = discs_drawn(drawing)
    for gap in gaps:
        if gap.number in found:
            assert min(math.dist(mm(*gap.site), place) for place in found[gap.number]) < 1.0
    return set(found)


@pytest.fixture(scope="module")
def qingxi(sample_regions):
    return circle.analyze(circle.load_region(sample_regions / "qingxi")).analysis


def moved_to(analysis, lon, lat):
    """The same with the sites of its gaps elsewhere."""
    frame = analysis.gaps.copy()
    rows = frame.index[frame["kind"] == "zone"][np.argsort(frame["rank"][frame["kind"] == "zone"])][: len(lon)]
    frame.loc[rows, "site_lon"], frame.loc[rows, "site_lat"] = lon, lat
    return replace(analysis, gaps=frame)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_number_of_a_county_stands_at_its_site_or_is_joined_to_it(qingxi, lang):
    gaps = largest_gaps(in_one_piece(qingxi))
    drawings = draw_all(qingxi, lang)
    assert holds(drawings["map"], gaps) == {gap.number for gap in gaps}
    assert len(holds(drawings["map_sites"], gaps)) >= len(gaps) / 2  # its ten sites crowd one town


@pytest.mark.parametrize("seed", range(6))
def test_wherever_sites_lie_their_numbers_are_true(qingxi, seed):
    """All in one point, in a heap, in two heaps, in a row, anywhere."""
    random = np.random.default_rng(seed)
    west, south, east, north = qingxi.region.districts.frame.total_bounds
    size = [0.0, 0.002, 0.02, 0.2, 0.5, 1.0][seed]
    lon = (west + east) / 2 + (random.uniform(-0.5, 0.5, 10)) * size * (east - west)
    lat = (south + north) / 2 + (random.uniform(-0.5, 0.5, 10)) * size * (north - south) * (seed != 3)
    if seed == 2:
        lon[5:] += 0.3 * (east - west)
    moved = moved_to(qingxi, lon, lat)
    gaps = largest_gaps(in_one_piece(moved))
    assert sorted(zip(lon, lat, strict=True)) == sorted(gap.site for gap in gaps)
    drawings = draw_all(moved, "en")
    assert holds(drawings["map"], gaps) == {gap.number for gap in gaps}
    if "map_sites" in drawings:
        holds(drawings["map_sites"], gaps)
    if seed == 0:
        assert "map_sites" not in drawings  # one point is one disc at any scale
        assert "·".join(str(gap.number) for gap in gaps) in [note.get_text() for note in drawings["map"].axes[0].texts]


@pytest.mark.parametrize("seed", range(40))
def test_no_disc_lies_on_another_or_on_the_site_of_another(seed):
    random = np.random.default_rng(seed)
    heap = random.uniform(0, 1, (10, 2)) * random.choice([5.0, 40.0, 400.0]) + random.uniform(50, 250, 2)
    sites = [tuple(point) for point in heap.tolist()]
    sites[7] = sites[2]
    discs = discs_of(range(1, 11), sites, FRAME, per_point=PER_POINT)
    assert sorted(number for disc in discs for number in disc.numbers) == list(range(1, 11))
    for one, other in combinations(discs, 2):
        assert not one.box().overlaps(other.box())
    for disc in discs:
        assert FRAME.x0 <= disc.box().x0
        assert disc.box().x1 <= FRAME.x1
        for number, site in zip(disc.numbers, disc.sites, strict=True):
            assert site == sites[number - 1]
            assert math.dist(site, disc.middle) <= DOTS_OF_A_MM or site in disc.far
        others = [site for other in discs if other is not disc for site in other.sites]
        assert not any(disc.box().contains(*site) for site in others)


@pytest.mark.parametrize("seed", range(10))
def test_sites_share_a_disc_exactly_where_all_of_them_are_closer_than_one(seed):
    random = np.random.default_rng(seed)
    sites = [tuple(point) for point in random.uniform(0, 60, (10, 2)).tolist()]
    groups = together(sites, 14.0)
    assert sorted(row for group in groups for row in group) == list(range(10))
    for group in groups:
        assert all(math.dist(sites[i], sites[j]) < 14.0 for i, j in combinations(group, 2))
    for group in groups:  # and no later one could have joined an earlier group
        for earlier in groups[: groups.index(group)]:
            assert any(math.dist(sites[group[0]], sites[i]) >= 14.0 for i in earlier if i < group[0])


def test_a_disc_that_moves_stays_on_land_and_off_what_is_shown_larger():
    sites = [(300.0, 300.0), (320.0, 300.0), (302.0, 318.0), (318.0, 316.0)]
    sea = lambda place: place[1] > 330  # noqa: E731
    crowd = Bbox.from_extents(280, 280, 340, 335)
    discs = discs_of([1, 2, 3, 4], sites, FRAME, per_point=PER_POINT, is_sea=sea, crowd=crowd)
    assert len(discs) == 4
    for disc in discs:
        assert disc.middle[1] <= 330
        assert disc.far
        assert not crowd.overlaps(disc.box())
    lone = discs_of([5], [(100.0, 400.0)], FRAME, per_point=PER_POINT, is_sea=sea, crowd=crowd)
    assert lone[0].middle == (100.0, 400.0)  # a site that the data themselves put there is not moved


def test_a_crowd_is_at_least_half_of_the_sites_in_a_small_part_of_the_map():
    gaps = largest_gaps(in_one_piece(town_analysis()))
    (gap,) = gaps[:1]
    random = np.random.default_rng(3)

    def at(lon, lat, number):
        return replace(gap, number=number, row={**gap.row, "site_lon": lon, "site_lat": lat})

    box = (0.0, 0.0, 10.0, 10.0)
    small = 0.9 * CROWD * 10
    heap = [at(*(4 + random.uniform(0, small, 2)), number) for number in range(1, 7)]
    apart = [at(i * 3.0, 9.0 if i % 2 else 1.0, 7 + i) for i in range(4)]
    assert {found.number for found in crowd_of([*heap, *apart], box)} >= {1, 2, 3, 4, 5, 6}
    assert crowd_of([*heap[:2], *apart], box) == []
    assert crowd_of([at(4, 4, i) for i in range(1, 7)], box) == []
    assert crowd_of([], box) == []
