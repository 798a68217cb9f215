"""Equal keys, equal answers; and nothing that happens far away changes a key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from circle import pipeline
from circle.batch.counties import county_of
from circle.batch.keys import data_key, file_key
from circle.batch.prepare import prepare
from circle.batch.province import map_province
from circle.errors import Findings, InputError
from circle.kernels.projection import to_metres
from circle.model import Analysis
from circle.model.packing import packed
from circle.stages import Clock, Silent
from tests.batch.changes import CHANGES, a_facility
from tests.provinces import codes_of, copy_of, shape_of

pytestmark = pytest.mark.slow

Change = Callable[[Path, float, float], None]


@dataclass(frozen=True)
class Told:
    """Of one county: its key, a hash of its whole answer, and the box of what it looks at, in metres."""

    key: str
    answer: str
    box: shapely.Geometry


def hash_of(answer: Analysis) -> str:
    """Of everything that could be written of a county."""
    parts = (
        answer.indicators, answer.summary, answer.gaps, answer.isochrones, answer.isochrone_check, answer.audit,
        answer.region, answer.residents, answer.reach, answer.together, answer.network,
    )  # fmt: skip
    digest = hashlib.sha256()
    for part in parts:
        frame = part.reset_index(drop=True) if isinstance(part, pd.DataFrame) else part
        head, arrays = packed(frame)
        digest.update(repr(head).encode())
        for array in arrays.values():
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def told(folder: Path, out: Path, *, answers: bool) -> dict[str, Told]:
    prepared = prepare(folder / "province.toml", out)
    assert prepared.source is not None
    province, question = map_province(prepared.source)
    found = {}
    for county in prepared.counties:
        part, own = county_of(province, question, county.row)
        net = own.joined.engine.network
        box = shapely.box(net.vertex_x.min(), net.vertex_y.min(), net.vertex_x.max(), net.vertex_y.max())
        answer = hash_of(pipeline.finished(part, question, own, (Clock(Silent()), Findings()))) if answers else ""
        found[county.code] = Told(data_key(part, own), answer, box)
    return found


@pytest.fixture(scope="module")
def before(sixteen: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Told]:
    return told(sixteen, tmp_path_factory.mktemp("before"), answers=True)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("number", [0, 9])
def test_a_change_in_the_middle_of_a_county_changes_its_key_alone(change: Change, number: int, sixteen: Path, before: dict[str, Told], tmp_path: Path) -> None:
    middle = shapely.centroid(shape_of(sixteen, number))
    changed = copy_of(sixteen, tmp_path / "changed")
    change(changed, middle.x, middle.y)
    after = told(changed, tmp_path / "out", answers=False)
    assert [code for code in before if before[code].key != after[code].key] == [codes_of(sixteen)[number]]


@pytest.mark.parametrize("seed", [1, 0, 5, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3, 4))])
def test_a_county_whose_answer_changes_has_another_key_and_one_far_away_has_not(seed: int, sixteen: Path, before: dict[str, Told], tmp_path: Path) -> None:
    """At places drawn at random, half of them on a border."""
    rng = np.random.default_rng(seed)
    area = shape_of(sixteen, int(rng.integers(16)))
    at = shapely.line_interpolate_point(area.exterior, rng.random(), normalized=True) if seed % 2 else shapely.centroid(area)
    changed = copy_of(sixteen, tmp_path / "changed")
    CHANGES[seed % 3](changed, at.x, at.y)
    after = told(changed, tmp_path / "out", answers=True)
    other = {code for code in before if before[code].key != after[code].key}
    assert {code for code in before if before[code].answer != after[code].answer} <= other
    assert 1 <= len(other) < 8
    crs = prepare(changed / "province.toml", tmp_path / "out").projection
    point = shapely.Point(*to_metres(crs, np.array([at.x]), np.array([at.y])))
    far = {code for code, one in before.items() if shapely.distance(one.box, point) > 1_500.0}
    assert len(far) >= 4
    assert not other & far


def test_a_facility_across_the_border_that_people_go_to_changes_the_key(sixteen: Path, before: dict[str, Told], tmp_path: Path) -> None:
    """A school on the border of two counties: both have another key."""
    one, other = (shape_of(sixteen, number) for number in (0, 1))
    border = shapely.intersection(shapely.buffer(one, 1e-6), shapely.buffer(other, 1e-6))
    assert not border.is_empty
    at = shapely.point_on_surface(border)
    changed = copy_of(sixteen, tmp_path / "changed")
    a_facility(changed, at.x, at.y)
    after = told(changed, tmp_path / "out", answers=False)
    assert all(before[code].key != after[code].key for code in codes_of(sixteen)[:2])


def test_the_period_and_the_names_of_files_are_not_in_the_key(sixteen: Path, before: dict[str, Told], tmp_path: Path) -> None:
    moved = copy_of(sixteen, tmp_path / "elsewhere")
    text = (moved / "province.toml").read_text(encoding="utf-8")
    assert "2026Q4" in text
    (moved / "province.toml").write_text(text.replace("2026Q4", "2027Q1").replace("云泽省", "另一省"), encoding="utf-8")
    after = told(moved, tmp_path / "out", answers=False)
    assert {code: one.key for code, one in after.items()} == {code: one.key for code, one in before.items()}


def test_a_county_file_s_key_follows_from_what_it_says_and_from_its_files(sample_regions: Path, tmp_path: Path) -> None:
    folder = copy_of(sample_regions / "qingxi", tmp_path / "qingxi")
    key = file_key(folder / "region.toml")
    region = folder / "region.toml"
    region.write_text("# a remark\n" + region.read_text(encoding="utf-8"), encoding="utf-8")
    assert file_key(folder) == key
    region.write_text(region.read_text(encoding="utf-8") + "\n[batch]\nperiod = \"2026Q4\"\n", encoding="utf-8")
    with_batch = file_key(folder)
    region.write_text(region.read_text(encoding="utf-8").replace("2026Q4", "2027Q1"), encoding="utf-8")
    assert file_key(folder) == with_batch
    extract = next(folder.glob("*.pbf"))
    extract.write_bytes(extract.read_bytes() + b"\0")
    assert file_key(folder) != with_batch
    region.write_text("[region]\nname = 3", encoding="utf-8")
    with pytest.raises(InputError):
        file_key(folder)
