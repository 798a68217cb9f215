"""Orders handed to workers, here or on a cluster, and records that come back.

Dask finds processes for the orders and brings the records back. Which order is next, what is done when a worker dies,
and when there is nothing more to be hoped for is decided here, for a cluster of any size in the same way.
"""

from __future__ import annotations

import logging
import queue
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from circle.batch.records import Order, Record, State
from circle.batch.task import do_county
from circle.errors import ExitCode, Problem, ResourceError, Severity
from circle.threads import take_threads

if TYPE_CHECKING:
    from distributed import Client, Future

TRIES = 3
"""Workers that may die of one county before it is held to be the county's fault."""
LOOK_S = 1.0
"""Between two looks at whether the cluster is still there, and at how many workers it has."""
COMPILING, TOPIC = "circle.kernels.compiled", "circle-compiling"
"""Who says that kernels are compiled, and under which name the driver hears of it."""
WHOLE_CLUSTER = "all"
"""Under which name Dask tells of workers that come and go."""
PATIENCE = 120
"""Looks without a worker before it is given up: new ones start within seconds, on a cluster within minutes."""


class Watcher(Protocol):
    """Told what happens."""

    def begun(self, order: Order) -> None:
        """A worker is at it."""

    def died(self, order: Order, times: int) -> None:
        """A worker died of it, or beside it; it will be tried again."""

    def fault(self, order: Order, trace: str) -> None:
        """Circle itself failed; the trace is for whoever mends it."""

    def looked(self, workers: int) -> None:
        """There are so many workers."""


class Crew:
    """The workers of a cluster.

    Parameters
    ----------
    client
        Connected to the cluster.
    watcher
        Told what happens.
    most_bytes
        What tasks beside each other may take together, where that is known.
    """

    def __init__(self, client: Client, watcher: Watcher, most_bytes: float = float("inf")) -> None:
        self._client = client
        self._watcher = watcher
        self._most_bytes = most_bytes
        self._workers = 0
        self._unseen = self._idle = 0
        self._deaths: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        self._gone: queue.SimpleQueue[tuple[str, frozenset[str]]] = queue.SimpleQueue()
        self._held: Counter[str] = Counter()
        self._running: dict[Future, Order] = {}
        self._ended: queue.SimpleQueue[Future] = queue.SimpleQueue()

    def do(self, orders: Iterable[Order]) -> Iterator[Record]:
        """Records in the order in which counties end; big ones begin first.

        Whoever stops asking leaves counties unfinished, which is no harm: their folders appear whole or not at all.
        """
        waiting = deque(sorted(orders, key=lambda order: (-order.county.weight, order.county.code)))
        later: list[Order] = []
        self._client.subscribe_topic(TOPIC, _tell_of_compiling)
        self._client.subscribe_topic(WHOLE_CLUSTER, self._hear)
        self._look()
        try:
            while waiting or later or self._running:
                while waiting and self._has_room_for(waiting[0]):
                    self._begin(waiting.popleft())
                ended = self._next_ended()
                if ended is None:
                    waiting.extend(later)
                    later.clear()
                    continue
                order, record = ended
                if record is None:
                    waiting.append(order)  # behind all others: alone at last, if need be
                elif self._is_held(record):
                    later.append(order)
                else:
                    yield record
        finally:
            if self._client.status == "running":
                self._client.unsubscribe_topic(TOPIC)
                self._client.unsubscribe_topic(WHOLE_CLUSTER)
                self._client.cancel(list(self._running), force=True)
            self._running.clear()

    def _next_ended(self) -> tuple[Order, Record | None] | None:
        """The next that ends, with its record if there is one; None if nothing has ended for a while."""
        self._unseen += 1
        try:
            future = self._ended.get(timeout=LOOK_S)
        except queue.Empty:
            self._count_deaths()
            self._look()
            self._idle = 0 if self._workers else self._idle + 1
            if self._idle > PATIENCE:
                raise ResourceError(Problem("batch.no_workers", Severity.ERROR)) from None
            return None
        self._count_deaths()
        order = self._running.pop(future)
        record = self._record_of(order, future)
        if record is None or self._unseen > self._workers:
            self._look()
        return order, record

    def _is_held(self, record: Record) -> bool:
        """Whether a worker of a driver that died is still at the county: it will be done in a moment."""
        held = any(problem.code == "output.in_use" for problem in record.problems)
        self._held[record.county.folder] += held
        return held and self._held[record.county.folder] < PATIENCE

    def _has_room_for(self, order: Order) -> bool:
        """Whether a worker is free; beside a county of which workers died, only half, a quarter … of them work."""
        together = [order, *self._running.values()]
        most = min(max(self._workers >> len(self._deaths[own.county.folder]), 1) for own in together)
        fits = sum(own.county.bytes_needed for own in together) <= self._most_bytes
        return self._workers > 0 and (not self._running or (len(together) <= most and fits))

    def _begin(self, order: Order) -> None:
        future = self._client.submit(_task, order, pure=False, key=None, retries=0)
        self._running[future] = order
        self._watcher.begun(order)
        future.add_done_callback(self._ended.put)

    def _look(self) -> None:
        try:
            threads = self._client.nthreads() if self._client.status == "running" else None
        except OSError:  # it went away this moment
            threads = None
        if threads is None:
            raise ResourceError(Problem("batch.scheduler_lost", Severity.ERROR))
        self._unseen = 0
        self._workers = sum(threads.values())
        self._watcher.looked(self._workers)

    def _hear(self, event: tuple[float, Mapping[str, Any]]) -> None:
        """In a thread of Dask's: of a worker that went with work in hand.

        The scheduler of a cluster of others may hand the work to the next worker by itself, and say no more of it.
        """
        told = event[1]
        if told.get("action") == "remove-worker" and not told.get("expected"):
            self._gone.put((str(told.get("worker")), frozenset(map(str, told.get("processing-tasks") or ()))))

    def _count_deaths(self) -> None:
        while not self._gone.empty():
            worker, keys = self._gone.get()
            for future, order in self._running.items():
                if str(future.key) in keys:
                    self._died(order, future, worker)

    def _died(self, order: Order, future: Future, worker: str) -> int:
        """How many died of a county by now; of each it may be heard twice, and the next may have its address."""
        known, death = self._deaths[order.county.folder], (str(future.key), worker)
        if death not in known:
            known.add(death)
            if len(known) < TRIES:
                self._watcher.died(order, len(known))
        return len(known)

    def _record_of(self, order: Order, future: Future) -> Record | None:
        """What became of a county; None: a worker died, and it is to be tried again."""
        from distributed import KilledWorker

        if future.status == "finished":
            record: Record = future.result()
            return record
        if future.status != "error":  # cancelled or lost: so are all others
            raise ResourceError(Problem("batch.scheduler_lost", Severity.ERROR))
        error = future.exception()
        if not isinstance(error, KilledWorker):
            self._watcher.fault(order, _trace(future))
            told = f"{type(error).__name__}: {error}"
            return _failed(order, Problem("batch.fault", Severity.ERROR, {"told": told[:500]}), ExitCode.INTERNAL)
        times = self._died(order, future, str(error.last_worker.address))
        if times < TRIES:
            return None
        return _failed(order, Problem("batch.worker_died", Severity.ERROR, {"times": times}), ExitCode.RESOURCE)


_begun: list[str] = []
"""Counties that this process has begun."""


def _task(order: Order) -> Record:
    """What a worker does: counties are done side by side, so none takes the whole machine."""
    take_threads(order.threads)
    cold = not _begun
    _begun.append(order.county.folder)
    if cold:
        logger = logging.getLogger(COMPILING)
        logger.addHandler(_Overheard())
        logger.setLevel(logging.INFO)
    return replace(do_county(order), cold=cold)


class _Overheard(logging.Handler):
    """Tells the driver of kernels that a worker compiles; each of them is one event of Dask's."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass it on."""
        from distributed import get_worker

        with suppress(ValueError):  # in a thread that is not the worker's own
            get_worker().log_event(TOPIC, {"said": record.getMessage(), "unkept": getattr(record, "unkept", False)})


def _tell_of_compiling(event: tuple[float, Mapping[str, Any]]) -> None:
    """As if it were compiled here: whoever listens to that tells the user, once."""
    told = event[1]
    logging.getLogger(COMPILING).info("%s", told["said"], extra={"unkept": told["unkept"]})


def _failed(order: Order, problem: Problem, code: ExitCode) -> Record:
    return Record(order.county, State.FAILED, problems=(problem,), exit_code=code)


def _trace(future: Future) -> str:
    import traceback

    return "".join(traceback.format_exception(future.exception()))
