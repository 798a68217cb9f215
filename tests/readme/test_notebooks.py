"""The notebooks run, say nothing that they did not reckon, and carry no output of anybody's machine."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import resource
import tokenize

import pytest

from tests.readme.renew import ROOT

FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
CHINESE = re.compile(r"[一-鿿]")
RESULT = re.compile(r"\d\s?%|\d{1,3}(,\d{3})+|\d+\.\d+")
"""A share, a count of thousands, or a decimal: what only a run can know."""


def cells_of(path, kind):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell if kind == "all" else "".join(cell["source"]) for cell in cells if kind in {"all", cell["cell_type"]}]


def test_there_are_five_of_them():
    assert [path.name[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_holds_no_output(path):
    cells = [cell for cell in cells_of(path, "all") if cell["cell_type"] == "code"]
    assert cells
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_begins_with_what_it_is_about_in_both_languages(path):
    first = cells_of(path, "markdown")[0]
    title, english, chinese = first.split("\n\n")
    assert title.startswith(f"# {int(path.name[:2])} · ")
    assert not CHINESE.search(title + english)
    assert chinese.startswith("> **中文提要**")
    assert len(CHINESE.findall(chinese)) > 60


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_prose_says_no_number_that_has_to_be_reckoned(path):
    assert [text for text in cells_of(path, "markdown") if RESULT.search(text)] == []


def test_such_a_number_would_be_seen():
    assert all(RESULT.search(text) for text in ("about 28 % of them", "57,862 people", "some 6.5 minutes"))


NUMBERED = re.compile(r".*[a-z][ -]\d+", re.IGNORECASE)
"""A word and a number, as gaps, facilities and places are called: ``gap 4``, ``clinic-001``."""


def names_written_by_hand(sources):
    """Keys and lists of names in code that hold a number which only a run can know."""
    found = []
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Dict):
                asked = node.keys
            elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
                asked = node.elts
            elif isinstance(node, ast.Subscript):
                asked = [node.slice]
            else:
                continue
            words = [part.value for part in asked if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            found += [word for word in words if NUMBERED.fullmatch(word)]
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_no_gap_or_facility_is_asked_for_by_a_number_written_by_hand(path):
    """Numbers of gaps count over all services, so they change with any of them; the code asks the answer for them."""
    assert names_written_by_hand(cells_of(path, "code")) == []


@pytest.mark.parametrize(
    "source",
    ['town.remove(["new site 1"])', 'gaps.loc["clinic-001"]', 'sites.rename(index={"gap 4": "ours"})', 'a["gap 12", 1]'],
)
def test_such_a_name_would_be_seen(source):
    assert len(names_written_by_hand([source])) == 1
    assert names_written_by_hand(['table["share_15min"]', 'here / "qingxi"', 'places["60_plus"]']) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_comments_in_code_are_english(path):
    for source in cells_of(path, "code"):
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            assert token.type != tokenize.COMMENT or not CHINESE.search(token.string)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_names_from_data_are_no_markup(path):
    """Plain frames escape; a styled one does not unless told to, and Markdown takes what it is given."""
    for source in cells_of(path, "code"):
        assert source.count(".style.") == source.count('escape="html"')
        said = re.findall(r"Markdown\((.*)\)", source, re.DOTALL)
        assert not any("name']" in text or 'name"]' in text for text in said)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_link_to_another_notebook_leads_there(path):
    links = re.findall(r"\]\(([^)]+)\)", "\n".join(cells_of(path, "markdown")))
    assert all((FOLDER / link).is_file() for link in links)
    assert links or path == NOTEBOOKS[-1]


@pytest.fixture(scope="session")
def _compiled(sample_regions):
    """The inner loops, compiled: a new machine's first minute is nobody's notebook's."""
    import circle

    circle.analyze(circle.load_region(sample_regions / "qingxi"))


def outputs_of(path):
    """The outputs of a notebook that is run as a user runs it, from its own folder."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    done = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
    return [output for cell in done["cells"] if cell["cell_type"] == "code" for output in cell["outputs"]]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # jupyter's own; those of circle are errors in every other test
@pytest.mark.usefixtures("_compiled")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_runs_to_its_end(path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    outputs = outputs_of(path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    shown = [output["data"] for output in outputs if "data" in output]
    assert [output["text"] for output in outputs if output.get("name") == "stderr"] == []
    assert "text/html" in shown[-1], "the notebook ends with a table or a map"
    assert sum("image/png" in data for data in shown) >= 1, "with pictures"
    if path != NOTEBOOKS[-1]:
        assert "<iframe srcdoc=" in shown[-1]["text/html"], "the map"
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    assert 1 < seconds < 60, "of a processor"
