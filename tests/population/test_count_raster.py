"""Rasters of counts from files, good and bad."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
import rasterio

from circle.errors import Findings, Severity, render
from circle.load.count_raster import read_count_raster
from tests.population.grids import codes, write_raster


def read(path, **options):
    findings = Findings()
    return read_count_raster({"all": [path]}, findings, **options), findings


def problem_of(findings, code):
    (problem,) = [p for p in findings.problems if p.code == code]
    for lang in ("en", "zh"):
        assert "{" not in render(problem, lang)
    return problem


def test_counts_are_taken_as_they_stand_and_cropped_to_the_people(tmp_path):
    """A 4x4 raster whose people stand in rows 1-2 and columns 1-3: the corner moves by one cell each way."""
    values = np.zeros((4, 4), dtype=np.float32)
    values[1, 1], values[2, 3] = 2.5, 4.0
    raster, findings = read(write_raster(tmp_path / "人 口.tif", values, nodata=-99999.0))
    assert raster.counts.tolist() == [[[2.5, 0.0, 0.0], [0.0, 0.0, 4.0]]]
    np.testing.assert_allclose(raster.transform, (0.001, 0, 10.001, 0, -0.001, 49.999))
    assert (raster.groups, raster.crs) == (("all",), "EPSG:4326")
    assert findings.problems == []


def test_declared_nodata_and_nan_are_nobody_without_a_word(tmp_path):
    values = np.array([[1.0, -200.0], [np.nan, 3.0]])
    raster, findings = read(write_raster(tmp_path / "p.tif", values, nodata=-200.0))
    assert raster.counts[0].tolist() == [[1.0, 0.0], [0.0, 3.0]]
    assert findings.problems == []


def test_negative_people_count_as_nobody_and_are_told_with_the_smallest(tmp_path):
    raster, findings = read(write_raster(tmp_path / "p.tif", np.array([[1.0, -0.5], [-2.0, 3.0]])))
    assert raster.counts.sum() == 4.0
    problem = problem_of(findings, "raster.negative")
    assert problem.severity is Severity.WARNING
    assert (problem.fields["cells"], problem.fields["smallest"]) == (2, "-2")


@pytest.mark.parametrize("sentinel", [-99999.0, -3.4e38, np.inf])
def test_undeclared_nodata_is_recognised_and_told(tmp_path, sentinel):
    raster, findings = read(write_raster(tmp_path / "p.tif", np.array([[1.0, sentinel], [2.0, 3.0]], dtype=np.float32)))
    assert raster.counts.sum() == 6.0
    assert problem_of(findings, "raster.nodata_undeclared").fields["cells"] == 1


def test_a_raster_of_nothing_but_nodata_is_an_error(tmp_path):
    raster, findings = read(write_raster(tmp_path / "p.tif", np.full((3, 3), -99999.0), nodata=-99999.0))
    assert raster is None
    assert problem_of(findings, "raster.all_nodata").severity is Severity.ERROR


def test_a_raster_of_zeros_is_an_error_of_its_own(tmp_path):
    raster, findings = read(write_raster(tmp_path / "p.tif", np.zeros((3, 3))))
    assert raster is None
    problem_of(findings, "population.nobody")


@pytest.mark.parametrize(("share", "code"), [(0.6, "file.cut_off"), (0.02, "file.cut_off"), (0.0, "raster.unreadable")])
def test_a_truncated_raster_is_an_error(tmp_path, share, code):
    whole = write_raster(tmp_path / "whole.tif", np.random.default_rng(0).uniform(size=(300, 300)), compress="lzw")
    cut = tmp_path / "cut.tif"
    cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
    raster, findings = read(cut)
    assert raster is None
    assert problem_of(findings, code).file == str(cut)


def test_a_missing_raster_is_an_error(tmp_path):
    raster, findings = read(tmp_path / "none.tif")
    assert raster is None
    problem_of(findings, "file.missing")


def test_a_raster_without_coordinate_system_is_an_error_that_guesses_degrees(tmp_path):
    raster, findings = read(write_raster(tmp_path / "p.tif", np.ones((2, 2)), crs=None))
    assert raster is None
    assert "EPSG:4326" in render(problem_of(findings, "raster.crs_missing_degrees"), "zh")
    metric = write_raster(tmp_path / "m.tif", np.ones((2, 2)), crs=None, origin=(500_000.0, 3_200_000.0), cell=100.0)
    problem_of(read(metric)[1], "raster.crs_missing")


def test_a_declared_system_serves_a_raster_without_one(tmp_path):
    raster, findings = read(write_raster(tmp_path / "p.tif", np.ones((2, 2)), crs=None), crs="EPSG:4490")
    assert (raster.crs, findings.problems) == ("EPSG:4490", [])
    problem_of(read(tmp_path / "p.tif", crs="EPSG:1")[1], "raster.crs_unknown")


def test_a_declared_system_that_contradicts_the_file_is_told(tmp_path):
    raster, findings = read(write_raster(tmp_path / "p.tif", np.ones((2, 2))), crs="EPSG:4549")
    assert raster.crs == "EPSG:4326"
    problem_of(findings, "raster.crs_declared_differs")


def test_a_picture_without_position_is_an_error(tmp_path):
    path = tmp_path / "scan.tif"
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        rasterio.open(path, "w", driver="GTiff", height=2, width=2, count=1, dtype="uint8").close()
    raster, findings = read(path)
    assert raster is None
    problem_of(findings, "raster.not_georeferenced")


def test_only_the_first_band_counts_and_that_is_told(tmp_path):
    path = tmp_path / "p.tif"
    profile = {"crs": "EPSG:4326", "transform": rasterio.Affine(0.001, 0, 10, 0, -0.001, 50)}
    with rasterio.open(path, "w", driver="GTiff", height=1, width=2, count=2, dtype="uint8", **profile) as file:
        file.write(np.array([[[1, 2]], [[30, 40]]], dtype=np.uint8))
    raster, findings = read(path)
    assert raster.counts.sum() == 3
    problem_of(findings, "raster.several_bands")


def test_tiles_of_one_grid_are_joined_and_shared_cells_count_once(tmp_path):
    """Columns 0-2 and 2-4 of one grid, column 2 in both: 1 + 2 + 3 + 4 + 5 = 15 people."""
    left = write_raster(tmp_path / "left.tif", np.array([[1.0, 2.0, 3.0]]))
    right = write_raster(tmp_path / "right.tif", np.array([[3.0, 4.0, 5.0]]), origin=(10.002, 50.0))
    findings = Findings()
    raster = read_count_raster({"all": [right, left]}, findings)
    assert raster.counts[0].tolist() == [[1.0, 2.0, 3.0, 4.0, 5.0]]
    assert raster.transform[2] == pytest.approx(10.0)
    assert codes(findings) == ["raster.tiles_overlap"]


def test_tiles_that_disagree_where_they_overlap_are_told_and_the_first_wins(tmp_path):
    first = write_raster(tmp_path / "a.tif", np.array([[1.0, 2.0]]))
    second = write_raster(tmp_path / "b.tif", np.array([[9.0, 5.0]]), origin=(10.001, 50.0))
    findings = Findings()
    raster = read_count_raster({"all": [first, second]}, findings)
    assert raster.counts[0].tolist() == [[1.0, 2.0, 5.0]]
    assert problem_of(findings, "raster.tiles_disagree").fields["cells"] == 1


@pytest.mark.parametrize("other", [{"origin": (10.0004, 50.0)}, {"cell": 0.002}, {"crs": "EPSG:3857"}])
def test_groups_on_another_grid_are_an_error(tmp_path, other):
    everyone = write_raster(tmp_path / "a.tif", np.ones((2, 2)))
    children = write_raster(tmp_path / "b.tif", np.ones((2, 2)), **other)
    findings = Findings()
    assert read_count_raster({"all": [everyone], "children": [children]}, findings) is None
    assert problem_of(findings, "raster.grids_differ").file == str(children)


def test_groups_come_after_all_and_may_cover_other_cells(tmp_path):
    children = write_raster(tmp_path / "c.tif", np.array([[1.0]]), origin=(10.001, 50.0))
    everyone = write_raster(tmp_path / "a.tif", np.array([[5.0, 6.0]]))
    raster = read_count_raster({"children": [children], "all": [everyone]}, Findings())
    assert raster.groups == ("all", "children")
    assert raster.counts.tolist() == [[[5.0, 6.0]], [[0.0, 1.0]]]


def test_without_a_raster_of_all_residents_the_groups_are_added_up(tmp_path):
    young = write_raster(tmp_path / "y.tif", np.array([[1.0, 2.0]]))
    old = write_raster(tmp_path / "o.tif", np.array([[10.0, 20.0]]))
    findings = Findings()
    raster = read_count_raster({"young": [young], "old": [old]}, findings)
    assert raster.groups == ("all", "young", "old")
    assert raster.counts[0].tolist() == [[11.0, 22.0]]
    assert problem_of(findings, "population.all_is_sum").severity is Severity.NOTE


def test_a_group_larger_than_all_residents_is_told(tmp_path):
    findings = Findings()
    everyone, old = (write_raster(tmp_path / f"{n}.tif", np.array([[float(n)]])) for n in (5, 6))
    assert read_count_raster({"all": [everyone], "old": [old]}, findings) is not None
    problem_of(findings, "population.group_exceeds_all")
    assert problem_of(findings, "raster.group_exceeds_cell").fields["members"] == "6"


def test_a_raster_inside_an_archive_is_read(tmp_path):
    write_raster(tmp_path / "p.tif", np.array([[7.0]]))
    with zipfile.ZipFile(tmp_path / "人口 2020.zip", "w") as archive:
        archive.write(tmp_path / "p.tif", "GHS/p.tif")
        archive.writestr("GHS/readme.pdf", "x")
    raster, findings = read(tmp_path / "人口 2020.zip")
    assert raster.counts.sum() == 7.0
    assert findings.problems == []


def test_archives_that_are_broken_or_hold_no_raster_are_errors(tmp_path):
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04nothing")
    problem_of(read(tmp_path / "broken.zip")[1], "raster.unreadable")
    with zipfile.ZipFile(tmp_path / "words.zip", "w") as archive:
        archive.writestr("readme.txt", "x")
    problem_of(read(tmp_path / "words.zip")[1], "raster.zip_without_raster")


def test_of_a_large_raster_only_the_part_within_bounds_is_read(tmp_path):
    """Degrees 10.003 to 10.004 are column 3; a cell to spare each way gives columns 2-4: 2 + 3 + 4 per row."""
    path = write_raster(tmp_path / "p.tif", np.tile(np.arange(8.0), (8, 1)))
    raster, findings = read(path, bounds=(10.0031, 49.9968, 10.0039, 49.9962))
    assert problem_of(findings, "raster.part_read").severity is Severity.NOTE
    assert raster.counts[0].tolist() == [[2.0, 3.0, 4.0]] * 3
    nowhere, findings = read(path, bounds=(100.0, 20.0, 101.0, 21.0))
    assert nowhere is None
    problem_of(findings, "raster.outside_region")


def test_scale_and_offset_of_the_file_are_applied(tmp_path):
    path = write_raster(tmp_path / "p.tif", np.array([[10, 20]], dtype=np.int16))
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.5,), (1.0,)
    assert read(path)[0].counts[0].tolist() == [[6.0, 11.0]]


def test_all_problems_of_all_files_are_told_at_once(tmp_path):
    no_crs = write_raster(tmp_path / "p.tif", np.ones((2, 2)), crs=None)
    findings = Findings()
    assert read_count_raster({"all": [tmp_path / "none.tif"], "old": [no_crs]}, findings) is None
    assert codes(findings) == ["file.missing", "raster.crs_missing_degrees"]
