"""The notebooks run, and carry no output of anybody's machine."""

from __future__ import annotations

import json
import os

import pytest

from tests.readme.renew import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_holds_no_output(path):
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert cells
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # jupyter's own; those of circle are errors in every other test
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_runs_to_its_end(path, monkeypatch):
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    notebook = nbformat.read(path, as_version=4)
    done = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
    last = done["cells"][-1]["outputs"][0]["data"]
    assert "text/html" in last, "the notebook ends with the map"
