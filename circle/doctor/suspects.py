"""Single things that a planner should look at, each with its place on the map."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from circle.access.audit import FAR_FACILITY_M, LONG_LEG_M
from circle.doctor.bridges import unattachable_m
from circle.doctor.facts import Facts
from circle.export import length_words, people_words, service_name
from circle.kernels.projection import to_metres
from circle.lazily import pd
from circle.load.columns import plain_text
from circle.messages import text
from circle.model import OUTSIDE, NetworkData, RegionData, Residents

TWIN_M = 1000.0
"""Sites of one service and one name nearer than this may be one site with two addresses."""
STACKED = 3
"""So many sites of one service at the very same spot were placed by an address that is no address."""
DIFFERENT = 0.2
LEAST_DIFFERENCE = 100.0
"""A district whose people differ from its census by a fifth, and by a hundred people at least."""
NO_SITE_PEOPLE = 1000.0
CROWD_SHARE, CROWD_PEOPLE, CROWD_PLACES = 0.05, 1000.0, 100
"""One place in a hundred or more that holds a twentieth of everybody."""
SQUARE_M = 1000.0
EACH = 50
"""Of each kind so many are listed, the worst first; the rest is counted."""


@dataclass(frozen=True)
class Service:
    """A service in a sentence, by its name alone."""

    key: str

    def in_language(self, lang: str) -> str:
        """As people call it."""
        return service_name(self.key, lang)


@dataclass(frozen=True)
class Length:
    """A length in a sentence."""

    metres: float

    def in_language(self, lang: str) -> str:
        """In metres or kilometres."""
        return length_words(self.metres, lang)


@dataclass(frozen=True)
class Suspect:
    """One thing.

    Parameters
    ----------
    kind
        Entry ``suspect.<kind>`` of the catalogue says it, ``suspects.<kind>`` names the kind.
    lon, lat
        Where.
    fields
        The values of its sentence.
    """

    kind: str
    lon: float
    lat: float
    fields: Mapping[str, object]

    def sentence(self, lang: str) -> str:
        """What is doubtful about it."""
        return text(f"suspect.{self.kind}", lang, **self.fields)


@dataclass(frozen=True)
class Suspects:
    """The list, kind by kind; `total` counts also those that are not listed."""

    listed: tuple[Suspect, ...]
    total: Mapping[str, int]


def find_suspects(data: RegionData, network: NetworkData, residents: Residents, facts: Facts) -> Suspects:
    """All that is doubtful, the worst of each kind first."""
    finders: dict[str, Callable[[], Iterator[Suspect]]] = {
        "far_facility": lambda: _far_facilities(data, network, facts),
        "twins": lambda: _twins(data, network),
        "stacked": lambda: _stacked(data),
        "census": lambda: _census(facts),
        "empty_district": lambda: _empty_districts(facts),
        "no_site": lambda: _without_sites(facts),
        "piece": lambda: _pieces(network, facts),
        "far_people": lambda: _far_people(network, residents, facts),
        "crowd": lambda: _crowds(residents),
    }
    found = {kind: list(finder()) for kind, finder in finders.items()}
    kinds: dict[str, list[Suspect]] = {}
    for one in (one for several in found.values() for one in several):
        kinds.setdefault(one.kind, []).append(one)
    listed = tuple(one for several in kinds.values() for one in several[:EACH])
    return Suspects(listed, {kind: len(several) for kind, several in kinds.items()})


def _called(row: Mapping[Any, Any]) -> str:
    return str(row["facility_id"] if pd.isna(row["name"]) else row["name"])


def _far_facilities(data: RegionData, network: NetworkData, facts: Facts) -> Iterator[Suspect]:
    """Sites far from any road that places are joined to; where a bridge or a tunnel is nearer, it is said."""
    table, leg_m = data.facilities.table, facts.facility_leg_m
    far = np.flatnonzero(leg_m > FAR_FACILITY_M)
    far = far[np.argsort(-leg_m[far], kind="stable")]
    rows = table.iloc[far]
    barred_m = unattachable_m(network, rows["lon"].to_numpy(float), rows["lat"].to_numpy(float))
    for row, metres, barred in zip(rows.to_dict("records"), leg_m[far], barred_m, strict=True):
        fields = {"name": _called(row), "service": Service(str(row["service"])), "length": Length(float(metres))}
        near = barred < min(float(metres), FAR_FACILITY_M)
        fields |= {"near": Length(float(barred))} if near else {}
        kind = "far_but_bridge" if near else "far_facility"
        yield Suspect(kind, float(row["lon"]), float(row["lat"]), fields)


def _twins(data: RegionData, network: NetworkData) -> Iterator[Suspect]:
    """Sites of one service and name near each other, nearest first; the merging of duplicates left them apart."""
    table = data.facilities.table
    named = table[table["name"].notna()]
    named = named.assign(plain=named["name"].map(plain_text))
    named = named[named.duplicated(["service", "plain"], keep=False)]
    if named.empty:
        return
    x, y = to_metres(network.crs, named["lon"].to_numpy(float), named["lat"].to_numpy(float))
    pairs = []
    for _, group in named.assign(x=x, y=y).groupby(["service", "plain"], sort=False):
        at = group[["x", "y"]].to_numpy()
        near = cKDTree(at).query_pairs(TWIN_M, output_type="ndarray")
        pairs += [(float(np.hypot(*(at[i] - at[j]))), group.index[i]) for i, j in near]
    for metres, row in sorted(pairs):
        one = table.loc[row].to_dict()
        fields = {"name": _called(one), "service": Service(str(one["service"])), "length": Length(metres)}
        yield Suspect("twins", float(one["lon"]), float(one["lat"]), fields)


def _stacked(data: RegionData) -> Iterator[Suspect]:
    groups = data.facilities.table.groupby(["service", "lon", "lat"], sort=False)
    spots = groups.size().reset_index(name="count").sort_values("count", ascending=False, kind="stable")
    for _, row in spots[spots["count"] >= STACKED].iterrows():
        fields = {"service": Service(str(row["service"])), "count": int(row["count"])}
        yield Suspect("stacked", float(row["lon"]), float(row["lat"]), fields)


def _census(facts: Facts) -> Iterator[Suspect]:
    table = facts.districts
    apart = (table["people"] - table["census"]).abs()
    doubtful = table[(table["difference"].abs() > DIFFERENT) & (apart > LEAST_DIFFERENCE)]
    for _, row in doubtful.loc[apart[doubtful.index].sort_values(ascending=False).index].iterrows():
        fields = {
            "name": row["district_name"],
            "people": f"{row['people']:,.0f}",
            "census": f"{row['census']:,.0f}",
            "share": f"{row['difference']:+.0%}",
        }
        yield Suspect("census", float(row["lon"]), float(row["lat"]), fields)


def _empty_districts(facts: Facts) -> Iterator[Suspect]:
    table = facts.districts
    for _, row in table[table["people"] < 0.5].iterrows():
        fields = {"name": row["district_name"], "area": f"{row['area_km2']:,.1f}"}
        yield Suspect("empty_district", float(row["lon"]), float(row["lat"]), fields)


def _without_sites(facts: Facts) -> Iterator[Suspect]:
    table = facts.districts
    lacking = table[(table["sites"] == 0) & (table["people"] >= NO_SITE_PEOPLE)]
    for _, row in lacking.sort_values("people", ascending=False, kind="stable").iterrows():
        fields = {"name": row["district_name"], "people": f"{row['people']:,.0f}"}
        yield Suspect("no_site", float(row["lon"]), float(row["lat"]), fields)


def _pieces(network: NetworkData, facts: Facts) -> Iterator[Suspect]:
    """Pieces of the network beside the longest one on which people live: islands, or roads that were not joined."""
    if facts.pieces.empty:
        return
    longest = facts.pieces["length_m"].idxmax()
    for _, row in facts.pieces.drop(index=longest).iterrows():
        nodes = np.flatnonzero(network.piece == int(row["piece"]))
        middle = np.hypot(network.node_lon[nodes] - row["lon"], network.node_lat[nodes] - row["lat"]).argmin()
        node = nodes[middle]  # the middle of a ring of roads would lie beside them
        fields = {
            "people": people_words(row["people"]),
            "length": Length(float(row["length_m"])),
            "sites": int(row["sites"]),
        }
        yield Suspect("piece", float(network.node_lon[node]), float(network.node_lat[node]), fields)


def _far_people(network: NetworkData, residents: Residents, facts: Facts) -> Iterator[Suspect]:
    """Squares of a kilometre where people live over 500 m from any road, the most people first."""
    people, leg_m = residents.people[0], facts.resident_leg_m
    far = np.flatnonzero((leg_m > LONG_LEG_M) & np.isfinite(residents.lon) & (people > 0))
    far = far[residents.district[far] != OUTSIDE]
    x, y = to_metres(network.crs, residents.lon[far], residents.lat[far])
    places = pd.DataFrame({"place": far, "people": people[far], "leg_m": leg_m[far]})
    places["i"], places["j"] = np.floor(x / SQUARE_M), np.floor(y / SQUARE_M)
    places["joined"] = np.isfinite(places["leg_m"])
    grouped = places.sort_values("people", ascending=False, kind="stable").groupby(["i", "j", "joined"], sort=False)
    squares = grouped.agg(place=("place", "first"), people=("people", "sum"), leg_m=("leg_m", "max"))
    squares = squares[squares["people"] >= 1.0].sort_values("people", ascending=False, kind="stable")
    for place, count, farthest in zip(squares["place"], squares["people"], squares["leg_m"], strict=True):
        fields: dict[str, object] = {"people": people_words(float(count)), "length": Length(float(farthest))}
        kind = "far_people" if np.isfinite(farthest) else "no_road"
        yield Suspect(kind, float(residents.lon[place]), float(residents.lat[place]), fields)


def _crowds(residents: Residents) -> Iterator[Suspect]:
    people = np.where(np.isfinite(residents.lon), residents.people[0], 0.0)
    total = float(residents.people[0].sum())
    if np.count_nonzero(people) < CROWD_PLACES:
        return
    crowded = np.flatnonzero((people > CROWD_SHARE * total) & (people > CROWD_PEOPLE))
    for i in crowded[np.argsort(-people[crowded], kind="stable")]:
        fields = {"people": people_words(float(people[i])), "share": f"{people[i] / total:.0%}"}
        yield Suspect("crowd", float(residents.lon[i]), float(residents.lat[i]), fields)
