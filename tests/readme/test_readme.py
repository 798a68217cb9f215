"""The README is true: its commands, its output, its tables, its code."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from itertools import zip_longest
from pathlib import Path

import folium
import pandas as pd
import pytest

import circle
from circle.cli.answer import show_answer
from circle.cli.frame import COMMANDS, command_tree
from circle.errors import ExitCode
from circle.load.manifest import Manifest
from tests.readme.renew import BLOCK, PICTURE, README, ROOT, main_job, shown

TEXT = README.read_text(encoding="utf-8")
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MAIN_JOB = "pip install . && circle run sample_regions/qingxi --out out/qingxi     # the main job, offline, on the bundled region"
TESTS = "pip install '.[test]' && pytest                                        # the tests"


def blocks(kind: str) -> list[str]:
    return [body for found, body in FENCED.findall(TEXT) if found == kind]


def table_rows(header: str) -> list[list[str]]:
    """The cells of the table that begins with `header`."""
    lines = TEXT[TEXT.index(header) :].splitlines()[2:]
    rows = lines[: next(n for n, line in enumerate(lines) if not line.startswith("|"))]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@pytest.fixture(scope="module")
def job(tmp_path_factory) -> tuple[list[str], Path]:
    """What the main job prints, and its folder."""
    out = tmp_path_factory.mktemp("job") / "out" / "qingxi"
    return shown(main_job(out)), out


def test_the_two_commands_come_first_and_stand_as_agreed():
    assert blocks("sh")[0].splitlines() == [MAIN_JOB, TESTS]


def differing(printed: list[str]) -> list[tuple[str, str]]:
    """Lines of the README's block and of a run that differ, but those that name the seconds and the folder."""
    (block,) = BLOCK.findall(TEXT)
    own = ("Done in ", "Map: ")
    shown_lines, run = ([line for line in lines if not line.startswith(own)] for lines in (block.splitlines(), printed))
    assert [line.split(" ")[0] for line in block.splitlines()[-2:]] == ["Done", "Map:"]
    return [pair for pair in zip_longest(shown_lines, run, fillvalue="") if pair[0] != pair[1]]


def test_the_output_shown_is_what_circle_says_of_the_bundled_region(capsys, sample_regions):
    """In this process and not left out with slow tests: who changes a figure or a sentence renews the README at once.

    ``python -m tests.readme.renew`` does it.
    """
    result = circle.analyze(circle.load_region(sample_regions / "qingxi"))
    show_answer(result.analysis, Path("out/qingxi"), "en", seconds=1.0)
    assert differing(shown(capsys.readouterr().out)) == []


@pytest.mark.slow
def test_the_output_shown_is_that_of_a_run(job):
    assert differing(job[0]) == []


@pytest.mark.slow
def test_the_files_listed_are_those_that_come_out(job):
    """All but what only comes of roads that do not join, which the bundled county's do."""
    listed = {row[0].strip("`"): row[1] for row in table_rows("| file | what it holds |")}
    always = {name for name, words in listed.items() if not words.startswith("only where")}
    assert always == {path.name for path in job[1].iterdir()}
    assert set(listed) - always == {"road_repairs.geojson"}


def test_the_exit_codes_listed_are_those_there_are():
    assert [int(row[0]) for row in table_rows("| exit code | meaning |")] == sorted(ExitCode)


def test_the_region_file_shown_is_understood():
    (shown_file,) = blocks("toml")
    read = Manifest.model_validate(tomllib.loads(shown_file))
    assert [section.service for section in read.facilities] == ["primary_school", None]


def test_every_command_and_option_shown_exists():
    """Every line that calls circle, parsed by circle itself."""
    called = [line for body in blocks("sh") for line in body.splitlines() if "circle " in line]
    tree = command_tree("en")
    names = set()
    for line in called:
        words = shlex.split(line, comments=True)
        words = words[words.index("circle") + 1 :] if "circle" in words else []
        if words:
            names.add(words[0])
            command = tree.commands[words[0]]
            command.make_context(words[0], words[1:])
    assert names == set(COMMANDS)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_the_python_shown_runs(monkeypatch):
    """The blocks one after the other, as a reader types them."""
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    for body in blocks("python"):
        exec(compile(body, str(README), "exec"), names)
    table, times, areas = names["table"], names["times"], names["areas"]
    assert isinstance(table, pd.DataFrame)
    assert table["service"].tolist()[-1] == "all_services"
    assert isinstance(names["page"], folium.Map)
    assert isinstance(times, pd.DataFrame)
    assert len(times) > 0
    assert times["travel_time_s"].max() <= 900
    assert areas["limit_s"].tolist() == [300, 900]  # type: ignore[index]
    assert names["graph"].number_of_edges() > 1000  # type: ignore[attr-defined]
    assert len(names["seconds"]) == len(names["homes"])  # type: ignore[arg-type]
    assert (names["gained"]["destination_after"] == "new 0").all()  # type: ignore[index]
    assert (names["lost"]["destination_before"] == names["clinics"].index[0]).all()  # type: ignore[index, attr-defined]


def test_the_first_python_block_has_five_lines():
    first = blocks("python")[0]
    assert len([line for line in first.splitlines() if line.strip()]) == 5


def test_links_lead_somewhere():
    targets = re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", TEXT)
    headings = {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    }
    for target in filter(None, (a or b for a, b in targets)):
        assert target[1:] in headings if target.startswith("#") else (ROOT / target).is_file(), target


def test_files_named_exist():
    named = re.findall(r"`((?:notebooks|sample_regions|\.ci)/[\w./-]+)`", TEXT)
    assert named
    assert all((ROOT / name).exists() for name in named)


def test_the_picture_is_small_and_a_png():
    data = PICTURE.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(data) < 300_000


def test_the_chinese_part_names_the_same_commands():
    """What Chinese readers copy is what English readers copy."""
    chinese = TEXT[TEXT.index("## 中文说明") :]
    for command in ("pip download . hatchling -d wheels", "pip install --no-index --find-links wheels ."):
        assert command in chinese
        assert TEXT.count(command) == 2
    assert MAIN_JOB.split("   #")[0].strip() in chinese


def test_ci_finds_its_commands_where_readers_find_them():
    """`.ci/run` takes the first line that holds each of these; it must be a command, not a sentence about one."""
    for passage in ("pip download", "pip install --no-index --find-links", "circle run sample_regions/qingxi"):
        line = next(line for line in TEXT.splitlines() if passage in line)
        assert line.startswith("pip "), line
        assert subprocess.run(["bash", "-n", "-c", line], check=False).returncode == 0
