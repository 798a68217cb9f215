"""The same milliseconds as networkx on an explicitly split graph, and laws that hold for every town."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circle import units
from circle.kernels.walls import leg_is_barred
from circle.model import Streets
from circle.network import build_network
from circle.reach import (
    Places,
    Sites,
    build_engine,
    join_facilities,
    join_places,
    nearest_facility,
    pairs_within_limit,
    route,
    route_lengths,
    search,
)
from tests import oracle, towns

point = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda p: (p[0] * 150.0, p[1] * 150.0))
spot = st.tuples(st.floats(-300, 2100), st.floats(-300, 2100))


@st.composite
def town_streets(draw: st.DrawFn) -> Streets:
    """Random ways over a 13 × 13 lattice: crossings, loops, doubled ways, one-ways, islands."""
    ways = draw(st.lists(st.lists(point, min_size=2, max_size=6), min_size=1, max_size=14))
    ways = [way for way in ways if len(set(way)) > 1] or [[(0.0, 0.0), (150.0, 0.0)]]
    number = st.sets(st.integers(0, len(ways) - 1), max_size=4)
    return towns.streets(ways, oneway=sorted(draw(number)), bridges=sorted(draw(number)))


def _joined(streets: Streets, residents: list[tuple[float, float]], clinics: list[tuple[float, float]]):
    engine = towns.engine(streets)
    return engine, towns.places(engine, residents), towns.sites(engine, clinics)


def _without_direct(engine, places: Places, sites: Sites):
    """The answer over the network alone: the same search, with places too far apart for a direct leg."""
    moved = replace(places, x=places.x + 1e6)
    return nearest_facility(engine, moved, sites)


@settings(max_examples=150)
@given(town_streets(), st.lists(spot, min_size=1, max_size=6), st.lists(spot, min_size=1, max_size=5))
def test_networkx_finds_the_same_milliseconds(streets, residents, clinics):
    engine, places, sites = _joined(streets, residents, clinics)
    found = _without_direct(engine, places, sites)
    cost, facility = oracle.nearest_by_networkx(engine, places, sites)
    reached = cost < np.iinfo(np.int64).max
    assert np.array_equal(np.isfinite(found.cost), reached)
    assert np.array_equal(units.to_impedance(found.cost[reached]), cost[reached])
    assert np.array_equal(found.facility, facility)


@settings(max_examples=80)
@given(town_streets(), st.data())
def test_contraction_changes_no_distance_between_junctions(streets, data):
    """Junction to junction, the contracted network and the raw streets give the same integer."""
    question = towns.question()
    network = build_network(streets, towns.barriers(), question)
    raw = oracle.street_graph(streets, question)
    vertex = {(lon, lat): i for i, (lon, lat) in enumerate(zip(streets.lon, streets.lat, strict=True))}
    start = data.draw(st.integers(0, network.node_count - 1))
    lengths = nx.single_source_dijkstra_path_length(raw, vertex[network.node_lon[start], network.node_lat[start]])
    contracted = nx.MultiDiGraph()
    contracted.add_nodes_from(range(network.node_count))
    last = network.segment_offset[1:] + np.arange(network.edge_count)
    for e in range(network.edge_count):
        if network.forward[e]:
            contracted.add_edge(int(network.edge_from[e]), int(network.edge_to[e]), weight=int(network.cost_along[last[e]]))
        if network.backward[e]:
            contracted.add_edge(int(network.edge_to[e]), int(network.edge_from[e]), weight=int(network.cost_back[last[e]]))
    own = nx.single_source_dijkstra_path_length(contracted, start)
    for node in range(network.node_count):
        assert own.get(node) == lengths.get(vertex[network.node_lon[node], network.node_lat[node]])


@settings(max_examples=60)
@given(town_streets(), st.lists(spot, min_size=1, max_size=6), st.lists(spot, min_size=1, max_size=4), st.floats(100, 2000))
def test_pairs_agree_with_the_nearest_search(streets, residents, clinics, limit):
    """The least pair of every place is its nearest facility; pairs beyond the limit are not there, those within all are."""
    engine, places, sites = _joined(streets, residents, clinics)
    nearest = nearest_facility(engine, places, sites)
    everything = pairs_within_limit(engine, places, sites.places, None)
    within = pairs_within_limit(engine, places, sites.places, limit)
    seconds = units.from_impedance(everything.impedance)
    least = np.full(len(residents), np.inf)
    np.minimum.at(least, everything.place, seconds)
    assert np.array_equal(least, nearest.cost)
    kept = everything.impedance <= units.to_impedance(limit)
    assert np.array_equal(within.impedance, everything.impedance[kept])
    assert np.array_equal(within.site, everything.site[kept])
    assert np.array_equal(within.place, everything.place[kept])


@settings(max_examples=60)
@given(town_streets(), st.lists(spot, min_size=1, max_size=6), st.lists(spot, min_size=1, max_size=4), spot)
def test_a_facility_more_never_takes_anyone_further(streets, residents, clinics, extra):
    engine, places, sites = _joined(streets, residents, clinics)
    more = towns.sites(engine, [*clinics, extra])
    assert (nearest_facility(engine, places, more).cost <= nearest_facility(engine, places, sites).cost).all()


@settings(max_examples=60)
@given(town_streets(), st.lists(spot, min_size=1, max_size=6), st.lists(spot, min_size=1, max_size=4), st.randoms())
def test_the_order_of_ways_vertices_and_rows_does_not_matter(streets, residents, clinics, random):
    """Renumber everything: every resident keeps the time to the millisecond."""
    engine, places, sites = _joined(streets, residents, clinics)
    before = nearest_facility(engine, places, sites).cost
    order = list(range(len(streets.way_id)))
    random.shuffle(order)
    vertex = list(range(len(streets.lon)))
    random.shuffle(vertex)
    position = np.empty(len(vertex), np.int64)
    position[vertex] = np.arange(len(vertex))
    rows = [streets.way_vertex[slice(*streets.way_offset[i : i + 2])] for i in order]
    shuffled = replace(
        streets,
        lon=streets.lon[vertex],
        lat=streets.lat[vertex],
        way_offset=np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64),
        way_vertex=position[np.concatenate(rows)],
        forward=streets.forward[order],
        backward=streets.backward[order],
        attachable=streets.attachable[order],
        spans=streets.spans[order],
    )
    people = list(range(len(residents)))
    random.shuffle(people)
    other = towns.engine(shuffled)
    after = towns.nearest(other, [residents[i] for i in people], clinics[::-1]).cost
    assert np.allclose(after, before[people], rtol=0, atol=0.002)  # a foot's last bit may differ: 1 ms at each end


@settings(max_examples=60)
@given(town_streets(), st.lists(point, min_size=2, max_size=2, unique=True), st.lists(spot, min_size=1, max_size=5))
def test_a_new_link_never_lengthens_a_time_when_attachments_hold(streets, link, residents):
    """An added edge between junctions only adds ways: every node's key can only fall."""
    from circle.kernels.shortest import NO_WAY, seeds, spread
    from circle.reach.engine import stops_of

    engine, _, sites = _joined(streets, residents, residents[:1])
    label = sites.facility
    node, key = seeds(stops_of(sites.places.attachment), engine.ends, label, 1)
    before, _ = spread(engine.arcs, node, key, 1, NO_WAY)
    n = engine.network.node_count
    u, v = int(link[0][0]) % n, int(link[1][1]) % n
    arcs = engine.arcs
    tail = np.insert(arcs.tail, arcs.offset[v], u).astype(np.int32)
    cost = np.insert(arcs.cost, arcs.offset[v], 1000)
    offset = arcs.offset.copy()
    offset[v + 1 :] += 1
    longer = arcs._replace(offset=offset, tail=tail, cost=cost)
    after, _ = spread(longer, node, key, 1, NO_WAY)
    assert (after <= before).all()


@settings(max_examples=60)
@given(town_streets(), st.lists(spot, min_size=1, max_size=4), st.lists(spot, min_size=1, max_size=4))
def test_the_route_is_as_long_as_its_time_says(streets, residents, clinics):
    """Legs add up to the time to the millisecond, are joined end to end, and on the flat 4 km/h gives their length."""
    engine, places, sites = _joined(streets, residents, clinics)
    nearest = nearest_facility(engine, places, sites)
    found = search(engine, sites)
    for i in range(len(residents)):
        way = route(found, float(places.lon[i]), float(places.lat[i]))
        if not np.isfinite(nearest.cost[i]):
            assert way.legs == ()
            continue
        assert sum(leg.cost for leg in way.legs) == pytest.approx(nearest.cost[i], abs=1e-6)
        assert way.walked_m * 0.9 == pytest.approx(nearest.cost[i], abs=0.1)
        for a, b in pairwise(way.legs):
            assert (a.lon[-1], a.lat[-1]) == (b.lon[0], b.lat[0])
        network = [leg for leg in way.legs if leg.kind == "network"]
        for leg in network:
            assert leg.length_m * 0.9 == pytest.approx(leg.cost, abs=0.05)
            drawn = towns.GEOD.line_length(leg.lon, leg.lat) if len(leg.lon) > 1 else 0.0
            assert drawn == pytest.approx(leg.length_m, abs=0.05)


@settings(max_examples=60)
@given(town_streets(), st.lists(spot, min_size=1, max_size=4), st.lists(spot, min_size=1, max_size=4))
def test_lengths_of_routes_are_those_of_their_drawings(streets, residents, clinics):
    """Metres without drawing are what pyproj measures along the drawing; a leg counts in full, on a point it has none."""
    engine, places, sites = _joined(streets, residents, clinics)
    found = search(engine, sites)
    length_m = route_lengths(found, places)
    for i in range(len(residents)):
        legs = route(found, float(places.lon[i]), float(places.lat[i])).legs
        assert np.isfinite(length_m[i]) == (len(legs) > 0)
        if legs:
            drawn = sum(towns.GEOD.line_length(leg.lon, leg.lat) for leg in legs if len(leg.lon) > 1)
            assert length_m[i] == pytest.approx(drawn, abs=0.1)


wall = st.tuples(spot, spot).filter(lambda ends: ends[0] != ends[1])


@settings(max_examples=100)
@given(town_streets(), st.lists(spot, min_size=1, max_size=8), st.lists(wall, max_size=8), st.booleans())
def test_no_leg_crosses_a_wall_and_the_nearest_that_does_not_is_there(streets, residents, lines, one_sided):
    """Against brute force: of all segments, the nearest whose leg no wall bars; and whether a nearer one is barred."""
    engine = towns.engine(streets, towns.barriers(lines, one_sided=one_sided))
    rails, walls = engine.rails, engine.walls
    for strict in (False, True):
        places = towns.places(engine, residents, strict=strict, farthest_m=200.0)
        for i, (px, py) in enumerate(zip(places.x, places.y, strict=True)):
            dx, dy = rails.x2 - rails.x1, rails.y2 - rails.y1
            t = np.clip(((px - rails.x1) * dx + (py - rails.y1) * dy) / np.maximum(dx * dx + dy * dy, 1e-300), 0, 1)
            qx, qy = rails.x1 + t * dx, rails.y1 + t * dy
            metres = np.hypot(qx - px, qy - py)
            barred = np.array([leg_is_barred(px, py, x, y, walls, strict) for x, y in zip(qx, qy, strict=True)], bool)
            rows = slice(*places.attachment.offset[i : i + 2])
            near = metres <= 200.0
            nearest = metres[near & ~barred].min(initial=np.inf)
            assert places.attachment.leg_m[rows].min(initial=np.inf) == pytest.approx(nearest, abs=0.01)
            assert places.attachment.barred[i] == (metres[near & barred].min(initial=np.inf) < nearest)


@settings(max_examples=60)
@given(town_streets(), st.lists(spot, min_size=1, max_size=8))
def test_candidates_are_where_the_road_passes(streets, residents):
    """Against brute force over all segments: the nearest is there, nothing beyond the slack is, each stands on the road."""
    import shapely

    engine = towns.engine(streets)
    places = towns.places(engine, residents)
    rails = engine.rails
    lines = shapely.linestrings(np.stack([np.stack([rails.x1, rails.y1], 1), np.stack([rails.x2, rails.y2], 1)], axis=1))
    attachment = places.attachment
    for i in range(len(residents)):
        rows = slice(*attachment.offset[i : i + 2])
        if len(lines) == 0:
            assert rows.start == rows.stop
            continue
        metres = shapely.distance(lines, shapely.Point(places.x[i], places.y[i]))
        assert attachment.leg_m[rows].min() == pytest.approx(metres.min(), abs=0.01)
        assert attachment.leg_m[rows].max() <= metres.min() + 50.01
        for x, y in zip(attachment.x[rows], attachment.y[rows], strict=True):
            assert shapely.distance(lines, shapely.Point(x, y)).min() < 1e-6
        # every edge that comes within the slack has a candidate
        for edge in np.unique(rails.edge):
            if metres[rails.edge == edge].min() < metres.min() + 49.99:
                assert edge in attachment.edge[rows]


def test_threads_do_not_change_the_answer(monkeypatch):
    """One point at a time gives what all at once give."""
    rng = np.random.default_rng(1)
    ways = [[tuple(p) for p in rng.integers(0, 12, (4, 2)) * 150.0] for _ in range(40)]
    engine = towns.engine(towns.streets(ways))
    lonlat = np.array([towns.degrees(*p) for p in rng.uniform(-300, 2100, (200, 2))])
    together = join_places(engine, lonlat[:, 0], lonlat[:, 1]).attachment
    monkeypatch.setattr("circle.reach.attach.CHUNK", 7)
    apart = join_places(engine, lonlat[:, 0], lonlat[:, 1]).attachment
    for name in ("offset", "edge", "along", "back", "leg", "barred"):
        assert np.array_equal(getattr(together, name), getattr(apart, name))


def test_several_entrances_of_one_facility_count_as_one():
    """A campus with gates at both ends of the road: each resident goes to the nearer gate, the facility is one."""
    engine = towns.engine(towns.streets([[(0, 0), (3000, 0)]]))
    campus = towns.facilities([(0, 0)])
    gates = np.array([towns.degrees(0, 0), towns.degrees(3000, 0)])
    campus = replace(
        campus,
        entrance_lon=gates[:, 0],
        entrance_lat=gates[:, 1],
        entrance_facility=np.array([0, 0]),
        outline=np.zeros(2, np.bool_),
    )
    found = nearest_facility(engine, towns.places(engine, [(500, 0), (2500, 0)]), join_facilities(engine, campus)["clinic"])
    assert found.cost == pytest.approx([450, 450], abs=0.1)
    assert found.facility.tolist() == [0, 0]


def test_engine_of_an_empty_barrier_list_bars_nothing():
    engine = build_engine(build_network(towns.streets([[(0, 0), (100, 0)]]), towns.barriers(), towns.question()))
    assert not towns.places(engine, [(0, 10)]).attachment.barred.any()
