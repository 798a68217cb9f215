"""What benchmarks measured, and the README's table of it: written by ``pytest tests/bench --report``, never by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from math import isfinite
from typing import NamedTuple

BEGIN = "<!-- figures: written by pytest tests/bench --report, not by hand -->"
END = "<!-- end of the figures -->"
HEADER = ("row", "work", "beside", "figure", "bound", "met", "measured")
NOT_MEASURED, NOTHING = "not measured", "–"

WANTED = {
    1: ("Las Palmas, cold process, from the extract to the travel times of all 100 m cells", "≥ 3.5 ×"),
    2: ("the same with the network kept from an earlier run", "≥ 6 ×"),
    3: ("one isochrone polygon, median over 163 schools", "≥ 250 ×"),
    4: ("nearest facility for every node, 1 M nodes, no limit, one thread", "≥ 1.8 ×"),
    5: ("10 services × 1 M nodes, no limit, two cores", "≥ 3.5 ×"),
    6: ("which of 2,000 facilities every place reaches, 1 M nodes", "≥ 20 ×, ≤ 64 bytes a pair"),
    7: ("attaching 1 M points to 1 M edges with all candidates", "≥ 4 ×"),
    8: ("reading the roads of an extract into arrays", "≤ 1.3 × its time"),
    9: ("a facility added to or removed from 500, 1 M nodes", "≥ 50 ×"),
    10: ("growth from 10⁴ to 10⁶ junctions, whole job", "time ≤ 1.1, memory ≤ 1.05, ≤ 3 GB"),
    11: ("a whole `circle run` of Las Palmas with every file and the map", "≤ 3 × its time"),
}
"""Rows of the engine's table: the work, and what is asked of it."""

_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BAR = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One thing measured.

    Parameters
    ----------
    row
        Row of the engine's table; None for what other issues asked.
    work, peer
        What was done, and beside what. Row and work name the figure: they hold no number that changes from run to run.
    ours_s, peer_s
        Seconds. Their ratio is how many times as fast it is - or, with ``at_most``, how many times the peer's time it takes.
    value, unit
        Instead of seconds: any other quantity, e.g. bytes a pair, an exponent, GB.
    at_least, at_most
        The bound that the issue asks for; without one the figure is reported only.
    asserted
        What the benchmark holds itself to where it falls short of the issue's bound, which the table shows all the same.
    """

    row: int | None
    work: str
    peer: str = ""
    ours_s: float | None = None
    peer_s: float | None = None
    value: float | None = None
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    asserted: float | None = None

    def __post_init__(self) -> None:
        assert self.row is None or self.row in WANTED, f"the engine's table has no row {self.row}"
        assert self.at_least is None or self.at_most is None, "one bound a figure"
        assert self.asserted is None or self.bounded, "what is asserted instead of which bound?"
        assert (self.value is None) == (self.ours_s is not None and self.peer_s is not None), "two times, or a value"

    @property
    def measured(self) -> float:
        if self.value is not None:
            return self.value
        assert self.ours_s is not None
        assert self.peer_s is not None
        over, under = (self.ours_s, self.peer_s) if self.at_most is not None else (self.peer_s, self.ours_s)
        return over / under if under > 0 else float("nan")

    @property
    def bounded(self) -> bool:
        return self.at_least is not None or self.at_most is not None

    def meets(self, bound: float) -> bool:
        """False also of what is no number."""
        return isfinite(self.measured) and (self.measured >= bound if self.at_most is None else self.measured <= bound)

    @property
    def met(self) -> bool | None:
        """Whether the issue's bound is met; None without one."""
        bound = self.at_least if self.at_most is None else self.at_most
        return None if bound is None else self.meets(bound)

    @property
    def holds(self) -> bool:
        """What the benchmark asserts: `asserted`, else the bound."""
        return self.met is not False if self.asserted is None else self.meets(self.asserted)

    def said(self) -> str:
        if self.value is not None:
            return f"{number(self.value)} {self.unit}".rstrip()
        assert self.ours_s is not None
        assert self.peer_s is not None
        kind = "×" if self.at_most is None else "× its time"
        return f"{number(self.measured)} {kind} ({seconds(self.ours_s)}, {seconds(self.peer_s)})"

    def bound(self) -> str:
        if not self.bounded:
            return NOTHING
        sign, bound = ("≥", self.at_least) if self.at_most is None else ("≤", self.at_most)
        unit = self.unit if self.value is not None else "×" if self.at_most is None else "× its time"
        return f"{sign} {bound:g} {unit}".rstrip()

    def cells(self, label: str) -> tuple[str, ...]:
        met = NOTHING if self.met is None else "yes" if self.met else "no"
        row = NOTHING if self.row is None else str(self.row)
        return tuple(map(clean, (row, self.work, self.peer, self.said(), self.bound(), met, label)))

    def __str__(self) -> str:
        """One aligned line for the terminal."""
        row, work, peer, said, bound, met, _ = self.cells("")
        asked = "reported" if not self.bounded else f"{bound}: {'met' if met == 'yes' else 'NOT MET'}"
        return f"row {row:>2}  {work:<80}  {said:<34}  {asked:<22}  {peer}".rstrip()


Say = Callable[..., Figure]
"""The fixture `figure`: takes what `Figure` takes."""


class Line(NamedTuple):
    """A line of the table as it stands: its cells, none of which is trusted to be what it should."""

    cells: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str]:
        return self.cells[0], self.cells[1]

    @property
    def is_measured(self) -> bool:
        return self.cells[3] != NOT_MEASURED


def number(value: float) -> str:
    """Three digits; 1,234 above a thousand."""
    if not isfinite(value):
        return "no number"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def seconds(value: float) -> str:
    return f"{number(value)} s" if value >= 1 else f"{number(value * 1e3)} ms"


def clean(text: str) -> str:
    """As a cell of a table: no line ends, no bars, no markup, never empty."""
    text = _HIDDEN.sub(" ", text).replace("\\", "/").strip()
    return text.replace("<", "&lt;").replace("|", "\\|") or NOTHING


def lines_of(table: str) -> tuple[list[Line], list[str]]:
    """The lines of a table of figures, and those that are none: a cell missing or too many, a row that is not asked for."""
    lines, broken = [], []
    for text in table.splitlines():
        if not text.startswith("|") or text.startswith(("| row |", "|---")):
            continue
        cells = tuple(cell.strip() for cell in _BAR.split(text.strip())[1:-1])
        known = len(cells) == len(HEADER) and all(cells) and (cells[0] == NOTHING or cells[0] in map(str, WANTED))
        if known:
            lines.append(Line(cells))
        else:
            broken.append(text)
    return lines, broken


def setups_of(table: str) -> dict[str, str]:
    """What was measured on: label to machine and versions."""
    return dict(re.findall(r"^- (\d{4}-\d\d-\d\d[a-z]?): (.+)$", table, re.MULTILINE))


def between(readme: str) -> str:
    """What stands between the markers."""
    assert readme.count(BEGIN) == readme.count(END) == 1, f"the README needs {BEGIN} and {END}, once each"
    begin, end = readme.index(BEGIN) + len(BEGIN), readme.index(END)
    assert begin <= end, "the markers stand in the wrong order"
    return readme[begin:end]


def with_figures(readme: str, figures: Sequence[Figure], *, date: str, setup: str) -> tuple[str, list[str]]:
    """The README with these figures in place of earlier ones of the same row and work; all others keep their dates.

    Returns
    -------
    tuple
        The text, and the lines of its table that could not be read and were left out.
    """
    old = between(readme)
    lines, broken = lines_of(old)
    setups, setup = setups_of(old), clean(setup)
    free = (date + letter for letter in ["", *map(chr, range(ord("b"), ord("z") + 1))])
    label = next(label for label in free if setups.get(label, setup) == setup)
    kept = {line.key: line for line in lines if line.is_measured}
    kept.update((line.key, line) for line in (Line(figure.cells(label)) for figure in figures))
    setups |= {label: setup} if figures else {}
    begin = readme.index(BEGIN) + len(BEGIN)
    return readme[:begin] + written(kept.values(), setups) + readme[begin + len(old) :], broken


def written(measured: Iterable[Line], setups: dict[str, str]) -> str:
    """Table and machines, in the order of the rows; a row without a figure says so."""
    lines, order = list(measured), {str(row): row for row in WANTED}
    there = {line.cells[0] for line in lines}
    lines += [
        Line((str(row), work, NOTHING, NOT_MEASURED, bound, NOTHING, NOTHING))
        for row, (work, bound) in WANTED.items()
        if str(row) not in there
    ]
    number_of = count()
    lines.sort(key=lambda line: (order.get(line.cells[0], len(order) + 1), next(number_of)))
    rows = [HEADER, ("---:", "---", "---", "---", "---", "---", "---"), *(line.cells for line in lines)]
    table = [f"| {' | '.join(cells)} |" for cells in rows]
    table[1] = table[1].replace(" ", "")
    used = {line.cells[-1] for line in lines}
    machines = [f"- {label}: {setup}" for label, setup in sorted(setups.items()) if label in used]
    return "\n" + "\n".join([*table, *([""] if machines else []), *machines]) + "\n"
