"""Names that are no Unicode: what is said of them, and that no command ends in a traceback for them."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from circle.errors import OutputError, QueryError, render
from circle.load.region import check_region
from circle.store import name_problem, shown_name, whole_folder
from tests.cli.conftest import circle  # noqa: F401

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems keep names in Unicode")

NAMES = {"GBK": "青溪".encode("gb18030"), "Latin": b"Cit\xe9", "neither": b"\xff\xfe", "half": "青溪".encode()[:4]}


@pytest.fixture(params=NAMES)
def odd(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with such a name."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + NAMES[request.param]))
    folder.mkdir()
    return folder


def test_the_part_is_named_wherever_on_the_path_it_stands(odd: Path, tmp_path: Path) -> None:
    """Written out, below it, as a file's own name, behind a link, and from inside; whoever reads can find it."""
    shown = "".join(chr(byte) if byte < 128 else f"\\x{byte:02x}" for byte in os.fsencode(odd.name))
    link = tmp_path / "link"
    link.symlink_to(odd)
    for path in (odd, odd / "a" / "region.toml", tmp_path / odd.name, link / "a"):
        problem = name_problem(path)
        assert problem is not None
        for lang in ("en", "zh"):
            said = render(problem, lang)
            said.encode("utf-8")
            assert said.count(shown) == 2  # in the path, and as the name
    assert name_problem(tmp_path / "青溪" / "Cité") is None


def test_what_the_name_says_in_gbk_is_told() -> None:
    problem = name_problem(Path(os.fsdecode(NAMES["GBK"])))
    assert problem is not None
    assert problem.code == "path.in_gb18030"
    assert problem.fields["meant"] == "青溪"
    neither = name_problem(Path(os.fsdecode(NAMES["neither"])))
    assert neither is not None
    assert neither.code == "path.not_unicode"


def codes_of(said: str) -> list[str]:
    return [problem["code"] for problem in json.loads(said)["problems"]]


def test_no_command_ends_in_a_traceback(circle, odd: Path, sample_regions: Path, tmp_path: Path) -> None:  # noqa: F811
    """The folder as region, as target, as result; a name typed in another encoding."""
    region = Path(shutil.copytree(sample_regions / "qingxi", odd / "r"))
    good = sample_regions / "qingxi"
    asked = {
        ("run", region, "--out", tmp_path / "o"): 3,
        ("run", good, "--out", odd / "o"): 4,
        ("check", region): 3,
        ("check", region / "region.toml", "--json"): 3,
        ("route", region, "--from", "119,29", "--to", "clinic"): 3,
        ("init", region, "--force"): 6,
        ("verify", region): 6,
        ("sample", "qingxi", odd / "s"): 4,
        ("sample", odd.name, tmp_path / "s"): 6,
        ("fetch", "a", odd / "f", "--pbf", good / "roads.osm.pbf"): 4,
        ("fetch", "a", tmp_path / "f", "--pbf", region / "roads.osm.pbf"): 3,
        ("fetch", "a", tmp_path / "f", "--pbf", good / "roads.osm.pbf", "--population", region / "population.tif"): 3,
        ("fetch", odd.name, tmp_path / "f", "--pbf", good / "roads.osm.pbf"): 6,
        ("route", good, "--from", odd.name, "--to", "clinic"): 6,
        ("route", good, "--from", "119,29", "--to", odd.name): 6,
    }
    for words, code in asked.items():
        said = circle(*words)
        assert said.code == code, words
        assert "Traceback" not in said.err
    assert not (tmp_path / "o").exists()
    assert sorted(path.name for path in odd.iterdir()) == ["r"]


def test_a_region_and_a_target_are_refused_before_anything_is_read_or_written(odd: Path) -> None:
    loaded, problems = check_region(odd)
    assert loaded is None
    assert [problem.code for problem in problems] == [name_problem(odd).code]  # type: ignore[union-attr]
    with pytest.raises(OutputError), whole_folder(odd / "a" / "b"):
        pass
    assert list(odd.iterdir()) == []


def test_a_proposed_region_names_the_files_it_could_not_look_at(circle, odd: Path, tmp_path: Path) -> None:  # noqa: F811
    """Beside them a good one, which is proposed as ever."""
    (tmp_path / "roads.osm.pbf").write_bytes(b"")
    (odd / "clinics.csv").write_text("name,lon,lat\na,119,29\n", encoding="utf-8")
    said = circle("init", tmp_path)
    assert said.code == 0
    assert "clinics.csv: not looked at" in said.out
    assert shown_name(odd.name) + "/clinics.csv" in said.out
    written = (tmp_path / "region.toml").read_text(encoding="utf-8")
    assert 'path = "roads.osm.pbf"' in written
    assert "clinics" not in written


def test_a_query_for_a_folder_is_a_query(odd: Path) -> None:
    from circle.doctor.recompute import recompute

    with pytest.raises(QueryError):
        recompute(odd)
