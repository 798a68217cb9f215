"""Workbooks whose sheets are a list each: a section that names several is read as one section per sheet."""

from __future__ import annotations

from pathlib import Path

from circle.load.located import Located
from circle.load.sections import FacilitiesSection
from circle.load.tables import is_table, sheet_names

EVERY = "*"
"""Stands for all sheets that look like lists; no sheet can be called so."""


def one_sheet_each(section: FacilitiesSection, path: Path, at: Located) -> list[FacilitiesSection]:
    """The sections of single sheets that a section stands for; none after recording an error.

    Every sheet has its own header and its own findings, and is named in them.
    """
    if section.sheet is None or (isinstance(section.sheet, str) and section.sheet != EVERY):
        return [section]
    names = [section.sheet] if isinstance(section.sheet, str) else list(dict.fromkeys(section.sheet))
    if EVERY in names:
        if not path.is_file():
            at.error("file.missing")
            return []
        if not is_table(path):
            at.error("table.sheets_no_list")
            return []
        errors = len(at.findings.errors)
        names, others = sheet_names(path, at)
        if not names and len(at.findings.errors) == errors:
            at.error("table.sheets_no_list")
        elif names and others:
            at.note("table.sheets_not_lists", others=", ".join(others))
    return [section.model_copy(update={"sheet": name}) for name in names]
