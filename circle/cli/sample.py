"""``circle sample``: a fictional region to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from circle.cli.terminal import Lang, language, out, plain, typed
from circle.messages import text


def sample(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    folder: Annotated[Path, typer.Argument(metavar="DIR", show_default=False)],
    junctions: Annotated[int | None, typer.Option("--junctions", min=1_000, max=1_000_000, show_default=False)] = None,
    seed: Annotated[int | None, typer.Option("--seed", show_default=False)] = None,
    lang: Lang = None,
) -> None:
    """Write a bundled or generated region."""
    from circle.sample import write_sample

    write_sample(typed(name), folder, junctions=junctions, seed=seed)
    out().print(text("sample.written", language(lang), folder=plain(str(folder))))
