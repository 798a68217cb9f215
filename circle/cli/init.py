"""``circle init``: a first ``region.toml`` for the files lying in a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from circle.cli.terminal import Lang, language, out, plain, write_json
from circle.messages import text


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR")] = Path(),
    schema: Annotated[bool, typer.Option("--schema")] = False,
    force: Annotated[bool, typer.Option("--force")] = False,
    lang: Lang = None,
) -> None:
    """Look at the files lying there and write a commented region file."""
    if schema:
        from circle.load.manifest import manifest_schema

        write_json(json.dumps(manifest_schema(), indent=2, ensure_ascii=False))
        return
    from circle.doctor.propose import propose_region
    from circle.store import write_whole

    speech = language(lang)
    proposal = propose_region(folder, speech)
    path = folder / "region.toml"
    write_whole(path, proposal.content, force=force)
    where = out()
    for line in proposal.told:
        where.print(f"- {plain(line)}")
    where.print(text("init.written", speech, path=plain(str(path)), folder=plain(str(folder))))
