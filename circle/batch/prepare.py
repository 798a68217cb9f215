"""A province is made ready: read once, searched once, kept in one file, its counties listed with what each needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import shapely

from circle import memory, pipeline
from circle.batch.elsewhere import rows_elsewhere
from circle.batch.keys import hashes, said
from circle.batch.layers import no_streets, without_people
from circle.batch.listing import listed
from circle.batch.own_files import prepare_files as prepare_files
from circle.batch.prepared import Prepared as Prepared
from circle.batch.province import province_of, write_province
from circle.batch.records import STATE, County
from circle.batch.worded import Worded, worded
from circle.collecting import collection_paused
from circle.errors import Findings, InputError, Problem, Severity
from circle.lazily import pd
from circle.load.machine import memory_here
from circle.load.manifest_file import read_manifest
from circle.load.provenance import input_files
from circle.load.raster_areas import population_area
from circle.load.region import read_region
from circle.load.region_file import region_file
from circle.load.sizes import extract_bytes
from circle.model.packing import packed, unpacked
from circle.settings import Limit, Question, Standard
from circle.stages import Clock, Progress, Silent
from circle.store import Cache, Entry, key_of, whole_entry, write_entry, writing

ARRAYS, LISTED = ".arrays", ".counties"


@dataclass(frozen=True, eq=False)
class _Listed:
    """What is kept beside the arrays, for the driver; the standard as plain words."""

    name: str
    counties: tuple[County, ...]
    question: Question
    standard: Mapping[str, object]
    problems: tuple[Problem, ...]
    elsewhere: Mapping[str, pd.DataFrame]
    projection: str


_RECORDS = (_Listed, County, Question, Limit, Problem, Severity, Worded)


@dataclass(frozen=True)
class _Job:
    """How a province is made ready; see `prepare`."""

    progress: Progress
    cache: Cache | None
    memory_limit_gb: float | None

    def room(self, more: int, *, at_least: bool = False) -> None:
        """Refuse to take so many bytes more where they are not there."""
        here = memory_here()
        limit_gb = self.memory_limit_gb
        room, bound = (here.whole, here.bound) if limit_gb is None else (limit_gb * 1e9, "asked")
        memory.refuse_too_large(here.held + more, room, bound, at_least=at_least)


def prepare(
    region: Path,
    out: Path,
    *,
    progress: Progress | None = None,
    cache: Cache | None = None,
    memory_limit_gb: float | None = None,
) -> Prepared:
    """Read and search a province once, unless that was done with the very same inputs.

    Parameters
    ----------
    region
        A region file with ``[batch]``, or its folder.
    out
        The folder of all results; only what lies in its `STATE` is written. Whoever calls is alone there.
    progress
        Told when a stage begins.
    cache
        Where what was read of the extract is kept; None: nowhere.
    memory_limit_gb
        Gigabytes that the process may come to hold; None: what the machine has left; ``inf``: whatever it takes.

    Raises
    ------
    InputError
        If something stops the whole province.
    ResourceError
        If it would not fit.
    OutputError
        If it cannot be kept.
    """
    file, findings = region_file(region), Findings()
    manifest = read_manifest(file, findings) if file.is_file() else None
    if manifest is None:
        read_region(region)  # says what is wrong
        raise InputError(findings.problems)
    if manifest.districts is None:
        raise InputError(Problem("batch.no_counties", Severity.ERROR, file=file.name))
    period = None if manifest.batch is None else manifest.batch.period
    inputs = input_files(manifest, file)
    key = key_of("province", said(manifest), hashes(inputs))
    path = out / STATE / f"province-{key[:16]}{ARRAYS}"
    kept = _kept(path)
    reused = kept is not None
    if kept is None:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            _remove_others(path)
        job = _Job(progress or Silent(), cache, memory_limit_gb)
        kept = _made(file, path, populated=population_area(manifest, file.parent), job=job)
    return Prepared(
        source=path,
        name=kept.name,
        counties=kept.counties,
        question=replace(kept.question, standard=Standard.model_validate(kept.standard)),
        period=period,
        inputs=inputs,
        problems=kept.problems,
        elsewhere=kept.elsewhere,
        projection=kept.projection,
        reused=reused,
    )


def _made(file: Path, path: Path, *, populated: shapely.Geometry | None, job: _Job) -> _Listed:
    """Read, search and keep; what is not needed any more is let go before the next is made."""
    job.room(memory.least_bytes(extract_bytes(file)), at_least=True)
    job.progress.start("load")
    with collection_paused():
        loaded = read_region(file, job.cache)
    data, question, problems = loaded.data, loaded.question, loaded.problems
    del loaded
    job.room(memory.province_bytes(data, question))
    clock, findings = Clock(job.progress), Findings()
    ground = pipeline.ground_of(data, question, clock, findings)
    data = replace(data, streets=no_streets(), population=without_people(data.population), buildings=None)
    found = pipeline.reached_on(ground, data, question, clock, findings)
    del ground
    elsewhere = rows_elsewhere(found, question)
    province = province_of(data, found)
    del found
    job.progress.start("export")
    assert data.districts is not None  # of a region file with [districts]
    told = [p for p in (*problems, *findings.problems) if p.code != "batch.one_region"]
    kept = _Listed(
        data.name,
        listed(province, data.districts.odd, populated),
        replace(question, standard=None),  # type: ignore[arg-type]
        question.standard.model_dump(mode="json"),
        tuple(map(worded, told)),
        elsewhere,
        province.network.crs,
    )
    with writing(path):
        write_province(path, province, question)
        write_entry(path.with_suffix(LISTED), Entry(*packed(kept, _RECORDS)))
    return kept


def _kept(path: Path) -> _Listed | None:
    """What was kept earlier; None where it was not, or not whole."""
    listing = whole_entry(path.with_suffix(LISTED))
    if listing is None or whole_entry(path) is None:
        return None
    kept: _Listed = unpacked(listing.head, listing.arrays, _RECORDS)
    return kept


def _remove_others(path: Path) -> None:
    """Provinces of other inputs, and what the dead left half-written: the room is wanted."""
    for old in path.parent.iterdir():
        mine = old.name in (path.name, path.with_suffix(LISTED).name)
        if not mine and old.name.lstrip(".").startswith("province-"):
            old.unlink(missing_ok=True)
