"""`circle.check`: the doctor in a notebook."""

from __future__ import annotations

import html
import shutil

import pytest

import circle
from circle.doctor.check_page import check_html


@pytest.fixture(scope="module")
def sound(sample_regions):
    return circle.check(sample_regions / "qingxi")


@pytest.fixture
def broken(sample_regions, tmp_path):
    """Two layers that are not there, and a key that nobody knows: three files' worth of errors at once."""
    folder = tmp_path / "broken"
    shutil.copytree(sample_regions / "qingxi", folder)
    (folder / "clinics.csv").unlink()
    (folder / "townships.geojson").unlink()
    return folder


def test_sound_data_are_fit_and_their_suspects_lie_on_the_map(sound):
    assert sound.fit
    assert set(sound.problems["severity"]) == {"warning", "note"}
    suspects = sound.suspects
    assert len(suspects) > 0
    assert suspects.geometry.within(sound.found.loaded.data.extent.polygon.buffer(0.1)).all()
    assert (suspects["message"].str.len() > 20).all()


def test_all_errors_are_there_at_once_and_none_is_raised(broken, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    found = circle.check(broken)
    assert not found.fit
    errors = found.problems.query("severity == 'error'")
    assert {"clinics.csv", "townships.geojson"} <= set(errors["file"])
    assert found.problems["severity"].iloc[0] == "error"
    assert errors["message"].str.contains("does not exist").sum() == 2
    assert len(found.suspects) == 0
    shown = found._repr_html_()
    assert "clinics.csv" in shown
    assert "does not exist" in shown
    with pytest.raises(circle.InputError) as raised:
        circle.load_region(broken)
    assert len(raised.value.problems) == len(found.problems)


def test_the_page_is_that_of_the_command(sound):
    page = sound.explore(lang="zh")
    assert page.html == check_html(sound.found, sound.path, lang="zh")
    assert html.unescape(page._repr_html_().split('srcdoc="')[1].split('"')[0]) == page.html


def test_a_page_is_saved_and_never_over_a_file(sound, tmp_path):
    page = sound.explore(lang="en")
    path = page.save(tmp_path / "check.html")
    assert path.read_text(encoding="utf-8") == page.html
    with pytest.raises(circle.OutputError):
        page.save(path)
    page.save(path, force=True)


def test_many_problems_are_cut_and_counted(sound, monkeypatch):
    from dataclasses import replace

    from circle.errors import Problem, Severity

    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    many = tuple(Problem("file.missing", Severity.WARNING, file=f"f{n}.csv") for n in range(40))
    shown = replace(sound, found=replace(sound.found, problems=many))._repr_html_()
    assert shown.count("<tr>") == 1 + 12
    assert "28 more" in shown
