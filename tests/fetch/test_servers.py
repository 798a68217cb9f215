"""Servers as they are: slow, overloaded, cut off, or not there at all - each with its own sentence, and going on later."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from circle.errors import OutputError, QueryError, ResourceError, render
from circle.fetch import Pace, Servers, fetch_region
from tests.fetch.conftest import Handler, place_row
from tests.fetch.test_laws import objects
from tests.fetch.world import COUNTY


def status(number, **headers):
    def misbehave(handler: Handler, body: bytes) -> bool:
        handler.give(b"<html><body>no</body></html>", number, **headers)
        return True

    return misbehave


def cut_off(handler: Handler, body: bytes) -> bool:
    """The head promises more than comes."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.send_header("ETag", '"v1"')
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])
    handler.wfile.flush()
    handler.close_connection = True
    return True


def ends_early(handler: Handler, body: bytes) -> bool:
    """Half an answer, called whole: what a server does that is shut down while it writes."""
    handler.give(body[: len(body) // 2])
    return True


def page(handler: Handler, body: bytes) -> bool:
    handler.give(b"<!DOCTYPE html><html><body>Please log in</body></html>")
    return True


def remark(reason):
    def misbehave(handler: Handler, body: bytes) -> bool:
        """Well-formed, status 200, half of the objects, and a remark at the end."""
        lines = body.decode().splitlines()
        half = [line for line in lines[: len(lines) // 2] if not line.startswith("</osm>")]
        said = f"<remark> runtime error: Query {reason} at line 1 after 2 seconds. </remark>"
        handler.give("\n".join([*half, said, "</osm>"]).encode())
        return True

    return misbehave


def slowly(handler: Handler, body: bytes) -> bool:
    """Byte after byte, with small waits, and whole in the end."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    step = max(len(body) // 10, 1)
    for start in range(0, len(body), step):
        handler.wfile.write(body[start : start + step])
        handler.wfile.flush()
        threading.Event().wait(0.01)
    return True


def silent(handler: Handler, body: bytes) -> bool:
    threading.Event().wait(1.0)
    handler.close_connection = True
    return True


@pytest.fixture(scope="module")
def right(world, pbf, tmp_path_factory):
    """What the fetch should bring: cut from the extract, no server involved."""
    from circle.fetch import Asked
    from tests.fetch.conftest import Watched

    folder = tmp_path_factory.mktemp("right")
    fetch_region(Asked("Qingxi County", folder / "out", folder / "cache", pbf=pbf), Watched())
    return objects(folder / "out" / "osm.osm.pbf")


def code_of(raised) -> str:
    problem = raised.value.problems[0]
    assert all(render(problem, lang) for lang in ("en", "zh"))
    return problem.code


AGAIN = {
    "429": (status(429, Retry_After="7"), [7.0]),
    "429 with a date long ago": (status(429, Retry_After="Thu, 01 Jan 2015 12:00:00 GMT"), [0.0]),
    "504": (status(504), [5.0]),
    "503": (status(503, Retry_After="3"), [3.0]),
    "cut off": (cut_off, [5.0]),
    "ends early": (ends_early, [5.0]),
    "a page": (page, [5.0]),
    "slow": (slowly, []),
}


@pytest.mark.parametrize(
    ("kind", "how"), [*(("overpass", how) for how in AGAIN), ("nominatim", "429"), ("nominatim", "ends early")]
)
def test_what_passes_is_waited_for(kind, how, ask, servers, right, watched, waits, tmp_path):
    """The answer in the end is the right one, and the waits are those that the server or the back-off names."""
    misbehaviour, expected = AGAIN[how]
    servers.plan[kind] = [misbehaviour]
    fetch_region(ask(), watched)
    assert objects(tmp_path / "out" / "osm.osm.pbf") == right
    pause = Pace().pause_s
    assert [w for w in waits if w != pause] == expected
    assert [p.code for p in watched.said if p.code == "fetch.waits"] == ["fetch.waits"] * len(expected)


def test_the_back_off_doubles_and_ends(ask, servers, watched, waits, tmp_path):
    servers.plan["overpass"] = [status(503)] * 50
    with pytest.raises(ResourceError) as raised:
        fetch_region(ask(), watched)
    assert code_of(raised) == "fetch.server_fault"
    pause = Pace().pause_s
    assert [w for w in waits if w != pause] == [5.0, 10.0, 20.0, 40.0, 80.0]
    assert servers.count("overpass") == 6
    assert not (tmp_path / "out").exists()


def test_a_server_that_asks_for_an_hour_is_left_alone(ask, servers, watched, waits):
    servers.plan["overpass"] = [status(429, Retry_After="3600")]
    with pytest.raises(ResourceError) as raised:
        fetch_region(ask(), watched)
    assert code_of(raised) == "fetch.too_many"
    assert max(waits) < 10


@pytest.mark.parametrize("reason", ["timed out in query", "run out of memory using about 2048 MB of RAM"])
def test_a_remark_inside_a_200_is_no_answer(reason, ask, servers, right, watched, tmp_path):
    """The trap of Overpass: half the roads, status 200. The tile is asked for in quarters, the result is whole."""
    servers.plan["overpass"] = [lambda h, b: False, lambda h, b: False, remark(reason)]
    fetch_region(ask(), watched)
    assert "fetch.smaller_tiles" in [p.code for p in watched.said]
    assert objects(tmp_path / "out" / "osm.osm.pbf") == right


def test_a_tile_that_is_always_too_much_ends_in_an_error(ask, servers, watched, tmp_path):
    servers.plan["overpass"] = [lambda h, b: False] * 2 + [remark("timed out")] * 100
    with pytest.raises(ResourceError) as raised:
        fetch_region(ask(), watched)
    assert code_of(raised) == "fetch.too_much"
    assert servers.count("overpass") == 2 + 5  # 0.2, 0.1, 0.05, 0.025, 0.0125 degrees
    assert not (tmp_path / "out").exists()


def test_half_a_border_is_no_border(ask, servers, right, watched, tmp_path):
    """A remark in the answer with the borders: they are asked for in halves."""
    servers.plan["overpass"] = [lambda h, b: False, remark("timed out")]
    fetch_region(ask(), watched)
    assert objects(tmp_path / "out" / "osm.osm.pbf") == right


def test_silence_is_not_waited_out_for_ever(ask, servers, watched, waits):
    servers.plan["overpass"] = [silent] * 100
    begin = time.monotonic()
    with pytest.raises(ResourceError) as raised:
        fetch_region(ask(pace=Pace(timeout_s=0.1, grace_s=0.1, sleep=waits.append)), watched)
    assert code_of(raised) == "fetch.silent"
    assert time.monotonic() - begin < 5


def test_no_internet_is_said_at_once_and_the_way_without_it(ask, watched, waits, tmp_path):
    nowhere = Servers("http://127.0.0.1:9/api", "http://127.0.0.1:9", ())
    with pytest.raises(ResourceError) as raised:
        fetch_region(ask(servers=nowhere), watched)
    assert code_of(raised) == "fetch.offline"
    assert "--pbf" in str(raised.value)
    assert sum(waits) < 10
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_none(ask, watched):
    with pytest.raises(ResourceError) as raised:
        fetch_region(ask(servers=Servers("x", "no such thing", ())), watched)
    assert code_of(raised) == "fetch.bad_address"


def test_a_server_of_another_kind(ask, servers, watched):
    servers.plan["nominatim"] = [lambda h, b: h.give(b'{"hello": "world"}') or True]
    with pytest.raises(ResourceError) as raised:
        fetch_region(ask(), watched)
    assert code_of(raised) == "fetch.no_places"


def test_well_formed_nonsense_is_forgotten_again(ask, servers, right, watched, tmp_path):
    nonsense = b'<?xml version="1.0"?><osm version="0.6"><node id="x" lat="200" lon="y"/></osm>'
    servers.plan["overpass"] = [lambda h, b: False, lambda h, b: h.give(nonsense) or True]
    with pytest.raises(ResourceError) as raised:
        fetch_region(ask(), watched)
    assert code_of(raised) == "fetch.not_osm"
    fetch_region(ask(), watched)
    assert objects(tmp_path / "out" / "osm.osm.pbf") == right


# going on


def test_a_second_fetch_asks_nothing_again(ask, servers, watched, tmp_path):
    fetch_region(ask(), watched)
    before = len(servers.asked)
    fetch_region(ask(folder=tmp_path / "second"), watched)
    assert len(servers.asked) == before
    assert objects(tmp_path / "second" / "osm.osm.pbf") == objects(tmp_path / "out" / "osm.osm.pbf")
    fetch_region(ask(folder=tmp_path / "third", refresh=True), watched)
    assert len(servers.asked) == 2 * before


@pytest.mark.parametrize("after", [0, 1, 2, 4])
def test_interrupted_anywhere_it_goes_on_from_there(after, ask, servers, right, watched, tmp_path):
    """Ctrl-C between two requests: nothing of a folder, and no request that was answered is made again."""

    def interrupt(handler: Handler, body: bytes) -> bool:
        handler.give(b"", 503)
        return True

    def sleep(seconds: float) -> None:
        if seconds != Pace().pause_s:
            raise KeyboardInterrupt

    servers.plan["overpass"] = [lambda h, b: False] * after + [interrupt]
    with pytest.raises(KeyboardInterrupt):
        fetch_region(ask(pace=Pace(timeout_s=20.0, sleep=sleep)), watched)
    assert not (tmp_path / "out").exists()
    assert [p.name for p in tmp_path.iterdir() if p.name != "cache"] == []
    first = [asked for _, asked, _ in servers.asked]
    fetch_region(ask(), watched)
    assert objects(tmp_path / "out" / "osm.osm.pbf") == right
    later = [asked for _, asked, _ in servers.asked[len(first) :]]
    assert set(first) & set(later) == {first[-1]}


def test_damaged_answers_are_asked_for_again(ask, servers, right, watched, tmp_path):
    fetch_region(ask(), watched)
    before = servers.count("overpass")
    kept = sorted((tmp_path / "cache").rglob("*.body"))
    kept[0].write_bytes(kept[0].read_bytes()[:-20])
    kept[1].unlink()
    kept[2].with_suffix(".json").write_text("{", encoding="utf-8")
    again = ask(folder=tmp_path / "again")
    fetch_region(again, watched)
    assert objects(tmp_path / "again" / "osm.osm.pbf") == right
    assert len(servers.asked) >= before + 3


def test_it_says_who_asks_and_asks_one_after_the_other(ask, servers, watched, waits):
    """One pause before every request but the first of each server."""
    fetch_region(ask(), watched)
    assert all(headers["User-Agent"].startswith("circle-access/") for _, _, headers in servers.asked)
    assert waits == [Pace().pause_s] * (len(servers.asked) - 1)  # both servers live at one address here


# places


def test_a_place_that_nobody_knows(ask, watched):
    with pytest.raises(QueryError) as raised:
        fetch_region(ask("Atlantis, Qingxi"), watched)
    assert code_of(raised) == "fetch.place_unknown"
    with pytest.raises(QueryError) as raised:
        fetch_region(ask("Xanadu"), watched)
    assert "Xanadu" in str(raised.value)


def test_a_point_is_no_area(ask, servers, watched):
    point = {"type": "Point", "coordinates": [118.9, 28.9]}
    servers.places = [{**servers.places[0], "osm_type": "node", "geojson": point, "type": "village"}]
    with pytest.raises(QueryError) as raised:
        fetch_region(ask(), watched)
    assert code_of(raised) == "fetch.place_no_area"
    assert f"node/{servers.places[0]['osm_id']}" in str(raised.value)


def test_two_places_of_one_name_are_both_named(ask, servers, world, watched, tmp_path):
    other = place_row(world, "临溪县", called=COUNTY, display_name="青溪县, elsewhere")
    servers.places.append(other)
    with pytest.raises(QueryError) as raised:
        fetch_region(ask(COUNTY), watched)
    assert code_of(raised) == "fetch.place_several"
    assert all(f"relation/{row['osm_id']}" in str(raised.value) for row in servers.places)
    fetched = fetch_region(ask(f"R{servers.places[0]['osm_id']}"), watched)
    assert fetched.place.osm_id == f"relation/{servers.places[0]['osm_id']}"


def test_what_else_was_found_is_told(ask, servers, world, watched):
    """Of two areas one is called as asked; the other one is named, with its id."""
    other = place_row(world, "临溪县", called="Linxi", display_name="Linxi, next to Qingxi County")
    servers.places.insert(0, other)
    fetched = fetch_region(ask("Qingxi County"), watched)
    assert fetched.place.name == COUNTY
    (told,) = (p for p in watched.said if p.code == "fetch.place_others")
    assert f"relation/{other['osm_id']}" in str(told.fields["offers"])


def test_nobody_says_how_many_people(ask, servers, watched):
    servers.places[0] = {**servers.places[0], "extratags": None}
    with pytest.raises(QueryError) as raised:
        fetch_region(ask(population=None), watched)
    assert code_of(raised) == "fetch.people_unknown"
    assert servers.count("overpass") == 0


def test_the_boundary_is_what_osmnx_makes_of_the_same_answer(ask, servers, watched, monkeypatch):
    """OSMnx asked for the same place at the same server; and its settings name the servers where nobody else does."""
    import osmnx
    import shapely

    monkeypatch.setattr(osmnx.settings, "nominatim_url", f"{servers.url}/nominatim/")
    monkeypatch.setattr(osmnx.settings, "overpass_url", servers.url)
    monkeypatch.setattr(osmnx.settings, "use_cache", False)
    monkeypatch.setattr(osmnx._nominatim.time, "sleep", lambda seconds: None)
    theirs = osmnx.geocode_to_gdf("Qingxi County")
    fetched = fetch_region(ask("Qingxi County", servers=Servers()), watched)
    assert shapely.equals_exact(theirs.geometry[0], fetched.place.boundary)
    assert theirs["osm_id"][0] == int(fetched.place.osm_id.removeprefix("relation/"))
    assert servers.count("overpass") > 2


def test_few_buildings_for_many_people_are_told(ask, pbf, watched):
    """12 houses: 360 people are thirty in each, 361 are more."""
    fetch_region(ask(pbf=pbf, population="360"), watched)
    assert "fetch.few_buildings" not in [p.code for p in watched.said]
    fetch_region(ask(pbf=pbf, population="361", force=True), watched)
    assert [p.fields["count"] for p in watched.said if p.code == "fetch.few_buildings"] == [12]


# folders


def test_a_folder_that_is_there_stays(ask, servers, watched, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError):
        fetch_region(ask(), watched)
    with pytest.raises(OutputError):
        fetch_region(ask(force=True), watched)
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"
    assert servers.asked == []


def test_force_replaces_an_earlier_fetch_and_nothing_else(ask, pbf, watched, tmp_path):
    fetch_region(ask(pbf=pbf), watched)
    with pytest.raises(OutputError):
        fetch_region(ask(pbf=pbf), watched)
    fetch_region(ask(pbf=pbf, force=True, buffer_m=100.0), watched)
    (tmp_path / "out" / "my schools.csv").write_text("x")
    with pytest.raises(OutputError) as raised:
        fetch_region(ask(pbf=pbf, force=True), watched)
    assert code_of(raised) == "output.holds_other_files"


def test_a_cache_that_cannot_be_written(ask, watched, tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(OutputError) as raised:
        fetch_region(ask(), watched)
    assert code_of(raised) == "output.unwritable"
    assert not (tmp_path / "out").exists()


def test_a_full_disk_is_no_damaged_extract(ask, pbf, watched, monkeypatch, tmp_path):
    def full(*args: object) -> None:
        raise RuntimeError("Write failed: No space left on device")

    monkeypatch.setattr("circle.fetch.job.clip", full)
    with pytest.raises(OutputError) as raised:
        fetch_region(ask(pbf=pbf), watched)
    assert code_of(raised) == "output.disk_full"
    assert list(tmp_path.iterdir()) == []


def test_the_papers_say_whence_and_on_what_terms(ask, servers, watched, tmp_path):
    fetch_region(ask(population="worldpop"), watched)
    document = json.loads((tmp_path / "out" / "provenance.json").read_text())
    assert document["licences"] == {"osm": "ODbL-1.0", "worldpop": "CC-BY-4.0"}
    assert [row["source"].startswith(servers.url) for row in document["sources"]] == [True, True, True]
    readme = (tmp_path / "out" / "README.md").read_text()
    assert "OpenStreetMap contributors" in readme
    assert "CC BY 4.0" in readme
    assert set(document["outputs"]) | {"provenance.json"} == {p.name for p in Path(tmp_path / "out").iterdir()}
