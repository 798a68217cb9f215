"""What must hold of every fetch: two ways to the same data give the same region, and that region the same times."""

from __future__ import annotations

import tomllib
from pathlib import Path

import geopandas as gpd
import osmium
import pandas as pd
import pytest
import shapely
import shapely.ops

import circle as library
from circle.fetch import fetch_region
from circle.fetch.area import area_of
from tests.fetch.world import COUNTY, PEOPLE

COS_29 = 0.875
ALL_AROUND_M = 12_000.0
"""The bundled extract ends nearer to the county's border than this."""


def objects(path: Path) -> dict[tuple[str, int], tuple[object, ...]]:
    """All that an OSM file says."""
    found: dict[tuple[str, int], tuple[object, ...]] = {}
    for thing in osmium.FileProcessor(str(path)):
        key = (thing.type_str(), thing.id)
        assert key not in found
        tags = tuple(sorted((tag.k, tag.v) for tag in thing.tags))
        if thing.is_node():
            found[key] = (tags, round(thing.lon, 7), round(thing.lat, 7))
        elif thing.is_way():
            found[key] = (tags, *(node.ref for node in thing.nodes))
        else:
            found[key] = (tags, *((m.type, m.ref, m.role) for m in thing.members))
    return found


def test_servers_and_extract_give_the_same_region(ask, pbf, watched, tmp_path):
    fetch_region(ask(), watched)
    fetch_region(ask(folder=tmp_path / "cut", pbf=pbf), watched)
    assert objects(tmp_path / "out" / "osm.osm.pbf") == objects(tmp_path / "cut" / "osm.osm.pbf")
    said = [(tmp_path / folder / "region.toml").read_text().splitlines()[1:] for folder in ("out", "cut")]
    assert said[0] == said[1]
    assert {p.name for p in (tmp_path / "out").iterdir()} == {p.name for p in (tmp_path / "cut").iterdir()}


def test_the_extract_is_complete_in_itself(ask, pbf, watched, tmp_path):
    """Every node of a way and every member of a relation is there, and nothing lies about for nobody."""
    fetch_region(ask(pbf=pbf), watched)
    things = objects(tmp_path / "out" / "osm.osm.pbf")
    of_ways = {("n", ref) for (kind, _), (_, *refs) in things.items() if kind == "w" for ref in refs}
    members = {member[:2] for (kind, _), (_, *parts) in things.items() if kind == "r" for member in parts}
    assert of_ways <= set(things)
    assert members <= set(things)
    alone = {key for key, (tags, *_) in things.items() if not tags}
    assert alone <= of_ways | members


def test_the_clip_is_what_plain_geometry_says(ask, pbf, world, watched, tmp_path):
    """Streets of the world that touch the surroundings, by a loop over all of them."""
    fetched = fetch_region(ask(pbf=pbf, buffer_m=500.0), watched)
    around = area_of(fetched.place.boundary, 500.0).around
    wanted = {n for n, (_, tags) in world.ways.items() if "highway" in tags and world.line(n).intersects(around)}
    things = objects(tmp_path / "out" / "osm.osm.pbf")
    assert {n for (kind, n), (tags, *_) in things.items() if kind == "w" and "highway" in dict(tags)} == wanted
    assert 0 < len(wanted) < sum("highway" in tags for _, tags in world.ways.values())
    stops = {
        n
        for n, (x, y, tags) in world.nodes.items()
        if tags.get("highway") == "bus_stop" and around.intersects(shapely.Point(x, y))
    }
    assert {n for (kind, n), (tags, *_) in things.items() if kind == "n" and ("highway", "bus_stop") in tags} == stops


def test_the_surroundings_are_as_wide_as_asked(ask, pbf, watched, tmp_path):
    """Measured on the ellipsoid by another library than the one that drew it."""
    from pyproj import Geod

    fetch_region(ask(buffer_m=2000.0), watched)
    inner = gpd.read_file(tmp_path / "out" / "boundary.geojson").geometry[0]
    outer = gpd.read_file(tmp_path / "out" / "extent.geojson").geometry[0]
    geod = Geod(ellps="WGS84")
    squeezed = shapely.transform(
        inner, lambda lonlat: lonlat * [COS_29, 1.0]
    )  # so that the nearest point is the nearest
    lengths = []
    for x, y in list(outer.exterior.coords)[::5]:
        near, _ = shapely.ops.nearest_points(squeezed, shapely.Point(x * COS_29, y))
        lengths.append(geod.inv(x, y, near.x / COS_29, near.y)[2])
    assert min(lengths) == pytest.approx(2000.0, rel=0.005)
    assert max(lengths) == pytest.approx(2000.0, rel=0.005)


def test_buildings_are_those_of_the_place(ask, pbf, watched, tmp_path):
    """Twelve houses lie inside; the clinic outside stays, but nobody lives in it; the bench was never asked for."""
    fetch_region(ask(pbf=pbf), watched)
    things = objects(tmp_path / "out" / "osm.osm.pbf").values()
    assert sum(1 for tags, *_ in things if "building" in dict(tags)) == 12
    named = {dict(tags).get("name"): dict(tags) for tags, *_ in things}
    assert named["邻卫生院"] == {"amenity": "clinic", "name": "邻卫生院"}
    assert "双用" in named
    assert not any(dict(tags).get("amenity") == "bench" for tags, *_ in things)


def test_districts_are_those_of_the_place(ask, pbf, watched, tmp_path):
    fetched = fetch_region(ask(pbf=pbf, buffer_m=30_000.0), watched)
    assert fetched.parts.level == 8
    document = tomllib.loads((tmp_path / "out" / "region.toml").read_text())
    assert document["districts"] == {"source": "osm", "admin_level": 8}
    assert document["region"]["name"] == COUNTY
    things = objects(tmp_path / "out" / "osm.osm.pbf")
    borders = [dict(tags) for (kind, _), (tags, *_) in things.items() if kind == "r"]
    assert sorted(tags["admin_level"] for tags in borders) == ["6"] + ["8"] * 13
    assert "临溪县" not in {tags["name"] for tags in borders}


def test_every_person_is_in_the_answer(ask, pbf, watched, tmp_path):
    """All are spread over buildings inside the boundary, so nobody of them ends up outside the districts."""
    fetch_region(ask(pbf=pbf), watched)
    table = library.analyze(library.load_region(tmp_path / "out")).summary()
    assert table["people"].to_numpy() == pytest.approx(PEOPLE)
    assert table["unknown"].to_numpy() == pytest.approx(0.0)


def test_the_fetched_extract_gives_the_times_of_the_original(ask, watched, tmp_path, sample_regions):
    """The same county twice, once from the bundled extract, once from what the servers gave of it."""
    fetch_region(ask(buffer_m=ALL_AROUND_M), watched)
    source = (sample_regions / "qingxi" / "region.toml").read_text()
    frames = []
    for extract in (sample_regions / "qingxi" / "roads.osm.pbf", tmp_path / "out" / "osm.osm.pbf"):
        folder = tmp_path / extract.stem
        folder.mkdir()
        text = source.replace('name = "青溪县"', 'name = "青溪县"\nextent = [118.6, 28.6, 119.2, 29.2]')
        for name in (
            "schools.xlsx",
            "clinics.csv",
            "townships.geojson",
            "dem.tif",
            "population.tif",
            "population_0_14.tif",
            "population_60_plus.tif",
        ):
            text = text.replace(f'"{name}"', f'"{(sample_regions / "qingxi" / name).as_posix()}"')
        (folder / "region.toml").write_text(text.replace('"roads.osm.pbf"', f'"{extract.as_posix()}"'))
        frames.append(library.analyze(library.load_region(folder)).to_frame())
    original, fetched = frames
    pd.testing.assert_frame_equal(
        pd.DataFrame(original.drop(columns="geometry", errors="ignore")),
        pd.DataFrame(fetched.drop(columns="geometry", errors="ignore")),
    )
    assert len(original) > 1000


def test_worldpop_is_cut_out_to_the_person(ask, watched, tmp_path, sample_regions):
    """Cells of the surroundings are those of the country's file, bit for bit."""
    import numpy as np
    import rasterio

    fetch_region(ask(population="worldpop", buffer_m=0.0), watched)
    with (
        rasterio.open(sample_regions / "qingxi" / "population.tif") as whole,
        rasterio.open(tmp_path / "out" / "population.tif") as part,
    ):
        window = rasterio.windows.from_bounds(*part.bounds, transform=whole.transform)
        assert (window.col_off, window.row_off) == pytest.approx(
            (round(window.col_off), round(window.row_off)), abs=1e-6
        )
        cells = whole.read(1, window=window.round_offsets().round_lengths())
        assert np.array_equal(cells, part.read(1))
        assert part.nodata == whole.nodata
        assert part.crs == whole.crs
        boundary = gpd.read_file(tmp_path / "out" / "boundary.geojson").total_bounds
        assert part.bounds.left <= boundary[0]
        assert part.bounds.top >= boundary[3]
        assert part.bounds.right >= min(boundary[2], whole.bounds.right)
