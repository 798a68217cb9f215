"""``circle route``: the shortest path itself, and why this place is covered or not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from circle.cli.terminal import Lang, err, language, plain, show_problems, typed, write_json


def route(
    region: Annotated[Path, typer.Argument(metavar="REGION", show_default=False)],
    start: Annotated[str, typer.Option("--from", metavar="LON,LAT|NAME", show_default=False)],
    service: Annotated[str, typer.Option("--to", metavar="SERVICE", show_default=False)],
    no_cache: Annotated[bool, typer.Option("--no-cache")] = False,
    lang: Lang = None,
) -> None:
    """Find the way from a place to the nearest facility of a service."""
    from circle.doctor.explain import explain_route
    from circle.store import EXTRACTS, user_cache

    found = explain_route(region, typed(start), typed(service), cache=user_cache(EXTRACTS, wanted=not no_cache))
    write_json(found.geojson())
    where = err()
    if found.start.doubt:
        show_problems([found.start.doubt], language(lang), where)
    for line in found.lines(language(lang)):
        where.print(plain(line))
