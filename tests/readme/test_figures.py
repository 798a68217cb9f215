"""The README's table of figures: as it stands, and the writer of it, on copies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.figures import (
    BEGIN,
    END,
    HEADER,
    NOT_MEASURED,
    WANTED,
    Figure,
    between,
    lines_of,
    setups_of,
    with_figures,
)
from tests.bench.machine import setup
from tests.readme.renew import README, ROOT

EMPTY = f"# Title\n\n{BEGIN}\n{END}\n\nlast words\n"
FOURTH = Figure(row=4, work="nearest, 1 M nodes", peer="scipy", ours_s=0.2, peer_s=0.5, at_least=1.8)


def readme(*figures: Figure, text: str = EMPTY, date: str = "2026-01-02", machine: str = "2 cores") -> str:
    return with_figures(text, figures, date=date, setup=machine)[0]


def rows(text: str) -> dict[tuple[str, str], tuple[str, ...]]:
    lines, broken = lines_of(between(text))
    assert broken == []
    assert len({line.key for line in lines}) == len(lines)
    return {line.key: line.cells for line in lines}


def test_the_table_of_the_readme_parses_and_every_row_is_there_or_said_to_be_unmeasured():
    text = README.read_text(encoding="utf-8")
    found = rows(text)
    assert {row for row, _ in found} >= set(map(str, WANTED))
    dates = setups_of(between(text))
    for (row, _), cells in found.items():
        measured = [other[3] != NOT_MEASURED for (number, _), other in found.items() if number == row]
        assert all(measured) or len(measured) == 1  # unmeasured only where nothing else stands
        assert (cells[3] == NOT_MEASURED) == (cells[6] not in dates)
        assert cells[5] in ("yes", "no", "–")


def test_writing_the_readme_again_changes_nothing():
    text = README.read_text(encoding="utf-8")
    assert readme(text=text) == text


def test_a_figure_is_a_row_with_its_ratio_bound_and_date():
    text = readme(FOURTH)
    assert "| 4 | nearest, 1 M nodes | scipy | 2.5 × (200 ms, 500 ms) | ≥ 1.8 × | yes | 2026-01-02 |\n" in text
    assert "\n- 2026-01-02: 2 cores\n" in text
    assert text.startswith("# Title\n\n" + BEGIN)
    assert text.endswith(END + "\n\nlast words\n")
    assert {row for row, _ in rows(text)} == set(map(str, WANTED))
    assert sum(cells[3] == NOT_MEASURED for cells in rows(text).values()) == len(WANTED) - 1


def test_writing_twice_is_writing_once():
    once = readme(FOURTH)
    assert readme(FOURTH, text=once) == once == readme(text=once)


def test_only_what_was_run_is_replaced_and_the_rest_keeps_its_date_and_machine():
    other = Figure(row=None, work="points converted", value=0.14, unit="s", at_most=0.5)
    first = readme(FOURTH, other)
    slower = Figure(row=4, work="nearest, 1 M nodes", peer="scipy", ours_s=0.4, peer_s=0.5, at_least=1.8)
    text = readme(slower, text=first, date="2026-02-03", machine="4 cores")
    assert rows(text)["4", "nearest, 1 M nodes"][3:] == ("1.25 × (400 ms, 500 ms)", "≥ 1.8 ×", "no", "2026-02-03")
    assert rows(text)["–", "points converted"] == rows(first)["–", "points converted"]
    assert setups_of(between(text)) == {"2026-01-02": "2 cores", "2026-02-03": "4 cores"}
    both = readme(other, text=text, date="2026-02-03", machine="4 cores")
    assert setups_of(between(both)) == {"2026-02-03": "4 cores"}  # nothing speaks of the first any more


def test_two_machines_on_one_day_are_told_apart():
    text = readme(FOURTH)
    text = readme(Figure(row=8, work="roads", ours_s=3, peer_s=2, at_most=1.3), text=text, machine="8 cores")
    assert rows(text)["8", "roads"][3:] == ("1.5 × its time (3 s, 2 s)", "≤ 1.3 × its time", "no", "2026-01-02b")
    assert setups_of(between(text)) == {"2026-01-02": "2 cores", "2026-01-02b": "8 cores"}


def test_rows_stand_in_the_order_of_the_issue_and_others_after_them():
    text = readme(Figure(row=None, work="other", value=1), Figure(row=10, work="growth", value=1), FOURTH)
    order = [row for row, _ in rows(text)]
    assert order == [*map(str, WANTED), "–"]


@pytest.mark.parametrize(
    "hostile",
    ["a | b", "a \\| b", "a\\", "|", END, BEGIN, "line\nends\r\n| 4 | x |", "\x00\x1b[31m", "`code", "- 2026-01-01: x"],
)
def test_hostile_cells_stay_one_cell(hostile):
    mean = Figure(row=4, work="w " + hostile, peer=hostile, value=1, unit=hostile, at_least=1)
    text = readme(mean, machine=hostile)
    assert len(rows(text)) == len(WANTED)
    assert all(len(cells) == len(HEADER) for cells in rows(text).values())
    assert readme(mean, text=text, machine=hostile) == text
    assert "<" not in between(text)
    assert text.endswith("last words\n")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_meets_nothing(value):
    figure = Figure(row=4, work="w", value=value, at_least=1)
    assert figure.met is False
    assert Figure(row=4, work="w", value=value, at_most=1).met is False
    assert rows(readme(figure))["4", "w"][3] == "no number"


def test_no_time_at_all_is_no_ratio():
    assert Figure(row=4, work="w", ours_s=0.0, peer_s=1.0, at_least=1).met is False


def test_missing_and_foreign_cells_are_left_out_and_told():
    text = readme(FOURTH)
    spoilt = [
        "| 4 | only two |",
        "| 99 | x | x | x | x | x | x |",
        "| four | x | x | x | x | x | x |",
        "| 5 |  | x | x | x | x | x |",
    ]
    damaged = text.replace(END, "\n".join([*spoilt, "some words", END]))
    mended, broken = with_figures(damaged, [], date="2026-01-02", setup="2 cores")
    assert broken == spoilt
    assert mended == text


@pytest.mark.parametrize("text", ["", BEGIN, END, END + BEGIN, EMPTY + BEGIN])
def test_without_its_markers_nothing_is_written(text):
    with pytest.raises(AssertionError):
        readme(FOURTH, text=text)


def test_a_benchmark_that_falls_short_of_the_issue_may_assert_less_but_the_table_shows_it():
    short = Figure(row=5, work="w", ours_s=1, peer_s=3, at_least=3.5, asserted=2.0)
    assert (short.met, short.holds) == (False, True)
    assert rows(readme(short))["5", "w"][4:6] == ("≥ 3.5 ×", "no")
    assert not Figure(row=5, work="w", ours_s=1, peer_s=1.9, at_least=3.5, asserted=2.0).holds
    assert Figure(row=5, work="w", ours_s=1, peer_s=1).holds  # reported only


def test_the_machine_is_told_without_names_of_hosts_or_paths():
    told = setup()
    assert "Python 3." in told
    assert "numba " in told
    assert " core" in told
    for own in filter(None, (os.uname().nodename if hasattr(os, "uname") else "", str(Path.home()), str(ROOT))):
        assert own not in told


BENCH = """
import pytest

pytestmark = pytest.mark.bench

def test_met(figure):
    figure(row=4, work="good", peer="scipy", ours_s=1.0, peer_s=2.0, at_least=1.8)

def test_missed(figure):
    figure(row=5, work="slow", ours_s=1.0, peer_s=1.0, at_least=1.8)
    figure(row=6, work="small", value=16, unit="bytes a pair", at_most=64)

def test_wrong(figure):
    figure(row=7, work="fast and wrong", ours_s=1.0, peer_s=9.0, at_least=4)
    assert 1 == 2
"""


@pytest.mark.slow
def test_a_report_measures_alone_prints_and_writes(tmp_path):
    """Benchmarks of its own in a pytest of its own; a missed bound fails and is written, a wrong answer is no figure."""
    (tmp_path / "test_own.py").write_text(BENCH, encoding="utf-8")
    (tmp_path / "table.md").write_text(EMPTY, encoding="utf-8")
    words = ["-p", "tests.conftest", "-p", "tests.bench.conftest", "-c", str(ROOT / "pyproject.toml")]
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *words,
            "--report",
            "--report-into",
            "table.md",
            "--rootdir",
            ".",
            "test_own.py",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert "2 failed, 1 passed" in run.stdout, run.stdout + run.stderr
    assert "NOT MET" in run.stdout
    text = (tmp_path / "table.md").read_text(encoding="utf-8")
    assert [key for key, cells in rows(text).items() if cells[3] != NOT_MEASURED] == [
        ("4", "good"),
        ("5", "slow"),
        ("6", "small"),
    ]
    assert [rows(text)[key][5] for key in (("4", "good"), ("5", "slow"), ("6", "small"))] == ["yes", "no", "yes"]
