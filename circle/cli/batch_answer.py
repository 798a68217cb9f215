"""The end of a batch on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from circle.batch.overall import Overall
from circle.batch.records import Record, State
from circle.cli.terminal import out, plain
from circle.messages import text


def show_overall(
    overall: Overall, records: Sequence[Record], lang: str, *, seconds: float, brief: bool = False
) -> None:
    """Say how it went."""
    del seconds, brief
    states = [record.state for record in records]
    out().print(text("batch.summary", lang, **{state.value: states.count(state) for state in State}))
    out().print(text("batch.results", lang, path=plain(str(overall.files[0].parent))))
