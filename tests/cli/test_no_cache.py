"""Cached work can be refused: with --no-cache nothing is taken, and nothing is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Said


@pytest.mark.parametrize("words", [("check",), ("route", "--from", "119.2,28.9", "--to", "clinic"), ("run",)], ids=str)
def test_the_option_keeps_the_cache_out_of_it(
    circle, sample_regions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CIRCLE_CACHE", str(tmp_path / "cache"))
    command, *rest = words
    asked = [command, str(sample_regions / "qingxi"), *rest]
    said: list[Said] = []
    for number, more in enumerate((["--no-cache"], [], [])):
        out = ["--out", str(tmp_path / str(number))] if command == "run" else []
        said.append(circle(*asked, *out, *more))
        assert (tmp_path / "cache").exists() == (number > 0)
    assert {one.code for one in said} == {0}
    if command != "run":
        assert said[0].out == said[1].out == said[2].out
    else:
        first, second = (
            {
                path.name: path.read_bytes()
                for path in (tmp_path / str(number)).iterdir()
                if path.name != "provenance.json"
            }
            for number in (0, 2)
        )
        assert first == second
