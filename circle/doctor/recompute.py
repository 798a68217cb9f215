"""``circle verify``: the same inputs and the same question once more, and what comes out differently."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from circle import pipeline, report, units
from circle.doctor.differences import Difference, folder_differences, printed_differences
from circle.errors import Problem, QueryError, Severity
from circle.export import Manner, tiles_of_page, write_outputs
from circle.load.region import read_region
from circle.messages import text
from circle.model import Analysis
from circle.settings import Limit, Question, Standard
from circle.store import RESULT_MARK, name_problem

OWN_VERSIONS = ("circle", "python")
MAP = "gap_map.html"


@dataclass(frozen=True)
class Verification:
    """What a recomputation showed.

    Parameters
    ----------
    files
        The files compared.
    differences
        Values, columns, rows and files that are not as they were.
    inputs
        Inputs that are not those of the result: path, and ``changed``, ``missing`` or ``new``.
    versions
        Software whose version is another: name, then, now.
    left_out
        Files that were not made again: name, and ``printed`` (a PDF, of which only the bytes that are there were held
        against the record) or ``unknown`` (the result does not name it).
    """

    files: tuple[str, ...]
    differences: tuple[Difference, ...]
    inputs: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str, str], ...]
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def same(self) -> bool:
        """Whether the same came out of the same inputs."""
        return not self.differences and not self.inputs

    def lines(self, lang: str) -> list[str]:
        """What was found, one sentence each."""
        lines = [text(f"verify.input_{how}", lang, path=path) for path, how in self.inputs]
        lines += [text("verify.version", lang, name=name, was=was, now=now) for name, was, now in self.versions]
        for name in self.files:
            own = [difference for difference in self.differences if difference.file == name]
            lines += [text(f"differs.{difference.kind}", lang, **difference.fields()) for difference in own]
            if not own:
                lines.append(text("verify.file_same", lang, file=name))
        return lines + [text(f"verify.left_{why}", lang, file=name) for name, why in self.left_out]

    def to_json(self) -> str:
        """For programs."""
        return json.dumps({"same": self.same, **asdict(self)}, ensure_ascii=False, indent=1)


def recompute(folder: Path, *, region: Path | None = None, progress: pipeline.Progress | None = None) -> Verification:
    """Do a result again and compare.

    Parameters
    ----------
    folder
        A result.
    region
        Its region file, where that has moved; default: the path in the provenance, which is relative to `folder`.
    progress
        Told when a stage begins.

    Raises
    ------
    QueryError
        If the folder is no result, or its path no Unicode, or its region file is not where it was.
    InputError
        If the region cannot be read any more.
    """
    if (unnamed := name_problem(folder)) is not None:
        raise QueryError(unnamed)
    then = _provenance(folder)
    watcher = progress or pipeline.Silent()
    watcher.start("load")
    loaded = read_region(region or _region_file(folder, then))
    each = bool(then["question"]["each_isochrone"])
    answer = pipeline.analyze(loaded.data, _question(then["question"]), progress=watcher, each_isochrone=each)
    answer = replace(answer, problems=(*loaded.problems, *answer.problems))
    with tempfile.TemporaryDirectory(prefix="circle-verify-") as made:
        again = Path(made)
        watcher.start("export")
        drawn, crs = then["map"], then.get("geopackage", {}).get("crs")
        tiles = None if drawn["tiles"] is None else _tiles(folder)
        write_outputs(answer, again, Manner(drawn["language"], tiles, crs), further=_report(answer, then))
        now = json.loads((again / RESULT_MARK).read_text(encoding="utf-8"))
        watcher.start("compare")
        differences = folder_differences(folder, again)
    versions = _versions(then, now)
    if versions:  # the page is laid out by libraries: between versions its bytes say nothing about values
        differences = [d for d in differences if not (d.kind == "content" and d.file.endswith(".html"))]
    printed = printed_differences(folder, then["outputs"])
    files = tuple(sorted({*now["outputs"], *(difference.file for difference in printed)}))
    left_out = _left_out(folder, {*then["outputs"], RESULT_MARK}, set(files))
    return Verification(files, (*differences, *printed), _inputs(then, now), versions, left_out)


def _report(answer: Analysis, then: dict[str, Any]) -> Callable[[], Mapping[str, bytes]] | None:
    """What draws the report again, where the result has one."""
    if not {report.PAGE, report.DOCUMENT} & set(then["outputs"]):
        return None
    return partial(report.report_files, answer, (then.get("report") or then["map"])["language"])


def _left_out(folder: Path, named: set[str], compared: set[str]) -> tuple[tuple[str, str], ...]:
    """Files of the folder that nothing was compared with, and why."""
    others = sorted(path.name for path in folder.iterdir() if path.is_file() and path.name not in compared)
    others = [name for name in others if name != RESULT_MARK and not name.startswith(".")]
    return tuple((name, "printed" if name in named else "unknown") for name in others)


def _provenance(folder: Path) -> dict[str, Any]:
    path = folder / RESULT_MARK
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        complete = {"question", "inputs", "outputs", "libraries", "map", "region"} <= set(document)
    except (OSError, ValueError, TypeError) as error:
        raise QueryError(Problem("verify.no_result", Severity.ERROR, file=str(folder))) from error
    if not complete:
        raise QueryError(Problem("verify.no_result", Severity.ERROR, file=str(folder)))
    result: dict[str, Any] = document
    return result


def _region_file(folder: Path, then: dict[str, Any]) -> Path:
    written = then["region"]["file"]
    if written is None:
        raise QueryError(Problem("verify.from_frames", Severity.ERROR, file=str(folder)))
    path = folder.resolve() / str(written)
    if not path.is_file():
        raise QueryError(Problem("verify.region_moved", Severity.ERROR, {"path": str(path)}, file=str(folder)))
    return path


def _tiles(folder: Path) -> str | None:
    """From the map itself: the provenance tells no keys."""
    try:
        return tiles_of_page((folder / MAP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _question(asked: dict[str, Any]) -> Question:
    """The question as the provenance holds it."""
    return Question(
        standard=Standard.model_validate(asked["standard"]),
        metric=asked["metric"],
        walking_speed_m_s=units.kmh_to_m_s(asked["walking_speed_kmh"]),
        limits=tuple(Limit(limit["label"], limit["value"]) for limit in asked["limits"]),
        services=None if asked["services"] is None else tuple(asked["services"]),
        isochrone_resolution_m=asked["isochrone_resolution_m"],
    )


def _inputs(then: dict[str, Any], now: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Inputs by path whose hash is another."""
    was, is_now = ({file["path"]: file["sha256"] for file in record["inputs"]} for record in (then, now))
    found = [(path, "missing" if path not in is_now else "changed") for path in was if is_now.get(path) != was[path]]
    return (*found, *((path, "new") for path in is_now if path not in was))


def _versions(then: dict[str, Any], now: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    was, is_now = ({**record["libraries"], **{name: record[name] for name in OWN_VERSIONS}} for record in (then, now))
    return tuple(
        (name, str(was.get(name)), str(is_now.get(name)))
        for name in sorted({*was, *is_now})
        if was.get(name) != is_now.get(name)
    )
