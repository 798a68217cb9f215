"""Places out of an extract, without any server; and files that are not what they should be."""

from __future__ import annotations

import osmium
import pytest
import shapely

from circle.errors import Findings, InputError, QueryError, render
from circle.fetch import fetch_region
from circle.fetch.extract import administrative_areas, find_in_extract
from tests.fetch.test_laws import objects
from tests.fetch.world import COUNTY, PEOPLE, World, ring

LEVEL = {"type": "boundary", "boundary": "administrative"}


def code_of(raised) -> str:
    problem = raised.value.problems[0]
    assert all(render(problem, lang) for lang in ("en", "zh"))
    return problem.code


@pytest.fixture(scope="module")
def areas(pbf):
    return administrative_areas(pbf, Findings())


@pytest.mark.parametrize(
    "asked",
    [
        COUNTY,
        "青溪",
        "Qingxi County",
        "qingxi",
        "QINGXI, yunzhou",
        "青溪县，云州市",
        "青溪, 云州, 中国",
        "Qīngxī County",
    ],
)
def test_a_place_has_many_names(asked, areas, pbf, watched):
    place = find_in_extract(pbf, areas, asked, watched)
    assert (place.name, place.admin_level, place.people) == (COUNTY, 6, PEOPLE)


def test_an_area_that_the_extract_does_not_know_cannot_be_checked(areas, pbf, watched):
    find_in_extract(pbf, areas, "Qingxi, Zhejiang", watched)
    assert [(p.code, p.fields.get("name")) for p in watched.said] == [("fetch.context_unknown", "Zhejiang")]


def test_several_places_of_one_name_are_listed_with_ids_and_levels(areas, pbf, watched, world):
    twice = [n for n, (_, tags) in world.relations.items() if tags.get("name") == "云岭镇"]
    assert len(twice) == 2
    with pytest.raises(QueryError) as raised:
        find_in_extract(pbf, areas, "云岭镇", watched)
    assert code_of(raised) == "fetch.place_several"
    assert all(f"relation/{number}, admin_level 8" in str(raised.value) for number in twice)
    assert "云岭镇, 青溪县 (" in str(raised.value)
    assert "云岭镇, 临溪县 (" in str(raised.value)
    assert find_in_extract(pbf, areas, "云岭, Qingxi County", watched).osm_id == f"relation/{twice[0]}"
    assert find_in_extract(pbf, areas, f"relation/{twice[1]}", watched).osm_id == f"relation/{twice[1]}"


def test_the_data_end_where_the_extract_ends(tmp_path, ask, watched):
    """A road of 2.9 km from west to east: 300 m to its north and south are seen, not the 2 km that were asked for.

    A minute of arc along the meridian is 1,847 m at 29 degrees, so 300 m are 0.00271 degrees.
    """
    import geopandas as gpd

    extract = small(tmp_path, place={"amenity": "clinic"}, border=True)
    fetch_region(ask("Town", pbf=extract, buffer_m=2000.0, population="10"), watched)
    seen = gpd.read_file(tmp_path / "out" / "extent.geojson").total_bounds
    assert seen[[1, 3]] == pytest.approx([29.005 - 0.00271, 29.005 + 0.00271], abs=2e-5)
    assert "fetch.extract_ends" in [p.code for p in watched.said]


def test_what_is_nearly_a_name_is_offered(areas, pbf, watched):
    for asked in ("Quingxi County", "relation/5", ""):
        with pytest.raises(QueryError) as raised:
            find_in_extract(pbf, areas, asked, watched)
        assert code_of(raised) == "fetch.place_unknown_here"
    with pytest.raises(QueryError, match="Qingxi County") as raised:
        find_in_extract(pbf, areas, "Quingxi County", watched)
    offers = str(raised.value).split("among others: ")[1].split("; ")
    assert len(set(offers)) == len(offers)  # one area has several names, and is offered once


def small(tmp_path, *, way=True, border=True, cut=False, houses=True, place=None):
    """A square town of some 1 km with a road through it that has no vertex inside."""
    world = World()
    town = shapely.box(119.0, 29.0, 119.01, 29.01)
    if border:
        world.add_area(town, **LEVEL, admin_level="8", name="Town", name__fr="Ville")
    if way:
        world.add_way([(118.99, 29.005), (119.02, 29.005)], highway="residential")
    world.add_way([(119.2, 29.0), (119.3, 29.0)], highway="residential")
    if houses:
        world.add_way(ring(119.005, 29.0055, 0.0001), building="yes")
    if place:
        world.add_node(119.004, 29.0051, **place)
    if cut:
        lost = world.relations[max(world.relations)][0][0][1]
        del world.ways[lost]
    return world.write(tmp_path / "small.osm.pbf")


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"cut": True}, "fetch.place_incomplete"),
        ({"border": False}, "fetch.place_unknown_here"),
        ({"way": False}, "fetch.no_roads"),
        ({"houses": False, "place": {"amenity": "clinic"}}, "fetch.no_buildings"),
        ({}, "fetch.no_facilities"),
    ],
)
def test_what_an_extract_may_lack(how, code, tmp_path, ask, watched):
    with pytest.raises((QueryError, InputError)) as raised:
        fetch_region(ask("Town", pbf=small(tmp_path, **how)), watched)
    assert code_of(raised) == code
    assert not (tmp_path / "out").exists()


def test_a_road_that_only_passes_through_is_there(tmp_path, ask, watched):
    """It has no vertex within 300 m of the town; the road 18 km away is not wanted."""
    extract = small(tmp_path, place={"amenity": "clinic", "name": "C"})
    fetched = fetch_region(ask("Ville", pbf=extract, buffer_m=300.0, population="100"), watched)
    assert fetched.parts.level is None
    roads = [
        w for w in osmium.FileProcessor(str(tmp_path / "out" / "osm.osm.pbf")) if w.is_way() and "highway" in w.tags
    ]
    assert len(roads) == 1
    assert fetched.services["clinic"] == 1
    assert 'path = "boundary.geojson"' in (tmp_path / "out" / "region.toml").read_text()


def test_objects_in_another_order_give_the_same_region(pbf, tmp_path, ask, watched):
    """Relations first, ways before nodes, as a web query may write them."""
    shuffled = tmp_path / "shuffled.osm.pbf"
    things = [osmium.osm.RELATION, osmium.osm.WAY, osmium.osm.NODE]
    with osmium.SimpleWriter(str(shuffled)) as writer:
        for bits in things:
            for thing in osmium.FileProcessor(str(pbf), bits):
                writer.add(thing)
    fetch_region(ask(pbf=shuffled), watched)
    assert "roads.osm_sorted" in [p.code for p in watched.said]
    fetch_region(ask(pbf=pbf, folder=tmp_path / "straight"), watched)
    assert objects(tmp_path / "out" / "osm.osm.pbf") == objects(tmp_path / "straight" / "osm.osm.pbf")


@pytest.mark.parametrize("content", [b"", b"<html><body>Log in</body></html>", b"\0\0\0\x0d\x0a\x09OSMHeader"])
def test_what_is_no_extract(content, tmp_path, ask, watched):
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(content)
    with pytest.raises((QueryError, InputError)) as raised:
        fetch_region(ask(pbf=path), watched)
    assert code_of(raised) in ("roads.osm_unreadable", "fetch.place_unknown_here")


def test_an_extract_cut_off(pbf, tmp_path, ask, watched):
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(pbf.read_bytes()[: pbf.stat().st_size // 2])
    with pytest.raises(InputError) as raised:
        fetch_region(ask(pbf=path), watched)
    assert code_of(raised) == "roads.osm_unreadable"


def test_an_extract_that_is_not_there(tmp_path, ask, watched):
    with pytest.raises(InputError) as raised:
        fetch_region(ask(pbf=tmp_path / "nowhere.osm.pbf"), watched)
    assert code_of(raised) == "fetch.extract_missing"


def test_a_hostile_name_stays_one_name(tmp_path, ask, watched):
    """Quotes, newlines and TOML in a name end up in the name."""
    import tomllib

    name = 'A"\n[roads]\npath = "/etc/passwd"\u202e\x7f'
    world = World()
    world.add_area(shapely.box(119.0, 29.0, 119.01, 29.01), **LEVEL, admin_level="8", name=name)
    world.add_way([(118.99, 29.005), (119.02, 29.005)], highway="residential")
    world.add_node(119.004, 29.0051, amenity="clinic")
    world.add_way(ring(119.005, 29.0055, 0.0001), building="yes")
    number = next(iter(world.relations))
    fetch_region(ask(f"relation/{number}", pbf=world.write(tmp_path / "h.osm.pbf"), population="10"), watched)
    document = tomllib.loads((tmp_path / "out" / "region.toml").read_text(encoding="utf-8"))
    assert document["roads"] == {"source": "osm"}
    assert document["region"]["name"].startswith('A" [roads] path = "/etc/passwd"')


@pytest.mark.parametrize("west", [179.0])
def test_across_the_180th_meridian(west, tmp_path, ask, watched):
    world = World()
    both = shapely.MultiPolygon([shapely.box(179.9, -17.0, 180.0, -16.9), shapely.box(-180.0, -17.0, -179.9, -16.9)])
    world.add_area(both, **LEVEL, admin_level="8", name="Taveuni")
    with pytest.raises(QueryError) as raised:
        fetch_region(ask("Taveuni", pbf=world.write(tmp_path / "t.osm.pbf")), watched)
    assert code_of(raised) == "fetch.across_180"
