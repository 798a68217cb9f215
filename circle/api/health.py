"""Is this data fit? What ``circle check`` says, to be looked at in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from circle.api.arguments import Argument
from circle.api.shown import block_html, frame_html, list_html, paragraph_html, table_html
from circle.errors import Problem, Severity, render
from circle.lazily import gpd, pd
from circle.messages import reader_language, text
from circle.store import EXTRACTS, user_cache

if TYPE_CHECKING:
    from circle.doctor.examine import Examination

LISTED = 12


@dataclass(frozen=True, eq=False)
class Page:
    """A page that shows itself in a notebook, within a frame.

    Parameters
    ----------
    html
        The whole page; it needs nothing else and no internet.
    lang
        Its language.
    """

    html: str
    lang: str = "en"

    def save(self, path: str | Path, *, force: bool = False) -> Path:
        """Write the page as a file.

        Raises
        ------
        OutputError
            If there is such a file, unless with `force`, or it cannot be written.
        """
        from circle.store import write_whole

        at = Argument("save")
        target = at.named("path").target(path)
        write_whole(target, self.html, force=at.named("force").flag(force))
        return target

    def _repr_html_(self) -> str:
        return frame_html(self.html, self.lang)


@dataclass(frozen=True, eq=False)
class Health:
    """What a look at the data showed; made by `circle.check`.

    Parameters
    ----------
    found
        Everything that was looked at.
    path
        Where.
    """

    found: Examination
    path: Path

    @property
    def fit(self) -> bool:
        """Whether a run can use the data: no error was found."""
        return self.found.fit

    @property
    def problems(self) -> pd.DataFrame:
        """One row per problem: ``severity`` (errors first), ``file``, ``layer``, ``row``, ``code`` and ``message``."""
        problems, lang = _sorted(self.found.problems), reader_language()
        columns = {
            "severity": [problem.severity.value for problem in problems],
            "file": [problem.file for problem in problems],
            "layer": [problem.layer for problem in problems],
            "row": pd.array([problem.row for problem in problems], dtype="Int64"),
            "code": [problem.code for problem in problems],
            "message": [render(problem, lang) for problem in problems],
        }
        return pd.DataFrame(columns)

    @property
    def suspects(self) -> gpd.GeoDataFrame:
        """One point per thing that a planner should look at: ``kind`` and ``message``; WGS84."""
        listed, lang = (() if self.found.suspects is None else self.found.suspects.listed), reader_language()
        columns = {"kind": [one.kind for one in listed], "message": [one.sentence(lang) for one in listed]}
        points = gpd.points_from_xy([one.lon for one in listed], [one.lat for one in listed])
        return gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:4326")

    def explore(self, *, lang: str | None = None) -> Page:
        """The page of ``circle check --html``: the suspicious things on a map, and all tables."""
        from circle.doctor.check_page import check_html

        speech = Argument("explore", "lang").language(lang)
        return Page(check_html(self.found, self.path, lang=speech), speech)

    def __repr__(self) -> str:
        return f"<Health: {self.found.verdict('en')}>"

    def _repr_html_(self) -> str:
        lang = reader_language()
        listed = [problem for problem in _sorted(self.found.problems) if problem.severity is not Severity.NOTE]
        headers = [text(f"shown.{name}", lang) for name in ("severity", "where", "what")]
        rows = [_cells(problem, lang) for problem in listed[:LISTED]]
        more = len(listed) - len(rows)
        return block_html(
            paragraph_html(self.found.verdict(lang), strong=True),
            list_html(self.found.contents(lang)),
            table_html(headers, rows, words=3) if rows else "",
            paragraph_html(text("doctor.more", lang, count=f"{more:,}") if more else ""),
        )


def check(path: str | Path, *, cache: bool = True) -> Health:
    """Look at the data of a region as ``circle check`` does: all problems of all files at once, none of them raised.

    Parameters
    ----------
    path
        A region file or its folder.
    cache
        As for `load_region`.

    Examples
    --------
    >>> check("no_such_folder").fit
    False
    """
    from circle.doctor.examine import examine

    at = Argument("check")
    path, cache = at.named("path").path(path), at.named("cache").flag(cache)
    return Health(examine(path, user_cache(EXTRACTS, wanted=cache)), path)


def _sorted(problems: tuple[Problem, ...]) -> list[Problem]:
    """Errors, warnings, notes, each in the order in which they were found."""
    order = list(Severity)
    return sorted(problems, key=lambda problem: order.index(problem.severity))


def _cells(problem: Problem, lang: str) -> list[str]:
    row = "" if problem.row is None else text("where.row", lang, row=problem.row)
    where = " · ".join(part for part in (problem.file, problem.layer, row) if part)
    return [text(f"severity.{problem.severity.value}", lang), where, text(problem.code, lang, **problem.fields)]
