"""People per cell: a country's raster from a server, in pieces if need be, and the window of a place."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from circle.errors import Findings
from circle.fetch.area import Area
from circle.fetch.client import Client
from circle.fetch.kept import Answer, Request, now_text
from circle.fetch.trouble import AnswerError, not_there
from circle.load.located import Located
from circle.load.whole import is_whole
from circle.store import alone, sha256_of, writing

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_CHUNK = 1 << 18


def country_raster(client: Client, addresses: tuple[str, ...], iso3: str) -> tuple[Path, Answer]:
    """The raster of a country, kept between runs; the first address that has it.

    Raises
    ------
    QueryError
        If no address has it.
    AnswerError
        If a server gives no proper answer.
    OutputError
        If it cannot be kept.
    """
    tried = [address.format(iso3=iso3.lower(), ISO3=iso3.upper()) for address in addresses]
    for url in tried:
        try:
            return download(client, url)
        except AnswerError as trouble:
            if trouble.code != "fetch.not_there":
                raise
    raise not_there("fetch.raster_unknown", country=iso3.upper(), urls=", ".join(tried))


def download(client: Client, url: str) -> tuple[Path, Answer]:
    """A file, continued where an earlier attempt was cut off; its hash is checked before it is used again."""
    request = Request("GET", url, {})
    folder = client.kept.folder / "rasters"
    target = folder / f"{request.key[:16]}-{Path(urlsplit(url).path).name}"
    note = target.with_suffix(".json")
    known = None if client.kept.refresh else _known(target, note)
    if known is not None:
        return target, Answer(b"", url, *known)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with alone(target):
        with writing(folder):
            for path in (target, note):
                path.unlink(missing_ok=True)
        part = target.with_name(f"part-{target.name}")
        answer = client.patiently(url, lambda: _go_on(client, request, part))
        with writing(folder):
            digest = sha256_of(part)
            note.write_text(json.dumps({"sha256": digest, "when": answer.when, "url": url}), encoding="utf-8")
            part.replace(target)
    return target, replace(answer, sha256=digest)


def _known(target: Path, note: Path) -> tuple[str, str] | None:
    """When a file was fetched, and its hash, if it is still what it was."""
    try:
        written = json.loads(note.read_text(encoding="utf-8"))
        digest = sha256_of(target)
        return (str(written["when"]), digest) if written["sha256"] == digest else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _go_on(client: Client, request: Request, part: Path) -> Answer:
    """Fetch what is missing of a file."""
    host = urlsplit(request.url).netloc
    mark_path = part.with_name(f"{part.name}.mark")
    start, mark = _begun(part, mark_path)
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": mark}
    try:
        response = client.opened(request, headers)
    except AnswerError as trouble:
        if trouble.fields.get("status") == 416:  # what is here is no beginning of what is there
            part.unlink(missing_ok=True)
            raise AnswerError("fetch.cut_off", again=True, host=host) from trouble
        raise
    with response:
        continued = response.status_code == 206 and _starts_at(response, start)
        start = start if continued else 0
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if length.isdecimal() else None
        with writing(part.parent):
            mark_path.write_text(response.headers.get("ETag") or response.headers.get("Last-Modified") or "")
        client.watcher.begin("raster", total)
        _receive(client, response, part, start)
    size = part.stat().st_size
    if total is not None and size != total:
        if size > total:
            part.unlink(missing_ok=True)
        raise AnswerError("fetch.cut_off", again=True, host=host)
    findings = Findings()
    if not is_whole(part, Located(findings, request.url)):
        part.unlink(missing_ok=True)
        raise AnswerError("fetch.raster_cut", again=True, url=request.url, size=f"{size:,}")
    mark_path.unlink(missing_ok=True)
    return Answer(b"", request.url, now_text())


def _receive(client: Client, response: requests.Response, part: Path, start: int) -> None:
    """Write the body; what arrived before a failure stays, to go on from."""
    received = start
    with writing(part.parent), part.open("r+b" if start else "wb") as file:
        file.seek(start)
        file.truncate()
        try:
            for chunk in response.iter_content(_CHUNK):
                if received == 0 and not chunk.startswith(_TIFF):
                    page = chunk.lstrip()[:1] == b"<"
                    code = "fetch.page" if page else "fetch.not_tiff"
                    raise AnswerError(code, again=page, url=response.url)
                file.write(chunk)
                received += len(chunk)
                client.watcher.done(received)
        except requests.RequestException as error:
            raise AnswerError("fetch.cut_off", again=True, host=urlsplit(response.url).netloc) from error


def _begun(part: Path, mark_path: Path) -> tuple[int, str]:
    """How much of a file is here, and what names its version; nothing where the version is not known."""
    try:
        mark = mark_path.read_text().strip()
        return (part.stat().st_size, mark) if mark else (0, "")
    except OSError:
        return 0, ""


def _starts_at(response: requests.Response, start: int) -> bool:
    return response.headers.get("Content-Range", "").startswith(f"bytes {start}-")


def cut_out(source: Path, target: Path, area: Area, shown: str) -> float:
    """Write the cells of the surroundings as a raster; the people within the boundary, roughly.

    Raises
    ------
    InputError
        If the file is no raster, has no coordinate system, or does not hold the place.
    """
    import numpy as np
    import rasterio
    import rasterio.features
    import rasterio.warp
    import rasterio.windows
    import shapely
    from rasterio.errors import RasterioError

    findings = Findings()
    at = Located(findings, shown)
    is_whole(source, at)
    findings.stop_on_errors()
    people = 0.0
    try:
        with rasterio.open(source) as raster:
            if raster.crs is None:
                at.error("fetch.raster_no_crs")
            findings.stop_on_errors()
            window = _window(raster, area)
            if window is None:
                at.error("fetch.raster_elsewhere")
            findings.stop_on_errors()
            cells = raster.read(1, window=window)
            profile: dict[str, Any] = {
                "driver": "GTiff",
                "dtype": cells.dtype.name,
                "count": 1,
                "width": cells.shape[1],
                "height": cells.shape[0],
                "crs": raster.crs,
                "transform": _moved(raster.transform, window.col_off, window.row_off),
                "nodata": raster.nodata,
                "compress": "deflate",
            }
            boundary = rasterio.warp.transform_geom("EPSG:4326", raster.crs, shapely.geometry.mapping(area.boundary))
            inside = rasterio.features.geometry_mask([boundary], cells.shape, profile["transform"], invert=True)
            counted = inside & np.isfinite(cells) & (cells > 0)
            if raster.nodata is not None:
                counted &= cells != raster.nodata
            people = float(cells[counted].sum(dtype=np.float64))
    except (RasterioError, ValueError) as error:
        at.error("fetch.raster_unreadable", reason=str(error)[:200])
    if people <= 0 and not findings.errors:
        at.error("fetch.raster_nobody")
    findings.stop_on_errors()
    with rasterio.open(target, "w", **profile) as out:
        out.write(cells, 1)
    return people


def _moved(transform: Any, columns: int, rows: int) -> Any:
    """The transform of a part that begins so many cells farther."""
    a, b, c, d, e, f = transform[:6]
    return type(transform)(a, b, c + a * columns + b * rows, d, e, f + d * columns + e * rows)


def _window(raster: Any, area: Area) -> Any:
    """The cells that touch the surroundings' box, whole cells; None where the raster does not reach it."""
    import rasterio.warp
    from rasterio.windows import Window, from_bounds

    bounds = rasterio.warp.transform_bounds("EPSG:4326", raster.crs, *area.around.bounds)
    wide = from_bounds(*bounds, transform=raster.transform)
    west, north = max(math.floor(wide.col_off), 0), max(math.floor(wide.row_off), 0)
    east = min(math.ceil(wide.col_off + wide.width), raster.width)
    south = min(math.ceil(wide.row_off + wide.height), raster.height)
    return Window(west, north, east - west, south - north) if east > west and south > north else None
