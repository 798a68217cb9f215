"""``circle fetch`` as it is typed: what it prints, where, and that the folder can be checked and run as it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.fetch.conftest import Handler
from tests.fetch.test_laws import objects
from tests.fetch.test_servers import status
from tests.fetch.world import COUNTY

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def addresses(servers, monkeypatch, tmp_path):
    """The servers' addresses, as settings of the environment; nothing waits."""
    settings = {
        "CIRCLE_OVERPASS_URL": servers.url,
        "CIRCLE_NOMINATIM_URL": f"{servers.url}/nominatim",
        "CIRCLE_WORLDPOP_URL": servers.url + "/worldpop/{iso3}_ppp_2020_UNadj_constrained.tif",
        "CIRCLE_CACHE": str(tmp_path / "cache"),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("circle.fetch.settings.time.sleep", lambda seconds: None)
    return settings


def test_fetch_check_run(circle, addresses, tmp_path):
    """The whole way of the README, in one terminal."""
    said = circle("fetch", "Qingxi County, Yunzhou", tmp_path / "q", "--population", "worldpop")
    assert said.code == 0, said.err
    assert COUNTY in said.out
    assert "level 8" in said.out
    assert "Fetching roads" in said.err
    assert "100%" in said.err
    checked = circle("check", tmp_path / "q")
    assert checked.code == 0, checked.out
    assert "Districts: 13." in checked.out
    ran = circle("run", tmp_path / "q", "--out", tmp_path / "result", "--quiet")
    assert ran.code == 0, ran.err
    assert circle("verify", tmp_path / "result", "--quiet").code == 0


def test_the_population_tag_of_osm_is_taken_and_named(circle, addresses, tmp_path):
    assert circle("fetch", "Qingxi County", tmp_path / "q").code == 0
    text = (tmp_path / "q" / "region.toml").read_text(encoding="utf-8")
    assert "total = 208374" in text
    assert "Put the census figure here" in text
    assert circle("check", tmp_path / "q").code == 0


@pytest.mark.parametrize(
    ("place", "extract", "said"),
    [("", None, "no place is named"), (" , ", None, "no place is named"), ("Qingxi", "none.osm.pbf", "none.osm.pbf: the extract")],
)
def test_what_cannot_be_meant_is_refused_at_once(circle, tmp_path, place, extract, said):
    """Before anything is fetched or written; no advice about a region.toml that is not there yet."""
    words = ["fetch", place, tmp_path / "q", *([] if extract is None else ["--pbf", tmp_path / extract])]
    told = circle(*words)
    assert told.code == (6 if extract is None else 3)
    assert said in told.err
    assert "region.toml" not in told.err
    assert not (tmp_path / "q").exists()


def test_in_chinese(circle, addresses, servers, tmp_path):
    servers.plan["overpass"] = [status(429, Retry_After="30")]
    said = circle("fetch", "青溪县", tmp_path / "q", "--lang", "zh")
    assert said.code == 0, said.err
    assert "等待 30 秒" in said.err
    assert (tmp_path / "q" / "region.toml").read_text(encoding="utf-8").startswith("# 青溪县")
    assert "许可" in (tmp_path / "q" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["Atlantis"], 6, "knows no place called Atlantis"),
        (["Qingxi County", "--population", "some"], 3, "neither worldpop nor a number"),
        (["Qingxi County", "--overpass-url", "http://127.0.0.1:9"], 7, "--pbf"),
        (["Qingxi County", "--pbf", "nowhere.osm.pbf"], 3, "nowhere.osm.pbf"),
        (["Qingxi County", "--buffer", "-1"], 2, "--buffer"),
    ],
)
def test_every_refusal_has_its_code_and_leaves_nothing(words, code, said, circle, addresses, tmp_path):
    got = circle("fetch", words[0], tmp_path / "q", *words[1:])
    assert got.code == code, got.err
    assert said in got.err
    assert "Traceback" not in got.err
    assert [p.name for p in tmp_path.iterdir() if p.name != "cache"] == []


def test_an_extract_needs_no_server(circle, addresses, servers, pbf, tmp_path):
    said = circle("fetch", COUNTY, tmp_path / "q", "--pbf", pbf, "--quiet")
    assert said.code == 0
    assert "warning: OSM has 12 buildings here, which makes 17,364 people in each" in said.err
    assert all(line.startswith("warning: ") for line in said.err.splitlines())
    assert servers.asked == []
    assert circle("check", tmp_path / "q").code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT for a child")
def test_ctrl_c_in_the_middle_of_an_answer(addresses, servers, circle, tmp_path):
    """A process of its own, interrupted while an answer comes in; the same command then goes on."""
    begun = threading.Event()

    def dripping(handler: Handler, body: bytes) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:1000])
        handler.wfile.flush()
        begun.set()
        threading.Event().wait(5.0)
        return True

    servers.plan["overpass"] = [dripping]
    environment = {**os.environ, **addresses, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    words = [sys.executable, "-m", "circle", "fetch", "Qingxi County", str(tmp_path / "q")]
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert begun.wait(60)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert [p.name for p in tmp_path.iterdir() if p.name != "cache"] == []
    assert circle("fetch", "Qingxi County", tmp_path / "q").code == 0
    assert servers.count("nominatim") == 1
    assert objects(tmp_path / "q" / "osm.osm.pbf")


def test_a_bar_where_a_person_looks_on(servers, addresses, tmp_path, monkeypatch):
    """On a terminal rich draws bars; what is said in between stands above them."""
    import io

    from rich.console import Console

    from circle.cli import progress
    from circle.errors import Problem, Severity

    screen = io.StringIO()
    monkeypatch.setattr(
        progress, "err", lambda: Console(file=screen, force_terminal=True, width=100, markup=False, highlight=False)
    )
    with progress.bars_shown("en") as bars:
        bars.begin("objects", 4)
        bars.done(2)
        bars.say(Problem("fetch.smaller_tiles", Severity.NOTE, {"count": 4}))
        bars.begin("objects", 7)
        bars.done(7)
        bars.begin("clip")
    shown = screen.getvalue()
    assert "Fetching roads" in shown
    assert "━" in shown
    assert "in 4 pieces" in shown
