"""Counties whose data do not do: remembered by the hash of those data, so that nobody tries them again for nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from circle.batch.records import STATE, Order, Record, State
from circle.batch.worded import Worded
from circle.errors import ExitCode, Problem, Severity, render
from circle.export.failures_file import FailureRow
from circle.messages import LANGUAGES
from circle.store import read_record, write_whole


def keep_failure(order: Order, record: Record) -> None:
    """Remember why a county failed."""
    problems = [
        {"code": own.code, "severity": own.severity.value, "told": {lang: render(own, lang) for lang in LANGUAGES}}
        for own in record.problems
    ]
    kept = {"key": record.key, "data_key": record.data_key, "exit_code": int(record.exit_code), "problems": problems}
    write_whole(_file(order), json.dumps(kept, ensure_ascii=False, indent=1) + "\n", force=True)


def failed_before(order: Order, key: str) -> Record | None:
    """How a county failed with the very same data, question and version; None where it did not."""
    kept = read_record(_file(order))
    if kept is None or kept.get("key") != key:
        return None
    problems = tuple(
        Problem(
            "batch.told_before",
            Severity(own["severity"]),
            {"told": Worded(own["told"])},
        )
        for own in kept["problems"]
    )
    code = ExitCode(kept["exit_code"])
    return Record(order.county, State.FAILED, key, str(kept["data_key"]), problems=problems, exit_code=code)


def forget_failure(order: Order) -> None:
    """The county has succeeded."""
    _file(order).unlink(missing_ok=True)


def _file(order: Order) -> Path:
    return order.out / STATE / "failed" / f"{order.county.folder}.json"


def failure_rows(records: Sequence[Record]) -> list[FailureRow]:
    """A row for every problem of every county that failed."""
    return [
        FailureRow(record.county.code, record.county.name, int(record.exit_code), problem)
        for record in records
        if record.state is State.FAILED
        for problem in record.problems
    ]
