"""People per cell: the country's file, broken off and continued, or not what it should be."""

from __future__ import annotations

import pytest

from circle.errors import InputError, QueryError, ResourceError, render
from circle.fetch import fetch_region
from tests.fetch.test_servers import cut_off, page, status

NAME = "chn_ppp_2020_UNadj_constrained.tif"


def code_of(raised) -> str:
    problem = raised.value.problems[0]
    assert all(render(problem, lang) for lang in ("en", "zh"))
    return problem.code


@pytest.fixture
def worldpop(ask, pbf, monkeypatch):
    """A fetch from the extract, with the raster from the server."""

    monkeypatch.setattr("circle.fetch.raster._CHUNK", 1024)  # the file is small

    def made(**changes):
        return ask(**({"pbf": pbf, "population": "worldpop", "country": "CHN"} | changes))

    return made


def fetched_bytes(tmp_path):
    (path,) = (p for p in (tmp_path / "cache" / "rasters").iterdir() if p.suffix == ".tif")
    return path.read_bytes()


def test_the_country_names_the_file(ask, servers, watched):
    """Told by Nominatim's country code, cn: chn by ISO 3166."""
    fetch_region(ask(population="worldpop"), watched)
    assert [asked for kind, asked, _ in servers.asked if kind == "worldpop"] == [f"/worldpop/CHN/{NAME}"]


def test_a_broken_download_is_continued(worldpop, servers, watched, tmp_path):
    """Half comes, then the rest is asked for, and only the rest."""
    servers.plan["worldpop"] = [cut_off]
    fetch_region(worldpop(), watched)
    whole = servers.rasters[NAME]
    asked = [headers for kind, _, headers in servers.asked if kind == "worldpop"]
    assert "Range" not in asked[0]
    start = int(asked[1]["Range"].removeprefix("bytes=").rstrip("-"))
    assert 0 < start <= len(whole) // 2
    assert asked[1]["If-Range"] == '"v1"'
    assert fetched_bytes(tmp_path) == whole


def test_a_file_that_changed_meanwhile_is_fetched_anew(worldpop, servers, watched, tmp_path):
    """The server answers the question for the rest of another version with the whole new one."""

    def other_version(handler, body):
        handler.give(body, ETag='"v2"')
        return True

    servers.plan["worldpop"] = [cut_off, other_version]
    fetch_region(worldpop(), watched)
    assert fetched_bytes(tmp_path) == servers.rasters[NAME]


def test_it_is_kept_and_a_damaged_one_is_not_trusted(worldpop, servers, watched, tmp_path):
    fetch_region(worldpop(), watched)
    fetch_region(worldpop(folder=tmp_path / "second"), watched)
    assert servers.count("worldpop") == 1
    (path,) = (p for p in (tmp_path / "cache" / "rasters").iterdir() if p.suffix == ".tif")
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    path.write_bytes(damaged)
    fetch_region(worldpop(folder=tmp_path / "third"), watched)
    assert servers.count("worldpop") == 2
    assert fetched_bytes(tmp_path) == servers.rasters[NAME]


def test_interrupted_it_goes_on(worldpop, servers, watched, tmp_path):
    def interrupted(seconds):
        raise KeyboardInterrupt

    from circle.fetch import Pace

    servers.plan["worldpop"] = [cut_off]
    with pytest.raises(KeyboardInterrupt):
        fetch_region(worldpop(pace=Pace(sleep=interrupted)), watched)
    assert not (tmp_path / "out").exists()
    fetch_region(worldpop(), watched)
    assert "Range" in servers.asked[-1][2]
    assert fetched_bytes(tmp_path) == servers.rasters[NAME]


@pytest.mark.parametrize(
    ("misbehaviour", "code"),
    [
        (page, "fetch.page"),
        (lambda h, b: h.give(b"PK\3\4 a zip") or True, "fetch.not_tiff"),
        (lambda h, b: h.give(b[: len(b) // 2]) or True, "fetch.raster_cut"),
        (status(403), "fetch.refused"),
    ],
)
def test_what_is_no_raster(misbehaviour, code, worldpop, servers, watched, tmp_path):
    servers.plan["worldpop"] = [misbehaviour] * 10
    with pytest.raises(ResourceError) as raised:
        fetch_region(worldpop(), watched)
    assert code_of(raised) == code
    assert not (tmp_path / "out").exists()


def test_a_country_without_a_file(worldpop, watched):
    with pytest.raises(QueryError) as raised:
        fetch_region(worldpop(country="AT"), watched)
    assert code_of(raised) == "fetch.raster_unknown"
    assert "aut_ppp_2020" in str(raised.value)


@pytest.mark.parametrize("country", ["Chian", "CHX", ""])
def test_a_country_that_is_none(country, worldpop, watched):
    with pytest.raises(QueryError) as raised:
        fetch_region(worldpop(country=country), watched)
    assert code_of(raised) == "fetch.country_not_understood"


def test_a_country_that_nobody_says(ask, pbf, watched):
    with pytest.raises(QueryError) as raised:
        fetch_region(ask(pbf=pbf, population="worldpop"), watched)
    assert code_of(raised) == "fetch.country_unknown"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("many", "fetch.people_not_understood"),
        ("0", "fetch.people_not_understood"),
        ("-5", "fetch.people_not_understood"),
        ("no.tif", "fetch.raster_missing"),
    ],
)
def test_people_that_are_not_understood(written, code, ask, pbf, watched):
    with pytest.raises(InputError) as raised:
        fetch_region(ask(pbf=pbf, population=written), watched)
    assert code_of(raised) == code


def write_raster(path, *, crs="EPSG:4326", west=118.6, value=1.0):
    import numpy as np
    import rasterio

    transform = rasterio.Affine(0.01, 0.0, west, 0.0, -0.01, 29.2)
    cells = np.full((60, 60), value, dtype="float32")
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=60,
        height=60,
        count=1,
        dtype="float32",
        crs=crs,
        transform=transform,
        nodata=-99999.0,
    ) as out:
        out.write(cells, 1)
    return str(path)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"crs": None}, "fetch.raster_no_crs"),
        ({"west": 10.0}, "fetch.raster_elsewhere"),
        ({"value": -99999.0}, "fetch.raster_nobody"),
    ],
)
def test_a_raster_of_ones_own_that_does_not_fit(how, code, ask, pbf, watched, tmp_path):
    with pytest.raises(InputError) as raised:
        fetch_region(ask(pbf=pbf, population=write_raster(tmp_path / "own.tif", **how)), watched)
    assert code_of(raised) == code


def test_a_raster_cut_off(ask, pbf, watched, tmp_path):
    path = write_raster(tmp_path / "own.tif")
    content = (tmp_path / "own.tif").read_bytes()
    (tmp_path / "own.tif").write_bytes(content[: len(content) - 4000])
    with pytest.raises(InputError) as raised:
        fetch_region(ask(pbf=pbf, population=path), watched)
    assert code_of(raised) == "file.cut_off"


def test_one_person_per_cell_counts_the_cells(ask, pbf, watched, tmp_path, world):
    """Cells of 0.01 degrees with one person each: those whose middle lies in the county, counted one by one."""
    import shapely

    fetched = fetch_region(ask(pbf=pbf, population=write_raster(tmp_path / "own.tif")), watched)
    boundary = fetched.place.boundary
    middles = [(118.6 + 0.01 * (i + 0.5), 29.2 - 0.01 * (j + 0.5)) for i in range(60) for j in range(60)]
    assert fetched.people == sum(boundary.contains(shapely.Point(*middle)) for middle in middles)
    assert not fetched.exact
