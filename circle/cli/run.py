"""``circle run``: the whole job."""

from __future__ import annotations

from math import inf
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from circle.cli.terminal import Lang, language


def run(
    region: Annotated[Path, typer.Argument(metavar="REGION", show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", show_default=False)],
    force: Annotated[bool, typer.Option("--force")] = False,
    each: Annotated[bool, typer.Option("--each")] = False,
    tiles: Annotated[str | None, typer.Option("--tiles", show_default=False)] = None,
    crs: Annotated[str | None, typer.Option("--crs", metavar="EPSG:CODE", show_default=False)] = None,
    report: Annotated[bool, typer.Option("--report")] = False,
    pdf: Annotated[bool, typer.Option("--pdf")] = False,
    memory_limit: Annotated[
        float | None, typer.Option("--memory-limit", metavar="GB", min=0.1, show_default=False)
    ] = None,
    even_if_too_large: Annotated[bool, typer.Option("--even-if-too-large")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache")] = False,
    lang: Lang = None,
) -> None:
    """Read, analyse, write, and print the answer."""
    from circle.store import whole_folder

    begin, speech = perf_counter(), language(lang)
    with whole_folder(out, force=force) as staging:  # first of all: an hour later is too late to learn of a bad name
        from circle import api
        from circle.api.memory import memory_note
        from circle.cli.answer import show_answer
        from circle.cli.progress import shown
        from circle.cli.terminal import show_problems
        from circle.errors import Severity
        from circle.export import Manner, refuse_unfit, target_system, tile_source
        from circle.lazily import soon_wanted

        target = target_system(crs)
        tile_source(tiles)
        if pdf:
            from circle.report import file_names

            file_names(pdf=True)  # now, not an hour later, is the time to say that nothing prints
        with shown(speech, quiet=quiet) as progress:
            progress.start("load")
            limit_gb = inf if even_if_too_large else memory_limit
            loaded = api.load_region(region, cache=not no_cache, memory_limit_gb=limit_gb)
            refuse_unfit(target, loaded.data.streets.lon, loaded.data.streets.lat, loaded.data.name)
            if (note := memory_note(loaded.data, loaded.question)) is not None:
                progress.say(note)
            soon_wanted("circle.export.folder")  # beside machine code, which does not need the interpreter
            result = api.analyze(loaded, progress=progress, each_isochrone=each, memory_limit_gb=limit_gb)
            progress.start("export")
            result.write_into(staging, out, Manner(speech, tiles, crs), with_report=report, pdf=pdf)
        if report or pdf:
            from circle.report import font_problems

            show_problems(font_problems(result.analysis, speech), speech)
    told = (p for p in result.problems if p.severity is Severity.WARNING or p.code == "batch.one_region")
    show_problems(told, speech)
    show_answer(result.analysis, out, speech, seconds=perf_counter() - begin, brief=quiet)
