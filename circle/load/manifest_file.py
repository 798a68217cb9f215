"""Reads a region file and a planning standard: encoding, Windows paths, TOML, schema - all problems at once."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from circle import reference, settings
from circle.errors import Findings
from circle.load.encoding import decode
from circle.load.manifest import Manifest
from circle.load.region_file import region_file, told_otherwise
from circle.load.said import Said
from circle.load.schema import checked
from circle.load.toml_text import parse_toml

Model = TypeVar("Model", bound=BaseModel)


def resolve_path(folder: Path, written: str) -> Path:
    r"""A path of a region file: relative to the file; backslashes separate folders on every system.

    >>> resolve_path(Path("county"), "data\\schools.xlsx").as_posix()
    'county/data/schools.xlsx'
    """
    as_is = folder / written
    return as_is if "\\" not in written or as_is.exists() else folder / written.replace("\\", "/")


def read_manifest(path: Path, findings: Findings) -> Manifest | None:
    """The region file at `path`; None after recording every problem of its text and schema, or that it is none."""
    try:
        kind = told_otherwise(path)
    except OSError:
        kind = None  # told where it is read
    if kind is not None:
        findings.error(f"region.is_{kind}", file=path.name, folder=str(path.parent))
        return None
    return _read_model(path, path.name, Manifest, findings)


def is_province(region: Path) -> bool:
    """Whether a region file, or that of a folder, speaks of counties; what is wrong with it is told to who reads it."""
    file = region_file(region)
    manifest = read_manifest(file, Findings()) if file.is_file() else None
    return manifest is None or manifest.batch is not None


def read_standard(written: str, folder: Path, findings: Findings) -> settings.Standard | None:
    """A planning standard by its built-in name or by path."""
    if written in reference.standard_names():
        return settings.parse_standard(reference.standard_text(written))
    path = resolve_path(folder, written)
    if not path.is_file():
        findings.error("manifest.standard_unknown", file=written, known=", ".join(reference.standard_names()))
        return None
    return _read_model(path, written, settings.Standard, findings)


def _read_model(path: Path, shown: str, model: type[Model], findings: Findings) -> Model | None:
    text = _read_text(path, shown, findings)
    document = None if text is None else parse_toml(text, shown, findings)
    if text is None or document is None:
        return None
    return checked(model, document, findings, file=shown, text=text)


def _read_text(path: Path, shown: str, findings: Findings) -> str | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        findings.error("file.unreadable", file=shown, reason=Said(error.strerror or type(error).__name__))
        return None
    decoded = decode(data)
    if decoded is None:
        findings.error("file.encoding_unknown", file=shown)
        return None
    if not decoded[1].startswith("utf-8"):
        findings.warn("manifest.encoding", file=shown, encoding=decoded[1].upper())
    return decoded[0].replace("\r\n", "\n")
