"""Lists that are not what their names say: each its own sentence, in a workbook's place and in that of a text."""

from __future__ import annotations

import io
import zipfile

import pytest

from circle.errors import render
from circle.load.file_kind import kind_of
from circle.load.tables import read_table, sheet_names
from tests.load_inputs.conftest import codes, write_workbook
from tests.load_inputs.old_excel import write_xls

ROWS = [["名称", "经度"], ["一小", 118.9]]
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)


def packed(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "content")
    return made.getvalue()


FILES = {
    "text": "名称,经度\n一小,118.9\n".encode("gb18030"),
    "web_page": b"\xef\xbb\xbf\r\n<html><table><tr><td>1</td></tr></table></html>",
    "encrypted": OLE + "EncryptionInfo EncryptedPackage".encode("utf-16-le"),
    "archive": packed("list.csv"),
    "document": packed("[Content_Types].xml", "word/document.xml"),
    "cut_archive": packed("[Content_Types].xml", "xl/workbook.xml")[:-30],
}


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods", ".csv"])
@pytest.mark.parametrize("kind", [*FILES, "empty", "workbook", "old_workbook"])
def test_a_list_of_another_kind_is_called_what_it_is(kind, suffix, tmp_path, at, findings):
    """The workbooks are real ones, the others begin as the formats prescribe."""
    path = tmp_path / f"list{suffix}"
    if kind == "workbook":
        path.write_bytes(write_workbook(tmp_path / "a.xlsx", {"甲": ROWS}).read_bytes())
    elif kind == "old_workbook":
        path.write_bytes(write_xls(tmp_path / "a.xls", {"甲": ROWS}).read_bytes())
    else:
        path.write_bytes(FILES.get(kind, b""))
    assert kind_of(path.read_bytes()) == kind
    right = {"workbook": (".xlsx", ".ods"), "old_workbook": (".xls",), "text": (".csv",)}
    table = read_table(path, at)
    if (kind, suffix) == ("workbook", ".ods"):  # of the same family: whether its reader knows it is its reader's word
        return
    if suffix in right.get(kind, ()):
        assert table is not None
        assert table.iloc[0].tolist()[0] == "一小"
        return
    assert table is None
    assert codes(findings) == ["table.empty" if (kind, suffix) == ("empty", ".csv") else f"file.is_{kind}"]
    assert all("EOCD" not in render(findings.problems[0], lang) for lang in ("en", "zh"))


def test_all_sheets_of_no_workbook_are_one_error(tmp_path, at, findings):
    (tmp_path / "a.xlsx").write_bytes(FILES["encrypted"])
    assert sheet_names(tmp_path / "a.xlsx", at) == ([], [])
    assert codes(findings) == ["file.is_encrypted"]
