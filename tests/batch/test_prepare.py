"""A province is made ready once; a county that is broken is told of by itself, and nobody is counted twice or lost."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
import rasterio

from circle.batch.counties import county_of
from circle.batch.names import RESERVED, folder_name
from circle.batch.prepare import Prepared, prepare, prepare_files
from circle.batch.province import map_province
from circle.batch.records import STATE
from circle.errors import InputError, ResourceError, Severity, render
from circle.load.manifest_file import is_province
from circle.sample import write_sample_province
from tests import provinces

JUNCTIONS = 1_000


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample_province(tmp_path_factory.mktemp("six") / "p", 6, junctions=JUNCTIONS, seed=5).parent


@pytest.fixture(scope="module")
def prepared(six: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(six / "province.toml", tmp_path_factory.mktemp("out"))


def people_of(folder: Path) -> float:
    with rasterio.open(folder / "population.tif") as source:
        return float(source.read(1, masked=True).sum(dtype=np.float64))


def failed(made: Prepared) -> dict[str, str]:
    """Code of each county that cannot be done = code of the problem, told by the list or by its slice."""
    assert made.source is not None
    province, question = map_province(made.source)
    found = {}
    for county in made.counties:
        errors = [p.code for p in county.problems if p.severity is Severity.ERROR]
        if not errors:
            try:
                county_of(province, question, county.row)
            except InputError as error:
                errors = [p.code for p in error.problems]
        if errors:
            found[county.code] = errors[0]
    return found


def everybody(made: Prepared) -> float:
    """People of the counties, and of those in none."""
    elsewhere = sum(rows.query("service == 'all_services' and group == 'all'").groupby("limit")["people"].sum().iloc[0] for rows in made.elsewhere.values())
    return sum(county.people for county in made.counties) + float(elsewhere)


def test_counties_are_listed_in_order_with_everybody_in_them(six: Path, prepared: Prepared) -> None:
    assert [county.code for county in prepared.counties] == provinces.codes_of(six)
    assert [county.folder for county in prepared.counties] == provinces.codes_of(six)
    assert not any(county.problems for county in prepared.counties)
    assert (prepared.name, prepared.period) == ("云泽省", "2026Q4")
    assert everybody(prepared) == pytest.approx(people_of(six), rel=1e-12)
    assert min(county.weight for county in prepared.counties) > 0
    assert failed(prepared) == {}


def test_what_was_prepared_is_used_again_and_made_again_when_an_input_changes(six: Path, tmp_path: Path) -> None:
    folder = provinces.copy_of(six, tmp_path / "p")
    first = prepare(folder / "province.toml", tmp_path / "out")
    again = prepare(folder / "province.toml", tmp_path / "out")
    assert (first.reused, again.reused) == (False, True)
    assert again.counties == first.counties
    assert again.question == first.question
    assert [render(p, "zh") for p in again.problems] == [render(p, "zh") for p in first.problems]
    assert first.source is not None
    first.source.write_bytes(first.source.read_bytes()[:-1000])
    mended = prepare(folder / "province.toml", tmp_path / "out")
    assert not mended.reused
    provinces.without_people(folder, 2)
    changed = prepare(folder / "province.toml", tmp_path / "out")
    assert not changed.reused
    assert changed.source != first.source
    left = sorted(path.suffix for path in (tmp_path / "out" / STATE).iterdir())
    assert left == [".arrays", ".counties"]


def test_the_same_province_is_the_same_bytes(six: Path, prepared: Prepared, tmp_path: Path) -> None:
    again = prepare(six / "province.toml", tmp_path / "out")
    assert again.source is not None
    assert prepared.source is not None
    assert again.source.read_bytes() == prepared.source.read_bytes()


def test_a_province_that_would_not_fit_is_refused(six: Path, tmp_path: Path) -> None:
    with pytest.raises(ResourceError):
        prepare(six / "province.toml", tmp_path / "out", memory_limit_gb=0.01)
    assert not list((tmp_path / "out").rglob("*.arrays"))


BROKEN = {
    "no_people": (lambda folder: provinces.without_people(folder, 2), {2: "batch.no_people"}, {}),
    "no_roads": (lambda folder: provinces.without_roads(folder, 3), {}, {}),
    "no_shape": (lambda folder: provinces.without_shape(folder, 1), {1: "batch.no_shape"}, {}),
    "no_name": (lambda folder: provinces.without(folder, 4, "name"), {}, {4: "batch.no_name"}),
    "twice": (lambda folder: provinces.twice(folder, 0), {}, {0: "batch.several_areas"}),
    "overlap": (lambda folder: provinces.overlapping(folder, 0), {}, {0: "batch.overlap"}),
}


def test_a_county_whose_people_are_all_counted_in_another_says_so(six: Path, tmp_path: Path) -> None:
    """It is drawn twice, under two codes: whoever reads that nobody lives there would look for a hole in the raster."""
    folder = provinces.copy_of(six, tmp_path / "p")
    provinces.drawn_again(folder, 0, code="099998")
    made = prepare(folder / "province.toml", tmp_path / "out")
    (code, problem), = failed(made).items()
    assert problem == "batch.no_people_left"
    assert code in (provinces.codes_of(six)[0], "099998")
    (county,) = [county for county in made.counties if county.code == code]
    (other,) = [own for own in made.counties if own.code != code and own.code in (provinces.codes_of(six)[0], "099998")]
    assert other.name in render(county.problems[-1], "en")
    assert everybody(made) == pytest.approx(people_of(folder), rel=1e-12)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_county_fails_or_is_told_of_alone(name: str, six: Path, prepared: Prepared, tmp_path: Path) -> None:
    change, wrong, doubtful = BROKEN[name]
    folder = provinces.copy_of(six, tmp_path / "p")
    change(folder)
    made = prepare(folder / "province.toml", tmp_path / "out")
    codes = provinces.codes_of(six)
    assert failed(made) == {codes[number]: problem for number, problem in wrong.items()}
    by_code = {county.code: county for county in made.counties}
    assert list(by_code) == codes
    for number, problem in doubtful.items():
        assert problem in [p.code for p in by_code[codes[number]].problems]
    assert everybody(made) == pytest.approx(people_of(folder), rel=1e-12)
    for county in made.counties:
        for problem in county.problems:
            assert all(render(problem, lang) for lang in ("en", "zh"))


def test_counties_beyond_the_raster_s_end_are_told_apart_from_those_cut_by_it(six: Path, tmp_path: Path) -> None:
    folder = provinces.copy_of(six, tmp_path / "p")
    provinces.outside_the_raster(folder, 2)
    made = prepare(folder / "province.toml", tmp_path / "out")
    gone = provinces.codes_of(six)[2]
    assert failed(made)[gone] == "batch.outside_raster"
    cut = [county for county in made.counties if "batch.partly_outside_raster" in [p.code for p in county.problems]]
    with rasterio.open(folder / "population.tif") as source:
        bounds = source.bounds
    for number, county in enumerate(made.counties):
        _, south, _, north = provinces.shape_of(six, number).bounds
        share = max(0.0, north - bounds.top, bounds.bottom - south) / (north - south)
        assert (county in cut) == (0.05 < share < 1) or share < 0.05 or share >= 1
    assert cut
    assert everybody(made) == pytest.approx(people_of(folder), rel=1e-12)


def test_a_county_far_from_everything_fails_alone(six: Path, tmp_path: Path) -> None:
    folder = provinces.copy_of(six, tmp_path / "p")
    provinces.elsewhere(folder)
    made = prepare(folder / "province.toml", tmp_path / "out")
    assert failed(made) == {"099999": "batch.outside_raster"}
    assert everybody(made) == pytest.approx(people_of(folder), rel=1e-12)


def test_two_counties_of_one_code_both_have_an_answer(six: Path, tmp_path: Path) -> None:
    folder = provinces.copy_of(six, tmp_path / "p")
    provinces.same_code(folder, 1, 4)
    made = prepare(folder / "province.toml", tmp_path / "out")
    code = provinces.codes_of(six)[4]
    shared = [county for county in made.counties if "batch.code_shared" in [p.code for p in county.problems]]
    assert {county.code for county in shared} == {code, f"{code}-2"}
    assert failed(made) == {}
    assert everybody(made) == pytest.approx(people_of(folder), rel=1e-12)


@pytest.mark.parametrize("column", ["name", "adcode"])
def test_unsafe_names_and_codes_become_folders_like_any_other(column: str, tmp_path: Path) -> None:
    folder = write_sample_province(tmp_path / "p", len(provinces.UNSAFE), junctions=JUNCTIONS, seed=5).parent
    provinces.named(folder, column=column)
    made = prepare(folder / "province.toml", tmp_path / "out")
    assert len(made.counties) == len(provinces.UNSAFE)
    assert_safe([county.folder for county in made.counties])
    assert everybody(made) == pytest.approx(people_of(folder), rel=1e-12)
    assert failed(made) == {}


def assert_safe(folders: list[str]) -> None:
    """As Windows, macOS and Linux want it: no two spellings of one name, nothing reserved, nothing hidden, not long."""
    assert len({unicodedata.normalize("NFC", folder).casefold() for folder in folders}) == len(folders)
    for folder in folders:
        assert folder.isascii()
        assert 0 < len(folder) <= 64
        assert not set(folder) & set('<>:"/\\|?*. \n')
        assert folder[0] not in "-~."
        assert folder.split("~")[0] not in RESERVED or "~" in folder


def test_folders_are_named_by_the_code_alone() -> None:
    codes = ["a", "A", "\u00e9", "e\u0301", "con", "CON", "nul.txt", "nul-txt", "x" * 64, "x" * 65, "x" * 66, "090102", "90102", " a", "a ", "a.", "", "🏔️", "🏔"]
    folders = [folder_name(code) for code in codes]
    assert_safe(folders)
    assert folders[0] == "a"
    assert folder_name("090102") == "090102"


def test_region_files_of_their_own_are_counties_by_their_folders(sample_regions: Path, tmp_path: Path) -> None:
    one = provinces.copy_of(sample_regions / "qingxi", tmp_path / "a" / "x")
    other = provinces.copy_of(sample_regions / "qingxi", tmp_path / "b" / "x")
    third = tmp_path / "third"
    third.mkdir()
    (third / "region.toml").write_text("[region]\nname = 7\n", encoding="utf-8")
    made = prepare_files([one / "region.toml", other, third, other / "region.toml", tmp_path / "none"])
    assert [county.code for county in made.counties] == ["a/x", "b/x", "none", "third"]
    by_name = {county.file.parent: county for county in made.counties if county.file is not None}
    assert [p.code for p in by_name[other].problems] == ["batch.same_file"]
    assert by_name[one].problems == ()
    assert any(p.severity is Severity.ERROR for p in by_name[third].problems)
    assert made.source_of(by_name[one]) == one / "region.toml"
    assert not is_province(one)
    assert (made.question, made.source) == (None, None)


def test_a_province_without_counties_or_of_broken_words_is_refused(six: Path, tmp_path: Path) -> None:
    folder = provinces.copy_of(six, tmp_path / "p")
    assert is_province(folder / "province.toml")
    text = (folder / "province.toml").read_text(encoding="utf-8")
    (folder / "province.toml").write_text(text.replace("[osm]", "[osm"), encoding="utf-8")
    with pytest.raises(InputError):
        prepare(folder / "province.toml", tmp_path / "out")
    with pytest.raises(InputError):
        prepare(folder / "nothing.toml", tmp_path / "out")


