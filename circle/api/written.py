"""What `Result` writes: which arguments are fit for it, and reports that become part of a result's folder."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from circle import report
from circle.api.arguments import Argument
from circle.errors import OutputError, Problem, Severity, render
from circle.export import Manner
from circle.export.provenance import provenance
from circle.model import Analysis
from circle.store import RESULT_MARK, refuse_existing_file, sha256_of, write_whole, writing

_SAME = ("inputs", "audit", "counts")
"""Parts of the provenance by which two results are known for the same, beside what was asked."""


def manner_of(lang: object, tiles: object, crs: object, at: Argument) -> Manner:
    """How files are to be written, in plain text."""
    words = {"tiles": tiles, "crs": crs}
    texts = {name: None if value is None else at.named(name).text(value) for name, value in words.items()}
    return Manner(at.named("lang").language(lang), **texts)


def written_report(analysis: Analysis, target: Path, lang: str, *, pdf: bool, force: bool) -> list[Path]:
    """Write the report; in the folder of this very result, the provenance names it from then on.

    Parameters
    ----------
    analysis
        The whole answer.
    target
        The folder.
    lang
        ``"en"`` or ``"zh"``.
    pdf
        Print it too.
    force
        Replace an earlier report.

    Raises
    ------
    OutputError
        If a report is there already, the folder holds another result, or it cannot be written.
    ResourceError
        If there is no browser that prints.
    """
    for name in report.file_names(pdf=pdf):  # before anything is drawn
        refuse_existing_file(target / name, force=force)
    record = _record_in(target)
    if record is not None and not _same_result(record, analysis):
        raise OutputError(Problem("report.other_result", Severity.ERROR, file=str(target)))
    files = report.report_files(analysis, lang, pdf=pdf)
    for problem in report.font_problems(analysis, lang):
        warnings.warn(render(problem, lang), stacklevel=3)
    with writing(target):
        target.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_whole(target / name, content, force=force)
    if record is not None:
        _name_in(record, target, list(files), lang)
    return [target / name for name in files]


def _record_in(folder: Path) -> dict[str, Any] | None:
    """The provenance of the result in a folder; None where there is none."""
    try:
        record = json.loads((folder / RESULT_MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and isinstance(record.get("outputs"), dict) else None


def _same_result(record: Mapping[str, Any], analysis: Analysis) -> bool:
    own = json.loads(json.dumps(provenance(analysis, {}, lang="en", tiles=None, region_file=None)))
    asked = [{**held.get("question", {}), "each_isochrone": None} for held in (record, own)]
    return asked[0] == asked[1] and all(record.get(part) == own[part] for part in _SAME)


def _name_in(record: dict[str, Any], folder: Path, names: Sequence[str], lang: str) -> None:
    record["outputs"] |= {name: sha256_of(folder / name) for name in names}
    record["report"] = {"language": lang}
    words = json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    write_whole(folder / RESULT_MARK, words.encode("utf-8"), force=True)
