"""``circle run``: what is printed, what is written, how it ends."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from rich.cells import cell_len
from rich.console import Console

from circle import api
from circle.cli.answer import services_table
from circle.errors import ExitCode
from circle.export.audit_words import audit_lines
from circle.export.words import service_name
from tests.cli.conftest import command, in_a_process, surroundings, write_town

FILES = {
    "coverage.geojson",
    "facilities.geojson",
    "fields.json",
    "gap_map.html",
    "gaps.geojson",
    "indicators.csv",
    "indicators.xlsx",
    "layers.gpkg",
    "problems.xlsx",
    "isochrones.geojson",
    "provenance.json",
    "residents.parquet",
}


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> api.Result:
    """The answer for the town, in this process."""
    return api.analyze(api.load_region(write_town(tmp_path_factory.mktemp("town"))))


def test_the_answer_is_the_one_worked_out_by_hand(circle, town):
    """Streets are 487 m apart from west to east and 554 m from south to north; fifteen minutes are 1,000 m.

    From the school in the south-west corner one gets, along the streets, to the crossings at 0, 487 and 974 m eastwards
    and at 554 m northwards: 4 of 16, ten people each. As the crow flies also to the one at (487, 554), 738 m off: 5 of
    16 or 31.25 %. The clinic stands in the opposite corner: the same by symmetry; no crossing is within reach of both.
    """
    said = circle("run", town, "--out", town / "out")
    assert said.code == ExitCode.OK
    assert said.out.startswith("In 青溪镇, 0.0% of 160 people live within 15 min on foot of all 2 services")
    school = said.out[said.out.index("Primary school") : said.out.index("Clinic")]
    people, share, straight = (line.split() for line in school.splitlines()[:3])
    assert people[3:6] == ["10", "30", "40"]
    assert share[3:6] == ["6.2%", "18.8%", "25.0%"]
    assert straight[1:4] == ["6.2%", "18.8%", "31.2%"]
    assert f"Map: {town / 'out' / 'gap_map.html'}" in said.out
    assert {path.name for path in (town / "out").iterdir()} == FILES


def test_chinese_readers_get_chinese_throughout(circle, town):
    said = circle("run", town, "--out", town / "out", "--lang", "zh")
    assert "青溪镇共 160 人" in said.out
    assert "小学" in said.out
    assert "地图：" in said.out
    words = said.out.replace(str(town), "").replace("gap_map.html", "").replace("out", "")
    assert not [word for word in words.split() if word.isascii() and word.isalpha()]
    assert said.err.splitlines()[:2] == ["读取数据", "构建路网"]


def test_the_language_is_that_of_the_locale(circle, town, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "个点位" in circle("check", town).out


def test_quiet_says_the_answer_and_where_the_map_is(circle, town):
    said = circle("run", town, "--out", town / "out", "--quiet")
    assert len(said.out.splitlines()) == 2
    assert said.err == ""


def test_progress_goes_to_standard_error_one_line_per_stage(circle, town):
    said = circle("run", town, "--out", town / "out")
    assert said.err.splitlines()[0] == "reading the data"
    assert said.err.splitlines()[-1] == "writing the results"
    assert len(said.err.splitlines()) == 9


def test_output_that_goes_into_a_file_has_neither_colours_nor_cuts(answered):
    done = in_a_process("run", answered / "region", "--out", answered / "out", "--force", COLUMNS="40")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    assert "…" not in done.stdout


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [80, 60, 120])
def test_the_table_fits_a_narrow_terminal_and_loses_no_number(result, lang, width):
    """Chinese characters take two columns each; numbers are never broken."""
    stream = io.StringIO()
    Console(file=stream, width=width, markup=False).print(services_table(result.analysis, lang))
    lines = stream.getvalue().splitlines()
    assert max(map(cell_len, lines)) <= width
    assert "…" not in stream.getvalue()
    for number in ("10", "30", "40", "25.0%", "31.2%"):
        assert any(number in line.split() for line in lines)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_largest_gap_of_all_services_says_of_which_one(result, lang):
    """There are no zones of all services: the row's gap is the largest of any."""
    zones = result.analysis.gaps[result.analysis.gaps["kind"] == "zone"].sort_values("people", ascending=False)
    *each, every = services_table(result.analysis, lang, width=200).columns[-1].cells
    assert str(every).split("\n")[-1].strip("()（）") == service_name(zones["service"].iloc[0], lang)
    assert not any("(" in str(cell) or "（" in str(cell) for cell in each)


def test_a_million_people_fit_into_the_table_too(result):
    table = result.analysis.summary.assign(covered_15min=12_345_678.0, share_15min=0.9999, largest_gap_people=1e6)
    stream = io.StringIO()
    Console(file=stream, width=80, markup=False).print(services_table(replace(result.analysis, summary=table), "en"))
    assert "12,345,678" in stream.getvalue()
    assert ">99.9%" in stream.getvalue()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [100, 120])
@pytest.mark.parametrize("name", ["Llanfair" * 14, "特别长的村名" * 14], ids=["narrow", "wide"])
def test_a_very_long_name_is_cut_and_the_numbers_beside_it_stay(result, lang, width, name):
    """A file has no width that a table could be folded to: the table itself is as wide as it should be."""
    table = result.analysis.summary.assign(largest_gap_name=name, largest_gap_people=1_234_567.0)
    drawn = services_table(replace(result.analysis, summary=table), lang, width=width)
    stream = io.StringIO()
    Console(file=stream, width=100_000, markup=False).print(drawn)
    lines = stream.getvalue().splitlines()
    assert max(map(cell_len, lines)) in (width - 1, width)  # half of a Chinese character is none
    cut = [line.split()[-1] for line in lines if "…" in line]
    assert len(cut) == len(table)
    assert all(name.startswith(word.removesuffix("…")) and len(word) > 4 for word in cut)
    assert stream.getvalue().count("1,234,567") == len(table)
    Console(file=(narrow := io.StringIO()), width=80, markup=False).print(
        services_table(replace(result.analysis, summary=table), lang)
    )
    assert max(map(cell_len, narrow.getvalue().splitlines())) <= 80
    assert narrow.getvalue().count("1,234,567") == len(table)


def test_names_from_data_do_not_steer_the_terminal(circle, town):
    text = (town / "region.toml").read_text(encoding="utf-8")
    (town / "region.toml").write_text(text.replace("青溪镇", r"\u001b[31m[bold]x"), encoding="utf-8")
    said = circle("run", town, "--out", town / "out")
    assert said.code == ExitCode.OK
    assert "\x1b" not in said.out
    assert "[31m[bold]x" in said.out


def test_the_audit_counts_people_where_they_are_far_from_roads(tmp_path):
    """Ten people one kilometre south of the southernmost street: 9 thousandths of a degree."""
    import shapely

    write_town(tmp_path)
    people = gpd.read_file(tmp_path / "people.gpkg")
    far = gpd.GeoDataFrame({"people": [10.0]}, geometry=[shapely.Point(119.0, 28.991)], crs="EPSG:4326")
    gpd.GeoDataFrame(pd.concat([people, far]), crs="EPSG:4326").to_file(tmp_path / "people.gpkg", driver="GPKG")
    lines = audit_lines(api.analyze(api.load_region(tmp_path)).analysis, "en")
    assert lines[0].startswith("170 people were counted")
    assert any(line.startswith("10 people live more than 500 m from the nearest road (5.9%)") for line in lines)
    assert any(line.startswith("Longest ways to a road: 998 m (10 people") for line in lines)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_with_distances_no_output_speaks_of_time(circle, town, lang):
    """Terminal, map, description of the columns, headers: whatever a reader sees."""
    with (town / "region.toml").open("a", encoding="utf-8") as file:
        file.write('[analysis]\nmetric = "distance"\n')
    said = circle("run", town, "--out", town / "out", "--lang", lang)
    page = (town / "out" / "gap_map.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="circle-data">(.*?)</script>', page, re.DOTALL)[1])
    for said_in in data["said"].values():
        del said_in["text"], said_in["words"]  # templates, of which the page takes those that fit
    shown = json.dumps({name: value for name, value in data.items() if name != "people"}, ensure_ascii=False)
    words = (
        re.sub(r"\d+(\.\d+)? (second|秒)s?", "", said.out),
        shown,
        (town / "out" / "fields.json").read_text("utf-8"),
    )
    headers = [(town / "out" / name).read_text("utf-8-sig").split("\n")[0] for name in ("indicators.csv",)]
    headers += [str(list(gpd.read_file(path).columns)) for path in sorted((town / "out").glob("*.geojson"))]
    headers += [str(list(pd.read_parquet(town / "out" / "residents.parquet").columns))]
    for text in (*words, *headers):
        assert not re.search(r"\b(min|mins|minutes?|hours?)\b|\btime\b|_time|_s\b|分钟|时间|用时\s*\d+ 分|小时", text)


def test_each_and_the_options_reach_the_files(circle, town):
    circle("run", town, "--out", town / "out", "--each", "--tiles", "osm", "--lang", "zh", "-q")
    record = json.loads((town / "out" / "provenance.json").read_text(encoding="utf-8"))
    assert record["question"]["each_isochrone"] is True
    assert record["map"] == {"language": "zh", "tiles": "osm"}
    assert (town / "out" / record["region"]["file"]).resolve() == (town / "region.toml").resolve()


def test_the_geopackage_is_written_in_the_system_asked_for_and_verified_in_it(circle, town):
    assert circle("run", town, "--out", town / "out", "--crs", "EPSG:4490").code == 0
    assert gpd.read_file(town / "out" / "layers.gpkg", layer="facilities").crs.to_epsg() == 4490
    said = circle("verify", town / "out")
    assert "layers.gpkg: the same" in said.out


@pytest.mark.parametrize(
    ("crs", "words"), [("EPSG:99999", "没有名为"), ("gcj02", "人为偏移"), ("EPSG:32633", "适用范围")]
)
def test_a_system_that_will_not_do_is_refused_in_words_before_any_work(circle, town, crs, words):
    said = circle("run", town, "--out", town / "out", "--crs", crs, "--lang", "zh")
    assert said.code == ExitCode.QUERY
    assert words in said.err
    assert not (town / "out").exists()


def test_an_existing_folder_is_refused_before_any_work(circle, town):
    (town / "out").mkdir()
    said = circle("run", town / "no such region", "--out", town / "out")
    assert said.code == ExitCode.OUTPUT
    assert "exists already" in said.err
    assert circle("run", town, "--out", town / "out", "--lang", "zh").err.startswith("错误: ")


def test_bad_input_ends_in_sentences_and_leaves_nothing(circle, town):
    (town / "facilities.csv").write_text("name,what\nA,B\n", encoding="utf-8")
    (town / "roads.gpkg").unlink()
    said = circle("run", town, "--out", town / "deep" / "out")
    assert said.code == ExitCode.INPUT
    assert "Traceback" not in said.err
    assert "roads.gpkg" in said.err
    assert "facilities.csv" in said.err
    assert not (town / "deep").exists()


def test_no_region_file_is_a_sentence_too(circle, tmp_path):
    said = circle("run", tmp_path, "--out", tmp_path / "out")
    assert said.code == ExitCode.INPUT
    assert "region.toml" in said.err


@pytest.mark.parametrize(
    "words",
    [["run"], ["nonsense"], ["run", "x", "--no"], ["check", "x", "--lang", "fr"], ["sample", "x", "y", "--seed", "z"]],
)
def test_wrong_usage_has_its_own_exit_code(circle, words):
    assert circle(*words).code == ExitCode.USAGE


def start(town: Path) -> subprocess.Popen[str]:
    """A run that has got as far as building the network."""
    process = subprocess.Popen(
        command("run", town, "--out", town / "out"), env=surroundings(), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "network" in line:
            return process
    raise AssertionError(process.wait())


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_told_to_stop_cleans_up_and_says_so(town, number):
    before = sorted(town.iterdir())
    with start(town) as process:
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "Stopped. Nothing was left behind." in errors
    assert "Traceback" not in errors
    assert sorted(town.iterdir()) == before


@pytest.mark.parametrize("module", ["circle.cli.frame", "circle.cli.run", "circle.messages"])
def test_an_interruption_while_the_program_starts_is_no_fault(module):
    """Ctrl-C in the first tenths of a second, while modules are being read."""
    code = (
        "import sys\n"
        "class Pressed:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {module!r}:\n"
        "            sys.meta_path.remove(self)\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Pressed())\n"
        "from circle.cli import main\nmain(['--version'])"
    )
    words = [*command()[:1], "-c", code]
    done = subprocess.run(words, env=surroundings(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (ExitCode.INTERRUPTED, "", "")


@pytest.mark.slow
def test_a_run_that_is_killed_leaves_no_result_and_does_not_hinder_the_next(town, circle):
    before = sorted(town.iterdir())
    with start(town) as process:
        process.kill()
    assert not (town / "out").exists()
    assert circle("run", town, "--out", town / "out", "-q").code == ExitCode.OK
    assert sorted(town.iterdir()) == sorted([*before, town / "out"])


def test_a_fault_of_ours_is_shown_with_its_traceback_and_a_request(town):
    code = (
        "import sys, circle.pipeline\n"
        "def broken(*a, **k): raise ZeroDivisionError\n"
        "circle.pipeline.analyze = broken\n"
        "from circle.cli import main\nmain(sys.argv[1:])"
    )
    words = [*command()[:1], "-c", code, "run", str(town), "--out", str(town / "out")]
    done = subprocess.run(words, env=surroundings(), capture_output=True, text=True, check=False)
    assert done.returncode == ExitCode.INTERNAL
    assert "ZeroDivisionError" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("This is a fault of circle")
    assert not (town / "out").exists()


def test_memory_that_runs_out_is_no_traceback(circle, town, monkeypatch):
    def hungry(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("circle.pipeline.analyze", hungry)
    said = circle("run", town, "--out", town / "out")
    assert said.code == ExitCode.RESOURCE
    assert "not enough memory" in said.err
    assert not (town / "out").exists()


def test_a_reader_that_goes_away_is_no_error_of_ours(town):
    """The far end of a pipe is closed before anything is written to it."""
    words = command("check", town, "--json")
    pipe = subprocess.PIPE
    with subprocess.Popen(words, env=surroundings(), stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        errors = process.stderr.read()
    assert errors == ""
    assert process.returncode == ExitCode.OUTPUT


def test_a_console_without_chinese_still_gets_it(town):
    """A Western Windows console: code page 1252 has none of these characters."""
    western = surroundings(PYTHONIOENCODING="cp1252")
    done = subprocess.run(command("check", town, "--lang", "zh"), env=western, capture_output=True, check=False)
    assert done.returncode == ExitCode.OK
    assert "道路" in done.stdout.decode("utf-8")


def test_only_those_who_cannot_get_there_are_counted_without_a_service(circle, town):
    """Two lanes that nothing joins. One lies 33 m beside a street: the 5 people on it walk over to it, within the 50 m of
    slack, and are served. On the other, 4 km off, 7 people are not. The counts are those of the residents, service by service.
    """
    roads = gpd.read_file(town / "roads.gpkg")
    lanes = [
        shapely.LineString([(119.001, 29.0003), (119.002, 29.0003)]),
        shapely.LineString([(119.06, 29.0), (119.061, 29.0)]),
    ]
    added = gpd.GeoDataFrame({"highway": ["residential"] * 2}, geometry=lanes, crs="EPSG:4326")
    gpd.GeoDataFrame(pd.concat([roads, added]), crs="EPSG:4326").to_file(town / "roads.gpkg", driver="GPKG")
    people = gpd.read_file(town / "people.gpkg")
    more = gpd.GeoDataFrame(
        {"people": [5.0, 7.0]}, geometry=shapely.points([(119.0015, 29.0003), (119.0605, 29.0)]), crs="EPSG:4326"
    )
    gpd.GeoDataFrame(pd.concat([people, more]), crs="EPSG:4326").to_file(town / "people.gpkg", driver="GPKG")
    said = circle("run", town, "--out", town / "out")
    assert "3 separate pieces of the network, 1 of them without some service (7 people who get to a road" in said.out
    assert "7 people without Primary school, Clinic" in said.out
    pieces = pd.DataFrame(json.loads((town / "out" / "provenance.json").read_text())["audit"]["pieces"])
    homes = pd.read_parquet(town / "out" / "residents.parquet")
    for service in ("primary_school", "clinic"):
        unreached = homes.loc[homes[f"{service}_travel_time_s"] == float("inf"), "people_all"].sum()
        assert pieces[f"without_{service}"].sum() == unreached == 7
    assert sorted(pieces["people"]) == [5, 7, 160]


def test_a_run_that_would_not_fit_says_so_and_leaves_nothing(circle, town, tmp_path):
    """Any run takes more than 0.1 GB; both numbers are said, nothing is written, and it goes on when that is asked."""
    out = tmp_path / "out"
    refused = circle("run", town, "--out", out, "--memory-limit", "0.1", "--lang", "en")
    assert refused.code == ExitCode.RESOURCE
    assert re.search(r"about \d\.\d GB of memory, more than the 0\.1 GB that were allowed", refused.err)
    assert not out.exists()
    begun = circle("run", town, "--out", out, "--memory-limit", "0.1", "--even-if-too-large", "--quiet")
    assert begun.code == ExitCode.OK
    assert (out / "gap_map.html").is_file()


def test_tiles_without_a_key_are_refused_at_once(circle, town):
    """Before anything is read: an hour later is too late."""
    said = circle("run", town / "nothing.toml", "--out", town / "out", "--tiles", "tianditu")
    assert said.code == ExitCode.QUERY
    assert "tianditu:KEY" in said.err
    assert not (town / "out").exists()


def test_a_result_with_a_key_for_tiles_is_verified_without_telling_it(circle, town):
    key = "0123456789abcdef"
    assert circle("run", town, "--out", town / "out", "--tiles", f"tianditu:{key}").code == ExitCode.OK
    said = circle("verify", town / "out")
    assert said.code == ExitCode.OK, said.out + said.err
    assert key not in said.out + said.err
