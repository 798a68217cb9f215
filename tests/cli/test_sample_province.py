"""``circle sample --province``: as it is typed, and what the other commands make of what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from circle.errors import ExitCode


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_wrong_combinations_are_refused_in_a_sentence(circle, tmp_path, monkeypatch, lang):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    said = circle("sample", "--province", 2, "qingxi", tmp_path / "p", "--lang", lang)
    assert said.code == ExitCode.USAGE
    assert ("give the folder alone" if lang == "en" else "请只给出文件夹") in said.err
    said = circle("sample", "qingxi", "--lang", lang)
    assert said.code == ExitCode.USAGE
    assert ("say where to write it" if lang == "en" else "请指明写入的位置") in said.err
    assert circle("sample", "--province", "two", tmp_path / "p", "--lang", lang).code == ExitCode.USAGE
    assert circle("sample", "--province", 2, "--lang", lang).code == ExitCode.USAGE
    for counties in (0, -3, 3_001):
        said = circle("sample", f"--province={counties}", tmp_path / "p", "--lang", lang)
        assert said.code == ExitCode.INPUT
        assert "3,000" in said.err
    assert circle("sample", "--province", 2, "--junctions", 300_000, tmp_path / "p").code == ExitCode.INPUT
    assert list(tmp_path.iterdir()) == []


def test_a_province_is_written_checked_run_and_not_written_over(circle, tmp_path):
    """People per district, in the csv and in the whole; the sums are Python's."""
    folder = tmp_path / "云 泽"
    said = circle("sample", "--province", 4, folder, "--junctions", 1_000, "--seed", 5)
    assert said.code == ExitCode.OK
    assert str(folder / "province.toml") in said.out
    claimed = {
        f["properties"]["adcode"]: f["properties"]["population"]
        for f in json.loads((folder / "counties.geojson").read_text(encoding="utf-8"))["features"]
    }
    found = circle("check", folder / "province.toml")
    assert found.code == ExitCode.OK
    assert "warnings: 0" in found.out
    assert "as one region whose districts are its counties" in found.out
    run = circle("run", folder / "province.toml", "--out", tmp_path / "out", "-q")
    assert run.code == ExitCode.OK
    assert "as one region whose districts are its counties" in run.err
    assert circle("sample", "--province", 4, folder).code == ExitCode.OUTPUT
    assert json.loads((tmp_path / "out" / "provenance.json").read_text(encoding="utf-8"))["period"] == "2026Q4"
    people_add_up(tmp_path / "out", claimed)


def people_add_up(out: Path, claimed: dict[str, int]) -> None:
    table = pd.read_csv(out / "indicators.csv", dtype={"district_id": str}, encoding="utf-8-sig")
    counted = table[table["service"].isin(["primary_school", "middle_school", "clinic", "bus_stop"])]
    assert len(counted) > 0
    for _, rows in counted.groupby(["service", "group", "limit"]):
        whole, parts = rows[rows["scope"] == "region"], rows[rows["scope"] == "district"]
        assert sorted(parts["district_id"]) == sorted(claimed)
        assert whole["people"].iloc[0] == pytest.approx(sum(claimed.values()), abs=1e-3)
        for column in ("people", "covered", "uncovered"):
            assert parts[column].sum() == pytest.approx(whole[column].iloc[0], abs=1e-3)
        near = parts.set_index("district_id")["people"] / pd.Series(claimed)
        assert near.between(0.99, 1.01).all()  # cells on a border are cut by area
