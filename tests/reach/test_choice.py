"""What every place can choose from: the same facilities, milliseconds and order as networkx, source by source."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import circle
from circle import units
from circle.reach import Pairs, choice_of, choice_within_limit, nearest_facility
from tests import oracle, towns
from tests.reach.test_against_networkx import spot, town_streets


def joined(streets, residents, entrances):
    """Entrances are pairs of a spot and the number of the facility that it leads to."""
    engine = towns.engine(streets)
    sites = towns.sites(engine, [at for at, _ in entrances])
    return engine, towns.places(engine, residents), replace(sites, facility=np.array([own for _, own in entrances]))


def by_networkx(engine, places, sites, limit):
    """For every place ``[(impedance, facility), ...]`` within the limit, nearest first, by one search per facility."""
    graph = oracle.split_graph(engine, places, sites).reverse()
    rows = [[] for _ in places.x]
    for number in sorted(set(sites.facility.tolist())):
        starts = {("site", int(e)) for e in np.flatnonzero(sites.facility == number)} & set(graph)
        lengths = nx.multi_source_dijkstra_path_length(graph, starts) if starts else {}
        for i, row in enumerate(rows):
            if ("place", i) in lengths and lengths["place", i] <= limit:
                row.append((lengths["place", i], number))
    return [sorted(row) for row in rows]


people = st.lists(spot, min_size=1, max_size=6)
entrances = st.lists(st.tuples(spot, st.integers(0, 3)), min_size=1, max_size=6)


@settings(max_examples=150)
@given(town_streets(), people, entrances, st.none() | st.floats(0, 2000), st.none() | st.integers(0, 3))
def test_networkx_finds_the_same_choice(streets, residents, doors, limit, nearest):
    engine, places, sites = joined(streets, residents, doors)
    far = replace(places, x=places.x + 1e6)  # too far for a direct leg: the network alone
    choice = choice_within_limit(engine, far, sites, limit, nearest=nearest)
    expected = by_networkx(engine, places, sites, np.inf if limit is None else units.to_impedance(limit))
    assert choice.count.tolist() == [len(row) for row in expected]
    for i, row in enumerate(expected):
        own = slice(*choice.offset[i : i + 2])
        found = list(zip(choice.impedance[own].tolist(), choice.facility[own].tolist(), strict=True))
        assert found == row[:nearest]
        assert (choice.place[own] == i).all()


@settings(max_examples=80)
@given(town_streets(), people, entrances)
def test_the_first_of_a_row_is_the_nearest_facility(streets, residents, doors):
    """Direct legs included, as the other search finds it."""
    engine, places, sites = joined(streets, residents, doors)
    choice = choice_within_limit(engine, places, sites, None, nearest=1)
    nearest = nearest_facility(engine, places, sites)
    reached = np.isfinite(nearest.cost)
    assert np.array_equal(choice.count > 0, reached)
    assert choice.cost.tolist() == nearest.cost[reached].tolist()
    assert choice.facility.tolist() == nearest.facility[reached].tolist()


def test_slices_of_facilities_and_threads_do_not_change_the_choice(monkeypatch):
    random = np.random.default_rng(3)
    ways = [[tuple(p) for p in random.integers(0, 12, (4, 2)) * 150.0] for _ in range(40)]
    doors = [
        (tuple(at), int(own))
        for at, own in zip(random.uniform(0, 1800, (30, 2)), random.integers(0, 20, 30), strict=True)
    ]
    asked = joined(towns.streets(ways), [tuple(p) for p in random.uniform(0, 1800, (50, 2))], doors)
    together = choice_within_limit(*asked, 900.0)
    monkeypatch.setattr("circle.reach.pairs.SITES_AT_ONCE", 3)
    monkeypatch.setattr("circle.reach.pairs.cpu_count", lambda: 5)
    apart = choice_within_limit(*asked, 900.0)
    assert len(together.facility) > 100
    for name in ("count", "offset", "facility", "impedance"):
        assert np.array_equal(getattr(together, name), getattr(apart, name))


def test_nobody_offers_it():
    engine = towns.engine(towns.streets([[(0, 0), (300, 0)]]))
    sites = towns.sites(engine, [(0, 0)])
    none = replace(sites, places=towns.places(engine, []), facility=np.empty(0, np.int64))
    choice = choice_within_limit(engine, towns.places(engine, [(0, 0), (100, 0)]), none, 900.0)
    assert choice.count.tolist() == [0, 0]
    assert len(choice.facility) == 0


def test_fewer_than_none_are_refused():
    with pytest.raises(ValueError, match="-1"):
        choice_within_limit(*joined(towns.streets([[(0, 0), (300, 0)]]), [(0, 0)], [((0, 0), 0)]), None, nearest=-1)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, 3)), unique_by=lambda p: p[:2]))
def test_rows_are_sorted_as_python_sorts(pairs):
    pairs = sorted(pairs)
    site, place, cost = (np.array([p[i] for p in pairs], kind) for i, kind in enumerate((np.int32, np.int32, np.int64)))
    choice = choice_of(Pairs(site, place, cost), 6, nearest=2)
    rows = [sorted((c, s) for s, p, c in pairs if p == own) for own in range(6)]
    assert choice.count.tolist() == [len(row) for row in rows]
    assert list(zip(choice.impedance.tolist(), choice.facility.tolist(), strict=True)) == [
        item for row in rows for item in row[:2]
    ]


@pytest.fixture(scope="module")
def asked(sample_regions):
    """Network, origins and destinations of the sample county, the latter under names of their own."""
    region = circle.load_region(sample_regions / "qingxi")
    shops = region.data.facilities.table
    random = np.random.default_rng(4)
    lon, lat = shops["lon"].to_numpy()[:30], shops["lat"].to_numpy()[:30]
    homes = pd.DataFrame({"lon": lon + random.normal(0, 0.004, 30), "lat": lat + random.normal(0, 0.004, 30)})
    return region.network(), homes, pd.DataFrame({"lon": lon, "lat": lat}, index=[f"shop {i}" for i in range(30)])


def test_travel_times_to_the_nearest_are_the_head_of_all(asked):
    """pandas sorts the whole table and takes the first two of each origin."""
    everything = circle.travel_times(*asked)
    expected = everything.sort_values(["origin", "travel_time_s"], kind="stable").groupby("origin").head(2)
    assert len(expected) > 40
    pd.testing.assert_frame_equal(circle.travel_times(*asked, nearest=2), expected.reset_index(drop=True))


def test_the_nearest_none_are_refused(asked):
    with pytest.raises(circle.InputError, match="0"):
        circle.travel_times(*asked, nearest=0)
