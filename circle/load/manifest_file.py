"""Reads a region file and a planning standard: encoding, Windows paths, TOML, schema - all problems at once."""

from __future__ import annotations

import re
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from circle import reference, settings
from circle.errors import Findings
from circle.load.encoding import decode
from circle.load.manifest import Manifest
from circle.load.schema import report_schema_errors

Model = TypeVar("Model", bound=BaseModel)

# Comments and the four kinds of strings of TOML; only the basic string of one line is of interest.
_TOKENS = re.compile(r'#[^\n]*|"""(?s:.*?)"""|\'\'\'(?s:.*?)\'\'\'|\'[^\'\n]*\'|"(?P<basic>(?:[^"\\\n]|\\[^\n])*)"')
_ESCAPES_KEPT = re.compile(r'\\\\|\\"|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}')


def literal_backslashes(text: str) -> str:
    r"""Double the backslashes of strings that hold a Windows path, so that ``"data\towns.csv"`` means what it shows.

    TOML would read ``\t`` as a tab and refuse ``\s``. Strings whose backslashes are all proper escapes of a
    backslash, a quote or a code point stay as they are.

    Examples
    --------
    >>> literal_backslashes(r'path = "data\towns.csv"  # "a\b"')
    'path = "data\\\\towns.csv"  # "a\\b"'
    >>> literal_backslashes(r'path = "data\\towns.csv"')
    'path = "data\\\\towns.csv"'
    """

    def repaired(match: re.Match[str]) -> str:
        basic = match["basic"]
        if basic is None or "\\" not in _ESCAPES_KEPT.sub("", basic):
            return match[0]
        doubled = basic.replace("\\", "\\\\")
        return f'"{doubled}"'

    return _TOKENS.sub(repaired, text)


def resolve_path(folder: Path, written: str) -> Path:
    r"""A path of a region file: relative to the file; backslashes separate folders on every system.

    >>> resolve_path(Path("county"), "data\\schools.xlsx").as_posix()
    'county/data/schools.xlsx'
    """
    as_is = folder / written
    return as_is if "\\" not in written or as_is.exists() else folder / written.replace("\\", "/")


def read_manifest(path: Path, findings: Findings) -> Manifest | None:
    """The region file at `path`; None after recording every problem of its text and schema."""
    return _read_model(path, path.name, Manifest, findings)


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
    document = None if text is None else _parse(text, shown, findings)
    if text is None or document is None:
        return None
    try:
        return model.model_validate(document)
    except ValidationError as error:
        report_schema_errors(error, model, document, findings, file=shown, text=text)
        return _without_unknown_keys(error, model, document)


def _without_unknown_keys(error: ValidationError, model: type[Model], document: dict[str, Any]) -> Model | None:
    """The model without the keys it does not know, so that the files are looked at too; None if more is wrong."""
    details = error.errors(include_url=False)
    if any(detail["type"] != "extra_forbidden" for detail in details):
        return None
    pruned = deepcopy(document)
    for detail in details:
        *parents, last = detail["loc"]
        section: Any = pruned
        for key in parents:
            section = section[key]
        section.pop(last, None)
    try:
        return model.model_validate(pruned)
    except ValidationError:
        return None


def _read_text(path: Path, shown: str, findings: Findings) -> str | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        findings.error("file.unreadable", file=shown, reason=error.strerror or type(error).__name__)
        return None
    decoded = decode(data)
    if decoded is None:
        findings.error("file.encoding_unknown", file=shown)
        return None
    return decoded[0].replace("\r\n", "\n")


def _parse(text: str, shown: str, findings: Findings) -> dict[str, Any] | None:
    try:
        return tomllib.loads(literal_backslashes(text))
    except tomllib.TOMLDecodeError as error:
        position = re.search(r"at line (\d+), column (\d+)", str(error))
        number = int(position[1]) if position else len(text.splitlines())
        lines = text.splitlines() or [""]
        line = lines[min(max(number, 1), len(lines)) - 1].strip()
        findings.error("manifest.toml_syntax", file=shown, row=number, line=line[:80])
        return None
