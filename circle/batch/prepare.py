"""A province read and searched once, and its counties as pieces of work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from circle.batch.province import province_of, write_province
from circle.batch.records import STATE, County
from circle.errors import Findings
from circle.load.region import read_region
from circle.load.region_file import region_file
from circle.pipeline import reached
from circle.settings import Question
from circle.stages import Clock, Progress, Silent
from circle.store import Cache, key_of


@dataclass(frozen=True, eq=False)
class Prepared:
    """What there is to be done."""

    source: Path | None
    name: str
    counties: tuple[County, ...]
    question: Question | None
    period: str | None
    key: str
    reused: bool = False

    def source_of(self, county: County) -> Path:
        """What a worker reads for a county."""
        source = county.file or self.source
        assert source is not None
        return source


def prepare(
    region_file: Path,
    out: Path,
    *,
    progress: Progress | None = None,
    cache: Cache | None = None,
    memory_limit_gb: float | None = None,
) -> Prepared:
    """Read a province and search it."""
    del memory_limit_gb
    progress = progress or Silent()
    progress.start("load")
    loaded = read_region(region_file, cache)
    data = loaded.data
    key = key_of([own.sha256 for own in data.inputs])
    path = out / STATE / f"province-{key}.arrays"
    if not path.exists():
        found = reached(data, loaded.question, Clock(progress), Findings())
        write_province(path.with_suffix(".part"), province_of(data, found), loaded.question)
        path.with_suffix(".part").replace(path)
    assert data.districts is not None
    frame = data.districts.frame
    counties = tuple(
        County(str(code), str(name), str(code), row, 1.0)
        for row, (code, name) in enumerate(zip(frame["district_id"], frame["district_name"], strict=True))
    )
    return Prepared(path, data.name, counties, loaded.question, data.period, key)


def prepare_files(files: Sequence[Path], *, progress: Progress | None = None) -> Prepared:
    """Counties with a region file each."""
    del progress
    counties = tuple(
        County(f.parent.name, f.parent.name, f.parent.name, None, 1.0, file=f) for f in map(region_file, files)
    )
    return Prepared(None, "", counties, None, None, "")
