"""``circle check``: is this data fit."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from circle.cli.terminal import Lang, language, out, plain, show_problems, write_json
from circle.errors import ExitCode, Severity
from circle.messages import text


def check(
    region: Annotated[Path, typer.Argument(metavar="REGION", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json")] = False,
    explain: Annotated[bool, typer.Option("--explain")] = False,
    problems: Annotated[Path | None, typer.Option("--problems", metavar="FILE", show_default=False)] = None,
    lang: Lang = None,
) -> ExitCode:
    """Read and judge the data; list all problems."""
    from circle.cli.decisions import show_decisions
    from circle.doctor.decisions import write_problem_list
    from circle.doctor.examine import examine

    speech = language(lang)
    found = examine(region)
    listed = None if problems is None else write_problem_list(problems, found.problems)
    fit = not any(problem.severity is Severity.ERROR for problem in found.problems)
    if as_json:
        write_json(found.to_json(speech))
    else:
        where = out()
        show_problems(found.problems, speech, where)
        for line in found.contents(speech):
            where.print(plain(line))
        if explain:
            show_decisions(found.problems, speech, where)
        if listed is not None:
            where.print(plain(text("problems.written", speech, count=listed, path=str(problems))))
        count = Counter(problem.severity for problem in found.problems)
        told = {"errors": count[Severity.ERROR], "warnings": count[Severity.WARNING]}
        where.print(text("check.fit" if fit else "check.unfit", speech, **told), style="bold")
    return ExitCode.OK if fit else ExitCode.INPUT
