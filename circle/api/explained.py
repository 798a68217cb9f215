"""One place: its way to the nearest facility, and in words why it is covered or not."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING

from circle import pipeline
from circle.api.arguments import Argument
from circle.api.points import degrees
from circle.api.shown import block_html, list_html, paragraph_html
from circle.doctor.explain import Explanation, Start, explain_start, named_service, named_start, start_at
from circle.lazily import gpd
from circle.messages import reader_language

if TYPE_CHECKING:
    from circle.model import Analysis
    from circle.reach import Engine


@dataclass(frozen=True, eq=False)
class Explained:
    """The way from one place to the nearest facility of a service; made by `Result.explain`.

    Parameters
    ----------
    found
        The way and what it means.
    """

    found: Explanation

    @property
    def status(self) -> str:
        """``"covered"``, or why not, at the main limit."""
        return self.found.status.name.lower()

    @property
    def cost(self) -> float:
        """Seconds (metres where the question is a distance) of the whole way; ``inf`` without one."""
        return self.found.cost

    @property
    def legs(self) -> gpd.GeoDataFrame:
        """One line per leg with its seconds (or metres of walking) and length, in WGS84; none without a way."""
        table, lines = self.found.legs()
        return gpd.GeoDataFrame(table, geometry=lines, crs="EPSG:4326")

    def __str__(self) -> str:
        return "\n".join(self.found.lines("en"))

    def __repr__(self) -> str:
        return f"<Explained: {self.found.lines('en')[-1]}>"

    def _repr_html_(self) -> str:
        *way, why = self.found.lines(reader_language())
        return block_html(*map(paragraph_html, way[:1]), list_html(way[1:]), paragraph_html(why, strong=True))


def explained(analysis: Analysis, engine: Engine, place: str | tuple[float, float], service: str) -> Explained:
    """The answer of `Result.explain`."""
    data, question = analysis.region, analysis.settings
    wanted = named_service(Argument("explain", "service").text(service), pipeline.services_of(data, question))
    return Explained(explain_start(data, question, engine, _start(place, analysis), wanted))


def _start(place: str | tuple[float, float], analysis: Analysis) -> Start:
    at = Argument("explain", "place")
    if isinstance(place, str):
        return named_start(place, analysis.region)
    if not (isinstance(place, tuple) and len(place) == 2 and all(isinstance(number, Real) for number in place)):
        at.refuse("api.place_needed", found=type(place).__name__)
    (lon,), (lat,) = degrees(*place, at)
    return start_at(float(lon), float(lat), analysis.region, f"{lon:.6f}, {lat:.6f}")
