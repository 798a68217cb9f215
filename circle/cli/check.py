"""``circle check``: is this data fit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from circle.cli.terminal import Lang, err, language, out, plain, show_problems, write_json
from circle.errors import ExitCode
from circle.messages import text


def check(
    region: Annotated[Path, typer.Argument(metavar="REGION", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json")] = False,
    explain: Annotated[bool, typer.Option("--explain")] = False,
    problems: Annotated[Path | None, typer.Option("--problems", metavar="FILE", show_default=False)] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", show_default=False)] = None,
    force: Annotated[bool, typer.Option("--force")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache")] = False,
    lang: Lang = None,
) -> ExitCode:
    """Read and judge the data; list all problems, what the layers hold and what is suspicious."""
    from circle.cli.decisions import show_decisions
    from circle.cli.health import show_health
    from circle.doctor.decisions import write_problem_list
    from circle.doctor.examine import examine
    from circle.store import EXTRACTS, refuse_existing_file, user_cache, write_whole

    speech = language(lang)
    if html is not None:
        refuse_existing_file(html, force=force)
    found = examine(region, user_cache(EXTRACTS, wanted=not no_cache))
    listed = None if problems is None else write_problem_list(problems, found.problems)
    if html is not None:
        from circle.doctor.check_page import check_html  # the map: only for those who ask

        write_whole(html, check_html(found, region, lang=speech), force=force)
    if as_json:
        write_json(found.to_json(speech))
    else:
        where = out()
        show_problems(found.problems, speech, where)
        for line in found.contents(speech):
            where.print(plain(line))
        show_health(found, speech, where)
        if explain:
            show_decisions(found.problems, speech, where)
        if listed is not None:
            where.print(plain(text("problems.written", speech, count=listed, path=str(problems))))
        where.print(found.verdict(speech), style="bold")
    if html is not None:
        (err() if as_json else out()).print(text("doctor.page", speech, path=plain(str(html))))
    return ExitCode.OK if found.fit else ExitCode.INPUT
