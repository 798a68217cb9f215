"""``circle verify``: does the same come out again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from circle.cli.terminal import Lang, language, out, plain, write_json
from circle.errors import ExitCode
from circle.messages import text


def verify(
    result: Annotated[Path, typer.Argument(metavar="OUT", show_default=False)],
    region: Annotated[Path | None, typer.Option("--region", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q")] = False,
    lang: Lang = None,
) -> ExitCode:
    """Recompute a result from its inputs and say what differs."""
    from circle.cli.progress import shown
    from circle.doctor.recompute import recompute

    speech = language(lang)
    with shown(speech, quiet=quiet or as_json) as progress:
        found = recompute(result, region=region, progress=progress)
    if as_json:
        write_json(found.to_json())
    else:
        where = out()
        for line in found.lines(speech):
            where.print(plain(line))
        where.print(text("verify.same" if found.same else "verify.differs", speech), style="bold")
    return ExitCode.OK if found.same else ExitCode.DIFFERS
