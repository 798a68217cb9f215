"""Which counties work beside each other: big ones first, and never more than there is memory or are workers for."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from threading import Lock, Thread
from types import SimpleNamespace

import numpy as np
import pytest
from distributed import KilledWorker

from circle.batch import drive, engine
from circle.batch.engine import Crew
from circle.batch.events import Tellers
from circle.batch.records import County, Order, Record, State, Wishes
from circle.threads import cpu_count


class Quiet:
    """Watches without a word."""

    def begun(self, order: Order) -> None: ...
    def died(self, order: Order, times: int) -> None: ...
    def fault(self, order: Order, trace: str) -> None: ...
    def looked(self, workers: int) -> None: ...


class Ended:
    """A future that ends after a while."""

    def __init__(self, cluster: Cluster, order: Order) -> None:
        self._cluster, self._order = cluster, order
        self.status = "pending"

    def add_done_callback(self, told: Callable[[Ended], None]) -> None:
        Thread(target=self._end, args=(told,), daemon=True).start()

    def _end(self, told: Callable[[Ended], None]) -> None:
        time.sleep(0.002 * self._order.county.weight)
        self._cluster.leave(self._order)
        self.status = "finished"
        told(self)

    def result(self) -> Record:
        return Record(self._order.county, State.DONE)


class Cluster:
    """So many workers, and what was at work beside each other."""

    status = "running"

    def __init__(self, workers: int) -> None:
        self._workers, self._lock = workers, Lock()
        self._now: dict[str, int] = {}
        self.begun: list[str] = []
        self.together: list[int] = []
        self.bytes: list[int] = []

    def nthreads(self) -> dict[str, int]:
        return {f"worker {number}": 1 for number in range(self._workers)}

    def subscribe_topic(self, *_: object) -> None: ...
    def unsubscribe_topic(self, *_: object) -> None: ...
    def cancel(self, futures: object, *, force: bool) -> None: ...

    def submit(self, _: object, order: Order, **more: object) -> Ended:
        with self._lock:
            self._now[order.county.folder] = order.county.bytes_needed
            self.begun.append(order.county.folder)
            self.together.append(len(self._now))
            self.bytes.append(sum(self._now.values()))
        return Ended(self, order)

    def leave(self, order: Order) -> None:
        with self._lock:
            del self._now[order.county.folder]


def orders(weights: list[int], needed: list[int]) -> list[Order]:
    counties = [
        County(f"{n:03d}", "", f"{n:03d}", n, float(weight), bytes_needed=own)
        for n, (weight, own) in enumerate(zip(weights, needed, strict=True))
    ]
    return [Order(county, Path("source"), Path("out"), Wishes(), "") for county in counties]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("workers", "room"), [(1, np.inf), (4, np.inf), (4, 250), (8, 100)])
def test_what_works_together_fits(seed: int, workers: int, room: float) -> None:
    """A county that is larger than all the room there is works alone: it may be less than it seems."""
    rng = np.random.default_rng(seed)
    weights, needed = rng.integers(1, 9, 30).tolist(), rng.integers(10, 120, 30).tolist()
    cluster = Cluster(workers)
    crew = Crew(cluster, Quiet(), room)  # type: ignore[arg-type]
    ended = [record.county.folder for record in crew.do(orders(weights, needed))]
    assert sorted(ended) == [f"{n:03d}" for n in range(30)]
    assert max(cluster.together) <= workers
    assert all(held <= room or beside == 1 for held, beside in zip(cluster.bytes, cluster.together, strict=True))
    begun = [weights[int(folder)] for folder in cluster.begun]
    assert begun == sorted(begun, reverse=True)


def test_workers_that_die_one_after_another_at_one_address_are_counted_one_by_one():
    """As with a fixed port: whoever is started in place of the dead has its address, and a county must not go on forever."""

    class Killed(Ended):
        def _end(self, told: Callable[[Ended], None]) -> None:
            self._cluster.leave(self._order)
            self.status, self.key = "error", f"task {len(self._cluster.begun)}"
            told(self)

        def exception(self) -> KilledWorker:
            return KilledWorker("task", SimpleNamespace(address="tcp://host:9000"), 0)

    class Deadly(Cluster):
        def submit(self, task: object, order: Order, **more: object) -> Ended:
            super().submit(task, order, **more)
            return Killed(self, order)

    class Watching(Quiet):
        def died(self, order: Order, times: int) -> None:
            told.append(times)

    told: list[int] = []
    cluster = Deadly(2)
    (record,) = Crew(cluster, Watching()).do(orders([1], [0]))
    assert record.state is State.FAILED
    assert [problem.fields["times"] for problem in record.problems] == [engine.TRIES]
    assert told == list(range(1, engine.TRIES))
    assert len(cluster.begun) == engine.TRIES


@pytest.mark.parametrize(
    ("cores", "workers", "scheduler", "threads"),
    [(8, 3, None, 2), (2, 2, None, 1), (2, 1, None, 2), (1, 4, None, 1), (64, 2, "tcp://127.0.0.1:1", 1)],
)
def test_workers_share_the_cores_and_take_no_more(monkeypatch, tmp_path, cores, workers, scheduler, threads):
    """What a worker is told, and what it does about it; a cluster of others has its own plans for its cores."""
    told: list[Order] = []

    class Told:
        def __init__(self, *_: object) -> None: ...
        def do(self, given: list[Order]) -> list[Record]:
            told.extend(given)
            return []

    monkeypatch.setattr(drive, "Crew", Told)
    monkeypatch.setattr(drive, "cpu_count", lambda: cores)
    monkeypatch.setattr(drive, "dashboard", lambda client: None)
    monkeypatch.setattr(drive, "_workers", lambda *_: nullcontext(Cluster(workers)))
    whole = SimpleNamespace(counties=[one.county for one in orders([1, 2, 3], [0, 0, 0])], source_of=lambda _: Path("source"))
    assert list(drive._records(drive.Asked((), tmp_path, scheduler=scheduler), whole, Tellers(()), None)) == []
    assert [one.threads for one in told] == [threads] * 3

    monkeypatch.setattr("circle.threads._most", None)  # put back at the end
    monkeypatch.setattr(engine, "do_county", lambda order: Record(order.county, State.DONE, places=cpu_count()))
    assert engine._task(told[0]).places == threads
