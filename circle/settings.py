"""What is asked: services, limits, speed, metric, from ``[analysis]`` of a region file over a planning standard."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from circle import units
from circle.reference import DEFAULT_STANDARD

LIMITS = {"time": (5.0, 10.0, 15.0), "distance": (300.0, 500.0, 1000.0)}
"""Minutes, or metres, of the three circles: what is asked when only the metric is changed."""


class Strict(BaseModel):
    """A settings model that refuses unknown keys and cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _ascending(limits: tuple[float, ...]) -> tuple[float, ...]:
    if not limits or list(limits) != sorted({*limits}) or not all(limit > 0 for limit in limits):
        message = "limits must be positive and ascending, each once"
        raise ValueError(message)
    return limits


Ascending = Annotated[tuple[float, ...], AfterValidator(_ascending)]


class StandardRow(Strict):
    """One demand of a planning standard, with where it comes from."""

    service: str = Field(description="Service, or * for every service in the data.")
    group: str = Field("all", description="Group of residents.")
    tier: str | None = Field(None, description="County, township or village tier.")
    mode: Literal["walk"] = Field("walk", description="How people travel.")
    limit: float = Field(gt=0, description="Minutes, or metres where the metric is a distance.")
    source: str = Field(description="Where the number stands.")
    source_zh: str | None = Field(None, description="The same in Chinese, where the source is Chinese.")
    clause: str = Field(description="Clause of the source.")
    confidence: Literal["verified", "secondary", "unverified"] = Field(description="How far it has been checked.")


class Standard(Strict):
    """A planning standard: a name, a metric, limits, and rows with their sources."""

    name: str = Field(description="The standard's name.")
    en: str = Field(description="Title in English.")
    zh: str = Field(description="Title in Chinese.")
    metric: Literal["time", "distance"] = Field("time", description="What the limits count.")
    walking_speed_kmh: float = Field(4.0, gt=0, le=20, description="Walking speed on the flat.")
    limits: Ascending = Field(description="Minutes, or metres; the longest is the main limit.")
    rows: tuple[StandardRow, ...] = Field(description="What is asked of each service.")


class AnalysisSettings(Strict):
    """The ``[analysis]`` section: a standard by name or path, and what is asked differently here."""

    standard: str = Field(DEFAULT_STANDARD, description="A built-in standard's name, or a standard file's path.")
    metric: Literal["time", "distance"] | None = Field(
        None, description="time: limits are minutes. distance: limits are metres along the network."
    )
    walking_speed_kmh: float | None = Field(None, gt=0, le=20, description="Walking speed on the flat, km/h.")
    limits: Ascending | None = Field(
        None, description="Limits, ascending; minutes or metres. The last is the main one."
    )
    services: tuple[str, ...] | None = Field(None, description="Services to measure; default: all that the data hold.")
    isochrone_resolution_m: float | None = Field(
        None, ge=5, le=1000, description="Grid step of isochrones; default: chosen by size."
    )


@dataclass(frozen=True)
class Limit:
    """One limit: its label in column names (``15min``, ``1000m``) and its value in seconds (or metres)."""

    label: str
    value: float


@dataclass(frozen=True)
class Question:
    """What is asked, resolved: nothing here is optional any more.

    Parameters
    ----------
    metric
        ``"time"`` or ``"distance"``.
    walking_speed_m_s
        On the flat.
    limits
        Ascending; the last is the main limit.
    services
        Keys in the order of the output; None: all that the data hold.
    """

    standard: Standard
    metric: Literal["time", "distance"]
    walking_speed_m_s: float
    limits: tuple[Limit, ...]
    services: tuple[str, ...] | None
    isochrone_resolution_m: float | None

    @property
    def main(self) -> Limit:
        """The limit that decides covered or not."""
        return self.limits[-1]

    @property
    def cost_name(self) -> str:
        """Column name of travel costs, with the unit."""
        return "travel_time_s" if self.metric == "time" else "travel_distance_m"

    @property
    def is_of_standard(self) -> bool:
        """Whether metric and limits are those of the standard, so that its rows are what was asked."""
        asked = self.standard.limits
        values = [units.minutes_to_s(limit) for limit in asked] if self.metric == "time" else list(asked)
        return self.metric == self.standard.metric and [limit.value for limit in self.limits] == values

    def radius_m(self, limit: Limit) -> float:
        """Straight metres that `limit` reaches at walking speed: what people drew before there were networks."""
        return limit.value * self.walking_speed_m_s if self.metric == "time" else limit.value


def parse_standard(text: str) -> Standard:
    """A standard from TOML text.

    Raises
    ------
    pydantic.ValidationError
        If a key is unknown, missing or out of range.

    Examples
    --------
    >>> from circle import reference
    >>> parse_standard(reference.standard_text("fifteen-minute-walk")).limits
    (5.0, 10.0, 15.0)
    """
    return Standard.model_validate(tomllib.loads(text))


def resolve(settings: AnalysisSettings, standard: Standard) -> Question:
    """The question that `settings` ask over `standard`.

    Examples
    --------
    >>> from circle import reference
    >>> standard = parse_standard(reference.standard_text("fifteen-minute-walk"))
    >>> question = resolve(AnalysisSettings(limits=(15,)), standard)
    >>> question.main, round(question.radius_m(question.main), 6)
    (Limit(label='15min', value=900.0), 1000.0)
    >>> [limit.label for limit in resolve(AnalysisSettings(metric="distance"), standard).limits]
    ['300m', '500m', '1000m']
    """
    metric = settings.metric or standard.metric
    limits = settings.limits or (standard.limits if metric == standard.metric else LIMITS[metric])
    if metric == "time":
        named = tuple(Limit(f"{minutes:g}min", units.minutes_to_s(minutes)) for minutes in limits)
    else:
        named = tuple(Limit(f"{metres:g}m", metres) for metres in limits)
    return Question(
        standard=standard,
        metric=metric,
        walking_speed_m_s=units.kmh_to_m_s(settings.walking_speed_kmh or standard.walking_speed_kmh),
        limits=named,
        services=settings.services,
        isochrone_resolution_m=settings.isochrone_resolution_m,
    )
