"""``circle batch``: all counties of a province, side by side."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from circle.cli.terminal import Lang, err, language, show_problems
from circle.errors import ExitCode
from circle.messages import text


def batch(
    regions: Annotated[list[Path], typer.Argument(metavar="REGION...", show_default=False)],
    folder: Annotated[Path, typer.Option("--out", "-o", show_default=False)],
    scheduler: Annotated[str | None, typer.Option("--scheduler", metavar="tcp://HOST:PORT", show_default=False)] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, max=4096, show_default=False)] = None,
    maps: Annotated[bool, typer.Option("--maps")] = False,
    strict: Annotated[bool, typer.Option("--strict")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed")] = False,
    rank_by: Annotated[str | None, typer.Option("--rank-by", metavar="COLUMN", show_default=False)] = None,
    previous: Annotated[Path | None, typer.Option("--previous", metavar="DIR", show_default=False)] = None,
    memory_limit: Annotated[
        float | None, typer.Option("--memory-limit", metavar="GB", min=0.1, show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    log_file: Annotated[Path | None, typer.Option("--log-file", metavar="FILE", show_default=False)] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q")] = False,
    lang: Lang = None,
) -> ExitCode:
    """Prepare, do every county, put together, and say how it went."""
    from circle.batch.drive import Asked, run_batch
    from circle.batch.events import Tellers
    from circle.batch.records import State, Wishes
    from circle.cli.batch_answer import show_overall
    from circle.cli.batch_progress import JsonLines, LogLines, listener_shown, log_opened

    begin, speech = perf_counter(), language(lang)
    asked = Asked(
        regions=tuple(regions),
        out=folder,
        wishes=Wishes(maps=maps, lang=speech),
        scheduler=scheduler,
        workers=workers,
        strict=strict,
        retry_failed=retry_failed,
        memory_limit_gb=memory_limit,
        rank_by=rank_by,
        previous=previous,
    )
    with log_opened(log_file) as log, listener_shown(speech, quiet=quiet or as_json) as shown:
        listeners = [*shown, *([JsonLines(speech)] if as_json else []), *([LogLines(log)] if log else [])]
        outcome = run_batch(asked, Tellers(listeners), log)
    if not as_json and outcome.overall is not None:
        show_overall(outcome.overall, outcome.records, speech, seconds=perf_counter() - begin, brief=quiet)
    elif not as_json:
        states = [record.state for record in outcome.records]
        counts = {state.value: states.count(state) for state in State}
        err().print(text("batch.stopped", speech, **counts), style="red")
        for record in outcome.records:
            if quiet and record.state is State.FAILED:
                show_problems(record.problems, speech)
    return outcome.exit_code
