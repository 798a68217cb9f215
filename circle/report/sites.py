"""The numbered discs of proposed sites: each at its site, or joined to it by a line; near ones share a disc."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from circle.report.gaps import Gap
from circle.report.paths import Box

Point = tuple[float, float]

GAP = "#d7301f"
DISC, SIGN, DOT = 10.5, 4.1, 6.4
"""Points across: a disc, a digit in it, and what stands between two numbers: in Chinese fonts as wide as a sign."""
NEAR_MM = 1.0
"""A disc whose middle is no farther than that from a site stands at it."""
LEADER = "leader"
"""Group of the lines from a disc to a site."""
CROWD = 0.125
"""Share of a map's width and height: at least half of the sites within that are shown again, larger."""
_DOTS_OF_A_MM = 100 / 25.4
_ANGLES = 24
_IN_THE_SEA, _ON_THE_CROWD, _CROSSING, _OVER_A_LINE = 100.0, 60.0, 60.0, 200.0
"""What speaks against a place for a disc, in dots of a longer line."""


@dataclass(frozen=True)
class Disc:
    """Numbers that stand together: their sites and the middle of the disc in dots, and how large it is."""

    numbers: tuple[int, ...]
    sites: tuple[Point, ...]
    middle: Point
    size: Point

    @property
    def words(self) -> str:
        """The numbers as they are written."""
        return words_of(self.numbers)

    @property
    def far(self) -> list[Point]:
        """Sites that need a line, for the disc does not stand at them."""
        return [site for site in self.sites if math.dist(site, self.middle) > NEAR_MM * _DOTS_OF_A_MM]

    def box(self, more: float = 0.0) -> Bbox:
        """What it covers."""
        wide, high = self.size[0] / 2 + more, self.size[1] / 2 + more
        x, y = self.middle
        return Bbox.from_extents(x - wide, y - high, x + wide, y + high)


def words_of(numbers: Sequence[int]) -> str:
    """Numbers of one disc.

    Examples
    --------
    >>> words_of([2, 3, 5])
    '2·3·5'
    """
    return "·".join(str(number) for number in numbers)


def together(sites: Sequence[Point], apart: float) -> list[list[int]]:
    """Rows of sites that share a disc: none of a group is as far as `apart` from another of it.

    Examples
    --------
    >>> together([(0, 0), (50, 0), (3, 0), (0, 0)], 10.0)
    [[0, 2, 3], [1]]
    """
    groups: list[list[int]] = []
    for row, site in enumerate(sites):
        for group in groups:
            if all(math.dist(site, sites[other]) < apart for other in group):
                group.append(row)
                break
        else:
            groups.append([row])
    return groups


def discs_of(
    numbers: Sequence[int],
    sites: Sequence[Point],
    frame: Bbox,
    *,
    per_point: float,
    is_sea: Callable[[Point], bool] = lambda _: False,
    crowd: Bbox | None = None,
) -> list[Disc]:
    """Where discs stand, in dots: none over another or over another's site, each at its site where that is free.

    Parameters
    ----------
    numbers, sites
        The numbers of the gaps and their sites.
    frame
        The map; no disc leaves it.
    per_point
        Dots of a point.
    is_sea
        Whether there is water at a place, where no disc is moved to as long as there is land.
    crowd
        The part that is shown larger elsewhere: discs stand beside it, so that it is seen.
    """
    groups = together(sites, DISC * per_point)
    waiting = [_at_its_sites([numbers[i] for i in group], [sites[i] for i in group], per_point) for group in groups]
    standing: list[Disc] = []
    moved: list[Disc] = []
    for disc in waiting:
        others = [site for other in waiting if other is not disc for site in other.sites]
        in_crowd = crowd is not None and crowd.overlaps(disc.box())
        fits = not disc.far and not in_crowd and _is_free(disc, standing, others, frame)
        (standing if fits else moved).append(disc)
    for disc in moved:
        others = [site for other in waiting if other is not disc for site in other.sites]
        standing.append(_beside(disc, standing, others, frame, is_sea, crowd))
    return sorted(standing, key=lambda disc: disc.numbers)


def _at_its_sites(numbers: list[int], sites: list[Point], per_point: float) -> Disc:
    signs = sum(len(str(number)) for number in numbers)
    wide = max(DISC, DISC - SIGN + SIGN * signs + DOT * (len(numbers) - 1)) * per_point
    x, y = np.mean(sites, axis=0).tolist()
    return Disc(tuple(numbers), tuple(sites), (x, y), (wide, DISC * per_point))


def _is_free(disc: Disc, standing: list[Disc], others: list[Point], frame: Bbox) -> bool:
    box = disc.box()
    inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
    wider = disc.box(3.0)
    return (
        inside
        and not any(wider.contains(*site) for site in others)
        and not any(wider.overlaps(other.box()) for other in standing)
    )


def _beside(
    disc: Disc,
    standing: list[Disc],
    others: list[Point],
    frame: Bbox,
    is_sea: Callable[[Point], bool],
    crowd: Bbox | None,
) -> Disc:
    """The place with the shortest line on which least speaks against it; where the map is full, the site itself."""
    best, least = disc, math.inf
    for distance, place in _around(disc, frame):
        if distance >= least:
            break
        moved = replace(disc, middle=place)
        if not _is_free(moved, standing, [*others, *disc.sites], frame):
            continue
        against = distance + _against(moved, standing, others)
        against += _ON_THE_CROWD * (crowd is not None and crowd.overlaps(moved.box()))
        if against < least and is_sea(place):
            against += _IN_THE_SEA
        if against < least:
            best, least = moved, against
    return best


def _around(disc: Disc, frame: Bbox) -> Iterator[tuple[float, Point]]:
    """Places around a disc, the nearest first."""
    x, y = disc.middle
    farthest = math.hypot(frame.width, frame.height)
    distance = disc.size[1]
    while distance < farthest:
        for turn in range(_ANGLES):
            angle = 2 * math.pi * (turn + 0.5) / _ANGLES
            yield distance, (x + (distance + disc.size[0] / 2) * math.cos(angle), y + distance * math.sin(angle))
        distance *= 1.15


def _against(disc: Disc, standing: list[Disc], others: list[Point]) -> float:
    """What speaks against it: lines that cross, run through a disc or over another's site."""
    found = 0.0
    for site in disc.far:
        for other in standing:
            found += _OVER_A_LINE * _runs_through((disc.middle, site), other.box(2.0))
            for end in other.far:
                found += _CROSSING * _cross((disc.middle, site), (other.middle, end))
                found += _OVER_A_LINE * _runs_through((other.middle, end), disc.box(2.0))
        for point in others:
            around = Bbox.from_extents(point[0] - 2, point[1] - 2, point[0] + 2, point[1] + 2)
            found += _CROSSING * _runs_through((disc.middle, site), around)
    return found


def _cross(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    def side(begin: Point, end: Point, point: Point) -> float:
        return (end[0] - begin[0]) * (point[1] - begin[1]) - (end[1] - begin[1]) * (point[0] - begin[0])

    return side(*one, other[0]) * side(*one, other[1]) < 0 and side(*other, one[0]) * side(*other, one[1]) < 0


def _runs_through(line: tuple[Point, Point], box: Bbox) -> bool:
    corners = [(box.x0, box.y0), (box.x1, box.y1), (box.x0, box.y1), (box.x1, box.y0)]
    return any(_cross(line, (corners[i], corners[i + 1])) for i in (0, 2)) or bool(box.contains(*line[0]))


def draw_disc(axes: Axes, disc: Disc) -> None:
    """A disc with its numbers, lines to the sites at which it does not stand, and a point at each of them."""
    back = axes.transData.inverted()
    x, y = back.transform(disc.middle)
    for site in dict.fromkeys(disc.far):
        lon, lat = back.transform(site)
        axes.plot([x, lon], [y, lat], color="white", linewidth=2.0, alpha=0.8, zorder=6.4)
        axes.plot([x, lon], [y, lat], color=GAP, linewidth=0.9, zorder=6.5, gid=LEADER)
        axes.plot(lon, lat, marker="o", markersize=3.2, color=GAP, markeredgecolor="white", markeredgewidth=0.5,
                  zorder=6.6)  # fmt: skip
    half = (disc.size[0] - disc.size[1]) / 2
    ends = [back.transform((disc.middle[0] + way * half, disc.middle[1]))[0] for way in (-1, 1)]
    for wide, colour in ((DISC + 0.2, "white"), (DISC - 1.4, GAP)):
        if half > 0:
            axes.plot(ends, [y, y], color=colour, linewidth=wide, solid_capstyle="round", zorder=7)
        else:
            axes.plot(x, y, marker="o", markersize=wide, color=colour, markeredgewidth=0, zorder=7)
    axes.annotate(
        disc.words, (x, y), ha="center", va="center_baseline", fontsize=6.5, color="white", weight="bold", zorder=7.5
    )


def crowd_of(gaps: Sequence[Gap], box: Box, share: float = CROWD) -> list[Gap]:
    """The gaps whose sites crowd a small part of a map; none where fewer than half do, or all stand on one point.

    Parameters
    ----------
    gaps
        Those that the map numbers.
    box
        What it shows: west, south, east, north.
    share
        Of its width and height, how large the part is at most.
    """
    wide, high = (box[2] - box[0]) * share, (box[3] - box[1]) * share
    best: list[Gap] = []
    for west in sorted({gap.site[0] for gap in gaps}):
        for south in sorted({gap.site[1] for gap in gaps}):
            mine = [g for g in gaps if west <= g.site[0] <= west + wide and south <= g.site[1] <= south + high]
            best = max(best, mine, key=lambda found: (len(found), -found[0].number if found else 0))
    several = len({(round(gap.site[0], 5), round(gap.site[1], 5)) for gap in best}) > 1
    return best if several and len(best) >= max(3, len(gaps) / 2) else []
