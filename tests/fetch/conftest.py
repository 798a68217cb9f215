"""Servers on 127.0.0.1 that answer as Overpass, Nominatim and the raster host do - and misbehave when told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import shapely

from circle.errors import Problem, render
from circle.fetch import Asked, Pace, Servers
from tests.cli.conftest import circle  # noqa: F401
from tests.fetch.world import COUNTY, PEOPLE, World, province

Misbehaviour = Callable[["Handler", bytes], bool]
"""Answers in its own way and says True, or says False to let the right answer follow."""


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: FakeServers

    def log_message(self, *args: object) -> None:
        """Keep standard error for circle."""

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.handle_asked("overpass", form["data"][0])

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        kind = "worldpop" if parts.path.startswith("/worldpop") else "nominatim"
        self.handle_asked(kind, self.path)

    def handle_asked(self, kind: str, asked: str) -> None:
        servers = self.server
        with servers.lock:
            servers.asked.append((kind, asked, dict(self.headers)))
            plan = servers.plan.get(kind, [])
            misbehaviour = plan.pop(0) if plan else None
        body = servers.right_answer(kind, asked)
        if misbehaviour is not None and misbehaviour(self, body or b""):
            return
        if body is None:
            self.give(b"<html><body>404 Not Found</body></html>", 404)
        elif kind == "worldpop":
            self.give_range(body)
        else:
            self.give(body)

    def give(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def give_range(self, body: bytes) -> None:
        asked = self.headers.get("Range")
        if asked and self.headers.get("If-Range") == '"v1"':
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            self.give(body[start:], 206, Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}", ETag='"v1"')
        else:
            self.give(body, ETag='"v1"')


class FakeServers(ThreadingHTTPServer):
    """All three servers at one address; ``plan`` holds misbehaviours for the next requests of each."""

    daemon_threads = True

    def __init__(self, world: World, rasters: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.world = world
        self.rasters = rasters
        self.lock = threading.Lock()
        self.plan: dict[str, list[Misbehaviour]] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.answers: dict[str, bytes] = {}
        self.places: list[dict[str, object]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Somebody who goes away in the middle is no news."""

    def right_answer(self, kind: str, asked: str) -> bytes | None:
        if kind == "overpass":
            with self.lock:
                if asked not in self.answers:
                    self.answers[asked] = self.world.answer(asked).encode()
                return self.answers[asked]
        if kind == "worldpop":
            return self.rasters.get(asked.rsplit("/", 1)[-1])
        query = parse_qs(urlsplit(asked).query)
        if "osm_ids" in query:
            return json.dumps([p for p in self.places if f"R{p['osm_id']}" == query["osm_ids"][0]]).encode()
        first = query["q"][0].split(",")[0].lower()
        return json.dumps([p for p in self.places if first in str(p["display_name"]).lower()]).encode()

    def count(self, kind: str) -> int:
        return sum(1 for known, _, _ in self.asked if known == kind)


@pytest.fixture(scope="session")
def world(sample_regions: Path) -> World:
    return province(sample_regions / "qingxi")


@pytest.fixture(scope="session")
def pbf(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a provincial extract."""
    return world.write(tmp_path_factory.mktemp("province") / "province.osm.pbf")


@pytest.fixture(scope="session")
def answered() -> dict[str, bytes]:
    """Right answers, worked out once for all tests."""
    return {}


@pytest.fixture
def servers(world: World, sample_regions: Path, answered: dict[str, bytes]) -> Iterator[FakeServers]:
    rasters = {"chn_ppp_2020_UNadj_constrained.tif": (sample_regions / "qingxi" / "population.tif").read_bytes()}
    fake = FakeServers(world, rasters)
    fake.answers = answered
    fake.places = [place_row(world, COUNTY)]
    thread = threading.Thread(target=fake.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield fake
    fake.shutdown()
    fake.server_close()
    thread.join()


def place_row(world: World, name: str, called: str | None = None, **changes: object) -> dict[str, object]:
    """What Nominatim says of a relation of the world."""
    number = next(n for n, (_, tags) in world.relations.items() if tags.get("name") == name)
    tags = world.relations[number][1]
    lines = [world.line(ref) for _, ref, _ in world.relations[number][0]]
    area = shapely.polygonize(lines).geoms[0]
    return {
        "osm_type": "relation",
        "osm_id": number,
        "category": "boundary",
        "type": "administrative",
        "place_rank": 2 * int(tags["admin_level"]),
        "importance": 0.5,
        "boundingbox": [str(area.bounds[side]) for side in (1, 3, 0, 2)],
        "lat": str(area.centroid.y),
        "lon": str(area.centroid.x),
        "name": called or name,
        "display_name": f"{name}, 云州市, 中国 (Qingxi County)",
        "namedetails": {key: value for key, value in tags.items() if key.startswith("name")},
        "address": {"country_code": "cn"},
        "extratags": {key: value for key, value in tags.items() if key == "population"},
        "geojson": json.loads(shapely.to_geojson(area)),
        **changes,
    }


class Watched:
    """A watcher that takes notes."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.said: list[Problem] = []

    def begin(self, step: str, total: int | None = None) -> None:
        self.steps.append(step)

    def done(self, parts: int) -> None:
        pass

    def say(self, problem: Problem) -> None:
        self.said.append(problem)
        assert all(render(problem, lang) for lang in ("en", "zh"))


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def waits() -> list[float]:
    """The seconds that circle would have waited."""
    return []


@pytest.fixture
def ask(servers: FakeServers, tmp_path: Path, waits: list[float]) -> Callable[..., Asked]:
    """A fetch of the county from the servers, answered without waiting."""

    def made(place: str = "Qingxi County, Yunzhou", **changes: object) -> Asked:
        values: dict[str, object] = {
            "place": place,
            "folder": tmp_path / "out",
            "cache": tmp_path / "cache",
            "population": str(PEOPLE),
            "servers": Servers(
                servers.url,
                f"{servers.url}/nominatim",
                (servers.url + "/worldpop/{ISO3}/{iso3}_ppp_2020_UNadj_constrained.tif",),
            ),
            "pace": Pace(timeout_s=20.0, sleep=waits.append),
        }
        return Asked(**(values | changes))  # type: ignore[arg-type]

    return made
