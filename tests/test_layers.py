"""Who may import whom: the levels of the house, as ``.importlinter`` draws them."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "circle"
KEEPS_MACHINE_CODE = PACKAGE / "kernels" / "kept.py"
READS_AND_WRITES = {"load", "export", "report", "store", "sample", "doctor", "fetch", "cli", "api", "messages", "reference.py"}


def test_no_module_imports_upwards_sideways_or_in_a_circle(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT))
    code = lint_imports(config_filename=str(ROOT / ".importlinter"), no_cache=True)
    assert code == 0, capsys.readouterr().out


def test_the_contract_does_find_a_room_that_imports_a_room(tmp_path, monkeypatch, capsys):
    """A house of two rooms, one of which looks into the other inside a function."""
    house = tmp_path / "wrong_house"
    for room, content in {"": "", "load": "", "reach": "def late():\n    import wrong_house.load\n"}.items():
        (house / room).mkdir(exist_ok=True)
        (house / room / "__init__.py").write_text(content)
    config = tmp_path / "contract.ini"
    config.write_text(
        "[importlinter]\nroot_package = wrong_house\n[importlinter:contract:levels]\nname = levels\ntype = layers\n"
        "containers = wrong_house\nlayers =\n    load | reach\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        assert lint_imports(config_filename=str(config), no_cache=True) == 1
    finally:
        sys.modules.pop("wrong_house", None)
    assert "BROKEN" in capsys.readouterr().out


def _calls(path: Path) -> set[str]:
    """Names of everything called in a module, dotted where they are."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


@pytest.mark.parametrize(
    "path",
    [
        p
        for p in sorted(PACKAGE.rglob("*.py"))
        if p.relative_to(PACKAGE).parts[0] not in READS_AND_WRITES and p != KEEPS_MACHINE_CODE
    ],
    ids=lambda p: str(p.relative_to(PACKAGE)),
)
def test_files_clock_and_chance_are_touched_at_both_ends_only(path):
    """Between load and export nothing opens files or draws numbers; stages alone read a clock, for timings."""
    touched = {
        call
        for call in _calls(path)
        if call in {"open", "input", "print"}
        or call.split(".")[-1] in {"read_text", "write_text", "read_bytes", "write_bytes", "getenv", "default_rng"}
        or (call.endswith("perf_counter") and path.name != "stages.py")
        or call.startswith(("random.", "np.random.", "os.environ", "datetime.", "time."))
    }
    assert not touched
