"""Which files a region was read from: their hashes, what they served as, in which coordinate system."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from circle import reference
from circle.errors import Problem, render
from circle.load.manifest import Manifest
from circle.load.manifest_file import resolve_path
from circle.load.shapefile import system_of
from circle.model import InputFile
from circle.store import sha256_of

TOLD = ("crs.detected", "crs.not_shifted_here", "crs.by_header", "crs.header_followed")
EVIDENCE = (
    "crs.confirmed",
    "crs.contradicted",
    "crs.witnesses_disagree",
    "crs.apart_from_roads",
    "crs.roads_confirmed",
    "crs.roads_contradicted",
)
_LAYERS = (".shp", ".gpkg", ".geojson", ".json", ".fgb", ".kml")
_DEGREES = (".osm", ".pbf", ".hgt", ".hgt.zip")
"""Formats that know no other coordinate system than WGS 84."""
_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def input_files(manifest: Manifest, region_file: Path) -> tuple[InputFile, ...]:
    """A record of every file that the region names and that is there, each once, in the order of the region file."""
    folder = region_file.parent
    served: dict[str, list[str]] = {region_file.name: ["region"]}
    systems: dict[str, str] = {}
    for layer, written, crs in _named_files(manifest):
        for part in _parts(folder, written):
            served.setdefault(part, [])
            if layer not in served[part]:
                served[part].append(layer)
            if crs is not None:
                systems[part] = crs
    found = {written: resolve_path(folder, written) for written in served}
    return tuple(
        InputFile(written, sha256_of(path), ", ".join(served[written]), systems.get(written) or own_system(path))
        for written, path in found.items()
        if path.is_file()
    )


def with_evidence(files: Iterable[InputFile], problems: Iterable[Problem]) -> tuple[InputFile, ...]:
    """The records with what the evidence says of their systems, in English; of ``auto``, with the system told."""
    heard = [problem for problem in problems if problem.code in EVIDENCE or problem.code in TOLD]
    return tuple(_with_evidence(file, [problem for problem in heard if problem.file == file.path]) for file in files)


def _with_evidence(file: InputFile, heard: Sequence[Problem]) -> InputFile:
    told = [str(problem.fields["system"]) for problem in heard if problem.code in TOLD]
    notes = tuple(render(problem, "en") for problem in heard)
    return replace(file, crs=told[0] if told else file.crs, notes=(*file.notes, *notes))


def own_system(path: Path) -> str | None:
    """The coordinate system that a raster or map layer says itself; None for everything else."""
    suffix = path.suffix.lower()
    if path.name.lower().endswith(_DEGREES):
        return "EPSG:4326"
    if suffix in _LAYERS:
        import pyogrio

        with contextlib.suppress(pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, UnicodeDecodeError):
            if suffix == ".shp":
                return system_of(path)
            said = pyogrio.read_info(path)["crs"]
            return None if said is None else str(said)
    if suffix in (".tif", ".tiff"):
        import rasterio

        with contextlib.suppress(rasterio.RasterioIOError), rasterio.open(path) as raster:
            return None if raster.crs is None else str(raster.crs.to_string())
    return None


def _named_files(manifest: Manifest) -> Iterator[tuple[str, str, str | None]]:
    """Layer, path and declared coordinate system of every file that the manifest names."""
    if isinstance(manifest.region.extent, str):
        yield "extent", manifest.region.extent, None
    if manifest.osm is not None:
        yield "osm", manifest.osm.path, None
    if manifest.roads.path is not None:
        yield "roads", manifest.roads.path, manifest.roads.crs
    for barriers in manifest.barriers:
        yield "barriers", barriers.path, barriers.crs
    for facilities in manifest.facilities:
        if facilities.path is not None:
            yield "facilities", facilities.path, facilities.crs
    for written in manifest.population.paths:
        yield "population", written, manifest.population.crs
    for written in manifest.population.patterns:
        yield "pattern", written, manifest.population.crs
    if manifest.population.buildings is not None:
        yield "buildings", manifest.population.buildings, manifest.population.crs
    for tiles in manifest.population.group_rasters.values():
        yield from (("population", written, manifest.population.crs) for written in tiles)
    if manifest.districts is not None and manifest.districts.path is not None:
        yield "districts", manifest.districts.path, manifest.districts.crs
    if manifest.places is not None and manifest.places.path is not None:
        yield "places", manifest.places.path, manifest.places.crs
    if manifest.elevation is not None:
        yield from (("elevation", written, None) for written in manifest.elevation.paths)
    if manifest.analysis.standard not in reference.standard_names():
        yield "standard", manifest.analysis.standard, None


def _parts(folder: Path, written: str) -> list[str]:
    """The files behind a path: a shapefile is several."""
    if not written.lower().endswith(".shp"):
        return [written]
    bare = written[:-4]
    parts = [f"{bare}{case}" for suffix in _SHAPEFILE_PARTS for case in (suffix, suffix.upper())]
    return [part for part in parts if resolve_path(folder, part).is_file()] or [written]
