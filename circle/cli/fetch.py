"""``circle fetch``: a region by the name of its place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from circle.cli.terminal import Lang, language, out, plain, typed
from circle.messages import text


def fetch(
    place: Annotated[str, typer.Argument(metavar="PLACE", show_default=False)],
    folder: Annotated[Path, typer.Argument(metavar="DIR", show_default=False)],
    pbf: Annotated[Path | None, typer.Option("--pbf", show_default=False)] = None,
    population: Annotated[str | None, typer.Option("--population", show_default=False)] = None,
    country: Annotated[str | None, typer.Option("--country", show_default=False)] = None,
    buffer: Annotated[float, typer.Option("--buffer", min=0, max=100_000)] = 3000,
    cache: Annotated[Path | None, typer.Option("--cache", envvar="CIRCLE_CACHE", show_default=False)] = None,
    refresh: Annotated[bool, typer.Option("--refresh")] = False,
    force: Annotated[bool, typer.Option("--force")] = False,
    overpass_url: Annotated[
        str | None, typer.Option("--overpass-url", envvar="CIRCLE_OVERPASS_URL", show_default=False)
    ] = None,
    nominatim_url: Annotated[
        str | None, typer.Option("--nominatim-url", envvar="CIRCLE_NOMINATIM_URL", show_default=False)
    ] = None,
    worldpop_url: Annotated[
        str | None, typer.Option("--worldpop-url", envvar="CIRCLE_WORLDPOP_URL", show_default=False)
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q")] = False,
    lang: Lang = None,
) -> None:
    """Fetch, cut out, write, and say what there is."""
    from circle.cli.progress import bars_shown
    from circle.fetch import WORLDPOP_URLS, Asked, Servers, fetch_region

    speech = language(lang)
    asked = Asked(
        place=typed(place),
        folder=folder,
        cache=cache or default_cache(),
        pbf=pbf,
        population=population,
        country=country and typed(country),
        buffer_m=buffer,
        refresh=refresh,
        force=force,
        lang=speech,
        servers=Servers(overpass_url, nominatim_url, (worldpop_url,) if worldpop_url else WORLDPOP_URLS),
    )
    with bars_shown(speech, quiet=quiet) as watcher:
        fetched = fetch_region(asked, watcher)
    show = out()
    there = sum(1 for count in fetched.services.values() if count)
    people = f"{fetched.people:,.0f}"
    name = plain(fetched.place.name)
    show.print(text("fetch.written", speech, place=name, id=fetched.place.osm_id, services=there), soft_wrap=True)
    show.print(text("fetch.people_spread" if fetched.exact else "fetch.people_cells", speech, people=people))
    if fetched.parts.level is None:
        show.print(text("fetch.one_district", speech, place=name))
    else:
        show.print(text("fetch.many_districts", speech, level=fetched.parts.level))
    where = plain(str(folder))
    show.print(text("fetch.next", speech, folder=where, path=plain(str(folder / "region.toml"))), soft_wrap=True)


def default_cache() -> Path:
    """Where answers are kept unless somebody says otherwise: the folder that the system has for that."""
    from circle.store import user_folder

    return user_folder() / "fetch"
