"""A report in the folder of a result: the provenance names it, ``verify`` draws it again, another result's is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from circle import api
from circle.errors import ExitCode, OutputError
from circle.messages import text
from tests.cli.conftest import circle, town  # noqa: F401


@pytest.fixture
def result(circle, town):  # noqa: F811
    """A folder written by the command, and the same answer in Python."""
    assert circle("run", town, "--out", town / "out", "--lang", "en").code == ExitCode.OK
    return api.analyze(api.load_region(town)), town / "out"


def record_of(folder: Path) -> dict:
    return json.loads((folder / "provenance.json").read_text(encoding="utf-8"))


def test_a_report_written_later_is_named_verified_and_replaced_with_the_result(circle, town, result):  # noqa: F811
    answer, folder = result
    assert record_of(folder)["report"] is None
    answer.write_report(folder, lang="zh")
    record = record_of(folder)
    assert record["report"] == {"language": "zh"}
    for name in ("report.html", "report.docx"):
        assert record["outputs"][name] == hashlib.sha256((folder / name).read_bytes()).hexdigest()
    found = json.loads(circle("verify", folder, "--json").out)
    assert found["same"]
    assert {"report.html", "report.docx"} <= set(found["files"])
    assert circle("run", town, "--out", folder, "--force").code == ExitCode.OK
    assert not (folder / "report.html").exists()


def test_verify_compares_what_a_report_says_and_not_how_it_is_laid_out(circle, town, result):  # noqa: F811
    answer, folder = result
    page, _ = answer.write_report(folder, lang="en")
    whole = page.read_text(encoding="utf-8")
    page.write_text(whole.replace("<svg ", "<svg data-font='other' "), encoding="utf-8")
    assert circle("verify", folder).code == ExitCode.OK
    people = f"{answer.summary()['people'].iloc[0]:,.0f}"
    assert f"<dd>{people}</dd>" in whole
    page.write_text(whole.replace(f"<dd>{people}</dd>", "<dd>7</dd>"), encoding="utf-8")
    said = circle("verify", folder, "--lang", "en")
    assert said.code == ExitCode.DIFFERS
    assert "report.html" in said.out
    page.unlink()
    assert circle("verify", folder).code == ExitCode.DIFFERS
    (folder / "report.docx").write_bytes(b"PK cut off")
    assert circle("verify", folder).code == ExitCode.DIFFERS


def test_verify_says_what_it_left_out(circle, town, result):  # noqa: F811
    answer, folder = result
    answer.write_report(folder, lang="en")
    pdf = folder / "report.pdf"
    pdf.write_bytes(b"%PDF-1.4 as printed")
    (folder / "mine.txt").write_text("x")
    record = record_of(folder)
    record["outputs"]["report.pdf"] = hashlib.sha256(pdf.read_bytes()).hexdigest()
    (folder / "provenance.json").write_text(json.dumps(record), encoding="utf-8")
    for lang in ("en", "zh"):
        said = circle("verify", folder, "--lang", lang)
        assert said.code == ExitCode.OK
        assert text("verify.left_printed", lang, file="report.pdf") in said.out
        assert text("verify.left_unknown", lang, file="mine.txt") in said.out
    pdf.write_bytes(b"%PDF-1.4 another one")
    assert circle("verify", folder).code == ExitCode.DIFFERS


def test_a_report_of_another_result_is_not_put_beside_it(town, result):  # noqa: F811
    answer, folder = result
    other = api.analyze(api.load_region(town), limits=(7, 11))
    before = (folder / "provenance.json").read_bytes()
    with pytest.raises(OutputError, match="another result"):
        other.write_report(folder, force=True)
    assert not (folder / "report.html").exists()
    assert (folder / "provenance.json").read_bytes() == before
    moved = folder.with_name("moved")
    shutil.copytree(folder, moved)
    assert answer.write_report(moved)[0].exists()
