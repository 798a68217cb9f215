"""``circle sample``: a fictional region to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from circle.cli.terminal import Lang, language, out, plain, typed
from circle.messages import text


def sample(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", show_default=False)] = None,
    province: Annotated[int | None, typer.Option("--province", metavar="N", show_default=False)] = None,
    junctions: Annotated[int | None, typer.Option("--junctions", min=1_000, max=1_000_000, show_default=False)] = None,
    seed: Annotated[int | None, typer.Option("--seed", show_default=False)] = None,
    lang: Lang = None,
) -> None:
    """Write a bundled or generated region."""
    speech = language(lang)
    if province is None:
        from circle.sample import write_sample

        if folder is None:
            raise typer.BadParameter(text("sample.no_folder", speech), param_hint="DIR")
        write_sample(typed(name), folder, junctions=junctions, seed=seed)
        out().print(text("sample.written", speech, folder=plain(str(folder))))
        return
    from circle.sample import write_sample_province

    if folder is not None:
        raise typer.BadParameter(text("sample.province_and_name", speech, name=plain(name)), param_hint="NAME")
    path = write_sample_province(Path(name), province, junctions=junctions, seed=seed)
    out().print(text("sample.province_written", speech, path=plain(str(path))))
