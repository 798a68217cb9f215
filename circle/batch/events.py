"""What happens while counties are done: told to whoever looks on, a person, a program or a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from circle.batch.records import County, Record, State
from circle.errors import Problem, render


class Listener(Protocol):
    """Hears of every event."""

    def hear(self, name: str, told: Mapping[str, Any], tally: Standing) -> None:
        """Something has happened."""


@dataclass
class Standing:
    """How far it is.

    Time left is told from sizes: the seconds that workers took for the weight that is done, and the weight that is not.

    Parameters
    ----------
    counties
        How many there are.
    weight
        Of all of them.
    """

    counties: int = 0
    weight: float = 0.0
    workers: int = 0
    done: int = 0
    unchanged: int = 0
    failed: int = 0
    people: float = 0.0
    running: dict[str, County] = field(default_factory=dict)
    ended_weight: float = 0.0
    timed_weight: float = 0.0
    timed_seconds: float = 0.0
    timed_cold: bool = True
    peak_bytes: int = 0

    def end(self, record: Record) -> None:
        """A county has ended, in whatever way."""
        county = record.county
        self.running.pop(county.folder, None)
        self.ended_weight += county.weight
        self.people += record.people
        self.peak_bytes = max(self.peak_bytes, record.peak_bytes)
        if record.state is State.FAILED:
            self.failed += 1
        elif record.state is State.UNCHANGED:
            self.unchanged += 1
        else:
            self.done += 1
            self._time(county.weight, record)

    def _time(self, weight: float, record: Record) -> None:
        """What cold workers took counts only as long as there is nothing better."""
        if self.timed_cold and not record.cold:
            self.timed_cold, self.timed_weight, self.timed_seconds = False, 0.0, 0.0
        if self.timed_cold == record.cold:
            self.timed_weight += weight
            self.timed_seconds += record.seconds

    @property
    def ended(self) -> int:
        """Counties that need no worker any more."""
        return self.done + self.unchanged + self.failed

    @property
    def seconds_left(self) -> float | None:
        """Until all have ended, if the rest is like what was done; None before the first."""
        if self.timed_weight <= 0.0 or self.workers == 0:
            return None
        at_once = min(self.workers, max(self.counties - self.ended, 1))
        return (self.weight - self.ended_weight) * self.timed_seconds / self.timed_weight / at_once


class Tellers:
    """All listeners, and the tally that each of them is shown."""

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self._listeners = tuple(listeners)
        self.tally = Standing()

    def tell(self, name: str, **told: Any) -> None:
        """Say it to everybody."""
        for listener in self._listeners:
            listener.hear(name, told, self.tally)

    def start(self, stage: str) -> None:
        """A stage of the preparation begins."""
        self.tell("stage", stage=stage)


def plain_event(name: str, told: Mapping[str, Any], tally: Standing, lang: str) -> dict[str, Any]:
    """An event as JSON can say it, with the tally that goes with it."""
    return {"event": name, **dict(_plain(told, lang)), "tally": _plain_tally(tally)}


def _plain(told: Mapping[str, Any], lang: str) -> Iterator[tuple[str, Any]]:
    for name, value in told.items():
        if isinstance(value, County):
            yield from {"code": value.code, "name": value.name, "folder": value.folder}.items()
        elif isinstance(value, Record):
            yield from _plain({"county": value.county}, lang)
            yield from {
                "state": value.state.value,
                "people": value.people,
                "places": value.places,
                "seconds": round(value.seconds, 3),
                "peak_bytes": value.peak_bytes,
                "exit_code": int(value.exit_code),
                "problems": [plain_problem(problem, lang) for problem in value.problems],
            }.items()
        elif name == "problems":
            yield name, [plain_problem(problem, lang) for problem in value]
        else:
            yield name, value


def plain_problem(problem: Problem, lang: str) -> dict[str, str]:
    """A problem for another program."""
    return {"code": problem.code, "severity": problem.severity.value, "text": render(problem, lang)}


def _plain_tally(tally: Standing) -> dict[str, Any]:
    left = tally.seconds_left
    return {
        "counties": tally.counties,
        "done": tally.done,
        "unchanged": tally.unchanged,
        "failed": tally.failed,
        "running": len(tally.running),
        "people": tally.people,
        "workers": tally.workers,
        "share": round(tally.ended_weight / tally.weight, 6) if tally.weight else 1.0,
        "seconds_left": None if left is None else round(left, 1),
        "peak_bytes": tally.peak_bytes,
    }
