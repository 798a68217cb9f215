"""One county, done by whichever process is handed its order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from circle.batch.counties import county_of
from circle.batch.failures import failed_before, forget_failure, keep_failure
from circle.batch.keys import data_key, file_key
from circle.batch.province import map_province
from circle.batch.records import ROWS, Order, Record, State
from circle.batch.rows import county_rows, outline_of, write_rows
from circle.errors import CircleError, ExitCode, Findings, InputError, Listed, Problem, ResourceError, Severity
from circle.export.county_folder import write_county
from circle.export.folder import Manner
from circle.load.machine import peak_bytes
from circle.load.region import read_region
from circle.model import Analysis, RegionData
from circle.pipeline import Reached, finished, reached
from circle.settings import Question
from circle.stages import Clock, Silent
from circle.store import EXTRACTS, program_hash, remove_result, user_cache, whole_folder, whole_result, writing


@dataclass(frozen=True, eq=False)
class _Slice:
    """A county's data and question, what its places reach, and what was found while reading."""

    data: RegionData
    found: Reached
    question: Question
    findings: Findings


def do_county(order: Order) -> Record:
    """Do a county, unless its folder is what would come of it.

    Whatever the data or the machine do to it becomes part of the answer; a fault of circle's own is left to the caller.

    Parameters
    ----------
    order
        What is to be done.
    """
    clock = Clock(Silent())
    with clock.stage("county"):
        try:
            record = _done(order)
        except InputError as error:
            remove_result(order.folder)  # it tells of data that are no more
            record = _failed(order, error)
        except CircleError as error:
            record = _failed(order, error)
        except MemoryError:
            record = _failed(order, ResourceError(Problem("batch.no_memory", Severity.ERROR)))
    return replace(record, seconds=clock.seconds["county"], peak_bytes=peak_bytes())


def county_key(data: str, question: Question | None, order: Order) -> str:
    """Hash of all that a county's files follow from; the language is that of the map."""
    county, wishes = order.county, order.wishes
    asked = asdict(wishes) if wishes.maps else {"maps": False}
    said = [data, _told(question), county.code, county.name, asked, order.program]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _told(question: Question | None) -> object:
    """A question in plain words; of a region file it is part of the hash of its files."""
    if question is None:
        return None
    plain = {name: value for name, value in vars(question).items() if name not in ("standard", "limits")}
    limits = [asdict(limit) for limit in question.limits]
    return [question.standard.model_dump(mode="json"), limits, plain]


def _done(order: Order) -> Record:
    """Read as little as can be: whatever stands in the key is there before the analysis, or even before the reading."""
    county = order.county
    if program_hash() != order.program:
        raise ResourceError(Problem("batch.other_version", Severity.ERROR))
    if any(problem.severity is Severity.ERROR for problem in county.problems):
        raise InputError(county.problems)
    part = None if county.row is None else _county_of(order)
    if part is None:
        data, question = file_key(order.source), None
    else:
        data, question = data_key(part.data, part.found), part.question
    begun = Record(county, State.DONE, county_key(data, question, order), data)
    return _ended_before(order, begun) or _done_now(order, begun, part)


def _ended_before(order: Order, begun: Record) -> Record | None:
    """What an earlier run made of the very same; None: it is to be done."""
    if (kept := whole_result(order.folder)) is not None and kept.get("county", {}).get("key") == begun.key:
        counts = kept["counts"]
        people = float(counts["people"]["all"])
        return replace(begun, state=State.UNCHANGED, people=people, places=int(counts["places"]))
    return None if order.retry else failed_before(order, begun.key)


def _done_now(order: Order, begun: Record, part: _Slice | None) -> Record:
    """Analyse and write; that the data do not do is remembered."""
    try:
        own = part or _region_of(order)
        said = Clock(Silent()), own.findings
        analysis = finished(own.data, own.question, own.found, said, isochrones=order.wishes.maps)
    except InputError as error:
        failed = replace(_failed(order, error), key=begun.key, data_key=begun.data_key)
        remove_result(order.folder)
        keep_failure(order, failed)
        return failed
    _write(order, begun, analysis)
    forget_failure(order)
    people, places = float(analysis.residents.people[0].sum()), len(analysis.residents.lon)
    return replace(begun, people=people, places=places, problems=_small((*order.county.problems, *analysis.problems)))


def _county_of(order: Order) -> _Slice:
    whole, question = map_province(order.source)
    assert order.county.row is not None
    findings = Findings()
    return _Slice(*county_of(whole, question, order.county.row, findings), question, findings)


def _region_of(order: Order) -> _Slice:
    """A county from its own files."""
    loaded = read_region(order.source, user_cache(EXTRACTS))
    findings = Findings()
    findings.problems += loaded.problems
    found = reached(loaded.data, loaded.question, Clock(Silent()), findings)
    return _Slice(loaded.data, found, loaded.question, findings)


def _small(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Warnings, without the rows of thousands of places that a list of problems would show."""
    warnings = (problem for problem in problems if problem.severity is not Severity.NOTE)
    return tuple(
        replace(own, fields={name: str(v) if isinstance(v, Listed) else v for name, v in own.fields.items()})
        for own in warnings
    )


def _write(order: Order, record: Record, analysis: Analysis) -> None:
    county, folder = order.county, order.folder
    about = {"code": county.code, "name": county.name, "key": record.key, "data_key": record.data_key}
    manner = Manner(order.wishes.lang) if order.wishes.maps else None
    rows = county_rows(county, analysis, record.data_key)
    outline = outline_of(analysis) if county.row is None else None
    with whole_folder(folder, force=True) as staging, writing(folder):
        write_county(analysis, staging, (ROWS, lambda path: write_rows(path, rows, outline)), about, manner)


def _failed(order: Order, error: CircleError) -> Record:
    code = error.exit_code if isinstance(error.exit_code, ExitCode) else ExitCode.INPUT
    return Record(order.county, State.FAILED, problems=_small(error.problems), exit_code=code)
