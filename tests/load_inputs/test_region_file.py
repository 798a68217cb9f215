"""A file given as a region that is none: told what it is, whatever it is called; what may be one is read."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest

from circle.errors import render
from circle.load.region import check_region
from circle.load.sizes import extract_bytes

KINDS = {
    "roads.osm.pbf": "extract",
    "clinics.csv": "data",
    "dem.tif": "data",
    "population.tif": "data",
    "schools.xlsx": "data",
    "townships.geojson": "data",
}


def told(file: Path) -> list[str]:
    """Codes of the problems, of which none may speak of saving as UTF-8."""
    loaded, problems = check_region(file)
    assert loaded is None
    for lang in ("en", "zh"):
        assert "UTF-8" not in "".join(render(problem, lang) for problem in problems)
    return [problem.code for problem in problems]


@pytest.mark.parametrize("name", KINDS)
def test_every_file_of_a_region_is_told_by_its_name(name: str, sample_regions: Path) -> None:
    file = sample_regions / "qingxi" / name
    assert told(file) == [f"region.is_{KINDS[name]}"]
    assert extract_bytes(file) == 0
    (problem,) = check_region(file)[1]
    assert f"circle init {file.parent}" in render(problem, "en")


@pytest.mark.parametrize("name", ["roads.osm.pbf", "dem.tif", "schools.xlsx"])
@pytest.mark.parametrize("called", ["region.toml", "region", "a.txt"])
def test_binary_files_are_told_by_their_bytes(name: str, called: str, sample_regions: Path, tmp_path: Path) -> None:
    file = Path(shutil.copyfile(sample_regions / "qingxi" / name, tmp_path / called))
    assert told(file) == [f"region.is_{KINDS[name]}"]
    if called == "region.toml":
        assert told(tmp_path) == [f"region.is_{KINDS[name]}"]


@pytest.mark.parametrize("head", ["", "<?xml version='1.0' encoding='UTF-8'?>\n", "\ufeff"])
def test_an_extract_in_xml_is_told_too(head: str, tmp_path: Path) -> None:
    document = f'{head}<osm version="0.6"></osm>'.encode()
    for name, content in {"a.osm": document, "region.toml": document, "a.osm.gz": gzip.compress(document)}.items():
        (tmp_path / name).write_bytes(content)
        assert told(tmp_path / name) == ["region.is_extract"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_region_file_that_speaks_of_extracts_is_one(encoding: str, sample_regions: Path, tmp_path: Path) -> None:
    region = Path(shutil.copytree(sample_regions / "qingxi", tmp_path / "r"))
    written = (region / "region.toml").read_text(encoding="utf-8")
    (region / "region.toml").write_text("# 青溪: <?xml?><osm> \n" + written, encoding=encoding)
    loaded, problems = check_region(region)
    assert loaded is not None
    assert not [problem.code for problem in problems if problem.code.startswith("region.is_")]
    assert extract_bytes(region) == (region / "roads.osm.pbf").stat().st_size
