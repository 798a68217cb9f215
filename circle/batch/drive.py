"""All counties of a province, or of many region files: prepared, done by workers, and put together."""

from __future__ import annotations

import logging
import math
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from circle.batch.apart import apart
from circle.batch.cluster import dashboard, workers_here, workers_of
from circle.batch.engine import Crew
from circle.batch.events import Tellers
from circle.batch.failures import failure_rows
from circle.batch.overall import Overall, check_overall, write_overall
from circle.batch.prepare import Prepared, prepare, prepare_files
from circle.batch.records import COUNTIES, STATE, Order, Record, State, Wishes
from circle.batch.survey import refuse_unknown_column
from circle.batch.task import do_county
from circle.errors import ExitCode, OutputError, Problem, QueryError, Severity
from circle.export.failures_file import failures_bytes
from circle.load.machine import memory_here
from circle.load.manifest_file import is_province
from circle.stages import Progress
from circle.store import (
    EXTRACTS,
    alone,
    clear_leftovers,
    program_hash,
    remove_result,
    user_cache,
    whole_result,
    write_whole,
    writing,
)
from circle.threads import cpu_count

if TYPE_CHECKING:
    from distributed import Client

FAILURES = "failures.csv"
DRIVER_BYTES = 500_000_000
"""Kept for the driver itself, which puts the tables together, and for the system."""
HERE_BYTES = 300_000_000
"""Of a worker before it does anything: the libraries."""


@dataclass(frozen=True)
class Asked:
    """What a batch is asked for.

    Parameters
    ----------
    regions
        The province's region file, or one for each county.
    out
        Folder of all results.
    wishes
        Of every county.
    scheduler
        Address of a Dask scheduler; None: workers of this machine.
    workers
        How many of this machine; None: as many as it has cores.
    strict
        Stop at the first county that fails.
    retry_failed
        Try again also those that failed with the same data.
    memory_limit_gb
        For everything on this machine; None: what it has left.
    rank_by, previous
        For the table of all counties.
    """

    regions: tuple[Path, ...]
    out: Path
    wishes: Wishes = field(default_factory=Wishes)
    scheduler: str | None = None
    workers: int | None = None
    strict: bool = False
    retry_failed: bool = False
    memory_limit_gb: float | None = None
    rank_by: str | None = None
    previous: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """How it went.

    Parameters
    ----------
    records
        Of every county, in the order of codes; fewer where it was stopped.
    overall
        What was written of all counties together; None where it was stopped at a county that failed.
    """

    records: tuple[Record, ...]
    overall: Overall | None

    @property
    def exit_code(self) -> ExitCode:
        """Of the command: that of the county at which it stopped; partial where some failed and others did not."""
        failed = [record for record in self.records if record.state is State.FAILED]
        if not failed:
            return ExitCode.OK
        codes = {record.exit_code for record in failed}
        if len(failed) < len(self.records) and self.overall is not None:
            return ExitCode.PARTIAL
        return codes.pop() if len(codes) == 1 else ExitCode.INPUT


def run_batch(asked: Asked, tellers: Tellers, log: logging.Handler | None = None) -> Outcome:
    """Do all counties that are not done, and write the tables of all.

    Parameters
    ----------
    asked
        What is wanted.
    tellers
        Told of every step.
    log
        Where the engine tells what it does.

    Raises
    ------
    CircleError
        If nothing can be prepared or written, the cluster is lost, or, when `strict`, a county fails.
    """
    out = asked.out
    refuse_unknown_column(asked.rank_by)  # now, not after an hour
    if asked.previous is not None and asked.previous.resolve() == out.resolve():
        raise QueryError(Problem("batch.previous_is_out", Severity.ERROR, file=str(out)))
    _refuse_foreign(out)
    with writing(out):
        (out / STATE).mkdir(parents=True, exist_ok=True)
    try:
        with alone(out / STATE):
            outcome = _alone(asked, tellers, log)
    finally:
        if [entry.name for entry in out.iterdir()] == [STATE]:
            with suppress(OSError):  # something came of it
                (out / STATE).rmdir()
                out.rmdir()
    tellers.tell("ended", exit_code=int(outcome.exit_code), stopped=outcome.overall is None)
    return outcome


def _alone(asked: Asked, tellers: Tellers, log: logging.Handler | None) -> Outcome:
    """The whole job, while no other driver is at the folder."""
    out, rank_by, previous = asked.out, asked.rank_by, asked.previous
    prepared = _prepared(asked, tellers)
    check_overall(prepared, rank_by=rank_by, previous=previous)
    records: list[Record] = []
    stopped = False
    with closing(_records(asked, prepared, tellers, log)) as ended:
        for record in ended:
            records.append(record)
            if stopped := _ends_all(record, strict=asked.strict):
                break
    clear_leftovers(out / COUNTIES)
    records.sort(key=lambda own: (own.county.code, own.county.folder))
    if stopped:
        return Outcome(tuple(records), None)
    _remove_gone(out / COUNTIES, {county.folder for county in prepared.counties}, tellers)
    tellers.start("overall")
    write_whole(out / FAILURES, failures_bytes(failure_rows(records)), force=True)
    lang = asked.wishes.lang
    overall = write_overall(out, prepared, records, rank_by=rank_by, previous=previous, lang=lang)
    return Outcome(tuple(records), overall)


def _remove_gone(folder: Path, known: Collection[str], tellers: Tellers) -> None:
    """Counties of an earlier run that are none any more: their figures would be taken for those of now."""
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    for name in names:
        if name not in known and whole_result(folder / name) is not None:
            remove_result(folder / name)
            tellers.tell("county_gone", folder=name)


def _refuse_foreign(out: Path) -> None:
    """Only a new folder, an empty one, or one of a batch."""
    if not out.is_dir() or (out / STATE).is_dir():
        return
    foreign = sorted(entry.name for entry in out.iterdir())
    if foreign:
        shown = ", ".join(foreign[:5]) + (" …" if len(foreign) > 5 else "")
        raise OutputError(Problem("batch.other_files", Severity.ERROR, {"files": shown}, file=str(out)))


def _prepared(asked: Asked, tellers: Tellers) -> Prepared:
    prepared = apart(partial(_prepare, asked), tellers)
    tally = tellers.tally
    tally.counties = len(prepared.counties)
    tally.weight = sum(county.weight for county in prepared.counties)
    doubts = tuple(problem for problem in prepared.problems if problem.severity is not Severity.NOTE)
    tellers.tell("prepared", period=prepared.period, counties=tally.counties, problems=doubts)
    return prepared


def _prepare(asked: Asked, progress: Progress) -> Prepared:
    """Takes as much memory as the province is large."""
    if len(asked.regions) == 1 and is_province(asked.regions[0]):
        cache, limit = user_cache(EXTRACTS), asked.memory_limit_gb
        return prepare(asked.regions[0], asked.out, progress=progress, cache=cache, memory_limit_gb=limit)
    prepared = prepare_files(asked.regions, progress=progress)
    if len(asked.regions) > 1:
        return prepared
    alone = Problem("batch.one_county", Severity.WARNING, file=str(asked.regions[0]))
    return replace(prepared, problems=(*prepared.problems, alone))


def _records(
    asked: Asked, prepared: Prepared, tellers: Tellers, log: logging.Handler | None
) -> Generator[Record, None, None]:
    """Of every county, as they end; those that cannot be done are told of first."""
    program, orders = program_hash(), []
    for county in prepared.counties:
        source = prepared.source_of(county)
        order = Order(county, source.resolve(), asked.out.resolve(), asked.wishes, program, asked.retry_failed)
        if any(problem.severity is Severity.ERROR for problem in county.problems):
            yield _ended(do_county(order), tellers)
        else:
            orders.append(order)
    if not orders:
        return
    room = _room(asked)
    with _workers(asked, orders, room, log) as client:
        tellers.tell("cluster", dashboard=dashboard(client))
        beside = room - HERE_BYTES * sum(client.nthreads().values())
        threads = 1 if asked.scheduler else max(cpu_count() // max(len(client.nthreads()), 1), 1)
        shared = [replace(order, threads=threads) for order in orders]
        for record in Crew(client, _Watch(tellers), beside).do(shared):
            yield _ended(record, tellers)


def _ended(record: Record, tellers: Tellers) -> Record:
    tellers.tally.end(record)
    tellers.tell("county_ended", record=record)
    return record


def _ends_all(record: Record, *, strict: bool) -> bool:
    """Whether it is of no use, or not wanted, to go on after a county."""
    full = any(problem.code == "output.disk_full" for problem in record.problems)
    return record.state is State.FAILED and (strict or full)


def _room(asked: Asked) -> float:
    """Bytes that tasks may take together; a cluster's own machines look after themselves."""
    if asked.scheduler is not None:
        return math.inf
    whole = memory_here().whole if asked.memory_limit_gb is None else asked.memory_limit_gb * 1e9
    return whole - DRIVER_BYTES


@contextmanager
def _workers(asked: Asked, orders: Sequence[Order], room: float, log: logging.Handler | None) -> Iterator[Client]:
    if asked.scheduler is not None:
        with workers_of(asked.scheduler, log) as client:
            yield client
        return
    fit = max(int(room // HERE_BYTES), 1) if math.isfinite(room) else len(orders)
    with workers_here(min(asked.workers or cpu_count(), len(orders), fit), log) as client:
        yield client


class _Watch:
    """Tells of the engine's steps."""

    def __init__(self, tellers: Tellers) -> None:
        self._tellers = tellers

    def begun(self, order: Order) -> None:
        self._tellers.tally.running[order.county.folder] = order.county
        self._tellers.tell("county_begun", county=order.county)

    def died(self, order: Order, times: int) -> None:
        self._tellers.tally.running.pop(order.county.folder, None)
        self._tellers.tell("worker_died", county=order.county, times=times)

    def fault(self, order: Order, trace: str) -> None:
        self._tellers.tell("fault", county=order.county, trace=trace)

    def looked(self, workers: int) -> None:
        if workers != self._tellers.tally.workers:
            self._tellers.tally.workers = workers
            self._tellers.tell("workers", workers=workers)
