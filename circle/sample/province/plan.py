"""What counties must agree on before any is made: areas, codes, names, what each lacks, roads across borders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy import ndimage

from circle import reference
from circle.model import Bools, Floats, Ints
from circle.sample.province import borders
from circle.sample.province.ground import STEP_M, WET_M, Ground, lattice_points, metres
from circle.sample.province.hashing import uniform

PROVINCE = "09"
"""First digits of the counties' codes; no province has them."""

NAME = "云泽省"
KM2_PER_JUNCTION = 0.06
FIRST_COUNTY = 21
"""Numbers of counties in a prefecture begin here; that of its urban district is 02."""

SERVICES = ("primary_school", "middle_school", "clinic", "bus_stop")
LACKS = {1: frozenset({"middle_school"}), 2: frozenset({"clinic"}), 4: frozenset({"bus_stop"})}
BARE = 3
"""Of 16 counties one lacks each of these, and the northern third of one is empty."""

WINDOW = 7
"""Half the side of the window in which a road across a border is looked for, in points of the lattice."""

Cell = tuple[int, int]


@dataclass(frozen=True)
class Gate:
    """A road across a border: one link of the lattice.

    Parameters
    ----------
    counties
        Numbers of the two counties, ascending.
    cells
        The lattice's point on either side.
    settled
        Which of the two is a settlement: 0, 1, or None.
    town
        It is a town with services of its own, else a village.
    """

    counties: tuple[int, int]
    cells: tuple[Cell, Cell]
    settled: int | None
    town: bool


@dataclass(frozen=True, eq=False)
class CountyPlan:
    """A county before it is made.

    Parameters
    ----------
    number
        From 0, in the order of the codes.
    code, name
        Six digits; a Chinese name that no other county has.
    polygon
        In degrees.
    people
        About how many.
    lacks
        Services that nobody offers here.
    bare_above
        Latitude north of which nobody lives; infinite in most counties.
    island
        One village's lanes are joined to nothing.
    gates
        Its roads across borders.
    """

    number: int
    code: str
    name: str
    polygon: shapely.Polygon
    people: float
    lacks: frozenset[str]
    bare_above: float
    island: bool
    gates: tuple[Gate, ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """A province before its counties are made."""

    seed: int
    junctions: int
    ground: Ground
    words: dict[str, Any]
    counties: tuple[CountyPlan, ...]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of all counties, in degrees."""
        west, south, east, north = shapely.total_bounds([county.polygon for county in self.counties]).tolist()
        return west, south, east, north


def make_plan(counties: int, junctions: int, seed: int) -> Plan:
    """Plan a province of so many counties of so many junctions each."""
    side_m = (junctions * KM2_PER_JUNCTION) ** 0.5 * 1_000.0
    ground = Ground(seed, side_m)
    places = borders.cells(counties)
    areas = borders.make_borders(seed, places, side_m)
    words = reference.table("sample_names")
    rng = np.random.default_rng([seed, counties])
    codes = _codes(borders.blocks(places))
    names = _names(rng, codes, words)
    gates = _gates(ground, areas)
    middles = shapely.centroid(areas.polygon)
    rise = ground.mountain(*metres(shapely.get_x(middles), shapely.get_y(middles)))
    people = 240_000.0 * (junctions / 5_000.0) ** 0.75 * rng.lognormal(0.0, 0.35, counties) * (1.25 - 0.75 * rise)
    # what is odd about counties comes in an order of its own, so that small provinces have it too
    turns = rng.permutation(counties).tolist()
    planned = (
        CountyPlan(
            number=i,
            code=codes[i],
            name=names[i],
            polygon=areas.polygon[i],
            people=float(people[i]),
            lacks=LACKS.get(turns[i] % 16, frozenset()),
            bare_above=_bare_above(areas.polygon[i]) if turns[i] % 16 == BARE else np.inf,
            island=turns[i] % 3 == 0,
            gates=gates.get(i, ()),
        )
        for i in range(counties)
    )
    return Plan(seed, junctions, ground, words, tuple(planned))


def _bare_above(polygon: shapely.Polygon) -> float:
    _, south, _, north = shapely.bounds(polygon).tolist()
    return float(north - (north - south) / 3.0)


def _codes(prefecture: Ints) -> list[str]:
    """Six digits as text: province, prefecture, and within it 02 for its urban district, then 21 and on."""
    codes, used = [], dict[int, int]()
    for block in prefecture.tolist():
        used[block] = used.get(block, -1) + 1
        number = 2 if used[block] == 0 else FIRST_COUNTY - 1 + used[block]
        codes.append(f"{PROVINCE}{block + 1:02d}{number:02d}")
    return codes


def _names(rng: np.random.Generator, codes: list[str], words: dict[str, Any]) -> list[str]:
    """Names of three syllables, such as no real county has, each once."""
    first, second = words["first"], words["second"]
    endings = sorted({ending for ending in words["third"] if ending})
    drawn = rng.permutation(len(first) * len(second) * len(endings))[: len(codes)]
    pair, ending = np.divmod(drawn, len(endings))
    i, j = np.divmod(pair, len(second))
    stems = [first[a] + second[b] + endings[c] for a, b, c in zip(i.tolist(), j.tolist(), ending.tolist(), strict=True)]
    return [stem + ("区" if code.endswith("02") else "县") for stem, code in zip(stems, codes, strict=True)]


def _gates(ground: Ground, areas: borders.Borders) -> dict[int, tuple[Gate, ...]]:
    """Two or three roads across every border, by county: those nearest to a point drawn at random on it."""
    shapely.prepare(areas.polygon)
    found: dict[int, list[Gate]] = {}
    for (a, b), line in areas.sides.items():
        count = 2 + (ground.side_m > 20_000.0)
        drawn = uniform(ground.seed, 70, np.arange(3 * count), a, b)
        taken: set[tuple[Cell, Cell]] = set()
        for k in range(count):
            at = line[int((0.15 + 0.7 * (k + drawn[3 * k]) / count) * (len(line) - 1))]
            cells = _crossing(ground, areas, (a, b), at)
            if cells is None or cells in taken:
                continue
            taken.add(cells)
            settled = None if drawn[3 * k + 1] < 0.4 else int(drawn[3 * k + 1] < 0.7)
            gate = Gate((a, b), cells, settled, bool(drawn[3 * k + 2] < 0.25))
            found.setdefault(a, []).append(gate)
            found.setdefault(b, []).append(gate)
    return {number: tuple(gates) for number, gates in found.items()}


def _crossing(
    ground: Ground, areas: borders.Borders, counties: tuple[int, int], at: Floats
) -> tuple[Cell, Cell] | None:
    """The link of the lattice that crosses the border nearest to a point and leads into the open on both sides."""
    x, y = metres(at[0], at[1])
    i, j = (
        int(middle // STEP_M) - WINDOW + axis
        for middle, axis in zip((x, y), np.mgrid[: 2 * WINDOW + 1, : 2 * WINDOW + 1], strict=True)
    )
    lon, lat = lattice_points(ground.seed, i, j)
    bank, river_m = ground.banks(*metres(lon, lat))
    one, other = (_open(shapely.contains_xy(areas.polygon[n], lon, lat) & usable(river_m)) for n in counties)
    best: tuple[float, tuple[Cell, Cell] | None] = (np.inf, None)
    away = np.hypot((lon - at[0]), (lat - at[1]))
    for step in ((1, 0), (0, 1)):
        low = (slice(0, i.shape[0] - step[0]), slice(0, i.shape[1] - step[1]))
        high = (slice(step[0], None), slice(step[1], None))
        dry = bank[low] == bank[high]
        for here, there in ((low, high), (high, low)):
            far = np.where(one[here] & other[there] & dry, away[here] + away[there], np.inf)
            k = np.unravel_index(int(np.argmin(far)), far.shape)
            if far[k] < best[0]:
                cells = tuple((int(i[part][k]), int(j[part][k])) for part in (here, there))
                best = (float(far[k]), (cells[0], cells[1]))
    return best[1]


def usable(river_m: Floats) -> Bools:
    """Which points of the lattice streets may run over."""
    return np.asarray(river_m > WET_M)


def _open(cells: Bools) -> Bools:
    """The largest piece of a county's part of the window."""
    pieces, count = ndimage.label(cells)
    if count <= 1:
        return cells
    return np.asarray(pieces == 1 + int(np.argmax(np.bincount(pieces.ravel())[1:])))
