"""``circle check``: everything that is wrong or doubtful about a region's data, and what is in them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from circle import memory, pipeline
from circle.access.audit import FAR_FACILITY_M
from circle.doctor.decisions import decision_records
from circle.doctor.facts import Facts, gather, length_m
from circle.doctor.records import as_records
from circle.doctor.suspects import Suspects, find_suspects
from circle.errors import Findings, Problem, Severity, render
from circle.export import group_names, kind_words, people_words, service_name
from circle.load.machine import memory_here
from circle.load.region import LoadedRegion, check_region
from circle.messages import text
from circle.model import NetworkData, Residents
from circle.store import Cache

SMALL_SHARE = 0.9
"""A largest piece below this share of all streets is worth a word."""


@dataclass(frozen=True, eq=False)
class Examination:
    """What a look at the data showed.

    Parameters
    ----------
    problems
        Errors, warnings and notes, of all files.
    loaded, network, residents
        What could be read and built; None after an error.
    facts, suspects
        What they hold, and the single things that are doubtful; None after an error.
    memory
        What a run on them will take, and what there is; None after an error.
    """

    problems: tuple[Problem, ...]
    loaded: LoadedRegion | None = None
    network: NetworkData | None = None
    residents: Residents | None = None
    facts: Facts | None = None
    suspects: Suspects | None = None
    memory: Problem | None = None

    @property
    def fit(self) -> bool:
        """Whether the data can be used."""
        return not any(problem.severity is Severity.ERROR for problem in self.problems)

    def verdict(self, lang: str) -> str:
        """Whether the data can be used, in one sentence."""
        count = Counter(problem.severity for problem in self.problems)
        told = {"errors": count[Severity.ERROR], "warnings": count[Severity.WARNING]}
        return text("check.fit" if self.fit else "check.unfit", lang, **told)

    def contents(self, lang: str) -> list[str]:
        """What the data hold, one sentence per layer."""
        if self.loaded is None or self.network is None or self.residents is None:
            return []
        data, network = self.loaded.data, self.network
        offered = data.facilities.table["service"].value_counts(sort=False)
        named = [f"{service_name(str(service), lang)} {count}" for service, count in offered.items()]
        return [
            text("check.roads", lang, km=f"{length_m(network) / 1000:,.0f}", pieces=f"{network.piece_count:,}"),
            text("check.facilities", lang, services=text("words.list_joint", lang).join(named)),
            *([] if self.loaded.by_tags is None else [text("check.by_tags", lang, decisions=self.loaded.by_tags)]),
            text(
                "check.people",
                lang,
                people=people_words(float(self.residents.people[0].sum())),
                kind=kind_words(data.population_kind, lang),
                places=f"{len(self.residents.lon):,}",
                groups=text("words.list_joint", lang).join(group_names(self.residents.groups, lang)),
            ),
            text("check.districts", lang, count=0 if data.districts is None else len(data.districts.frame)),
            *([] if self.memory is None else [render(self.memory, lang)]),
        ]

    def to_json(self, lang: str) -> str:
        """For programs; the sentences in `lang`."""
        return json.dumps(
            {
                "fit": self.fit,
                "problems": [_as_record(problem, lang) for problem in self.problems],
                "contents": self._counts(),
                "decisions": decision_records(self.problems),
                **({} if self.facts is None else as_records(self.facts)),
                **({} if self.suspects is None else _as_list(self.suspects, lang)),
            },
            ensure_ascii=False,
            indent=1,
        )

    def _counts(self) -> dict[str, Any] | None:
        if self.loaded is None or self.network is None or self.residents is None:
            return None
        data = self.loaded.data
        offered = data.facilities.table["service"].value_counts(sort=False)
        return {
            "name": data.name,
            "road_length_m": round(length_m(self.network), 1),
            "network_pieces": self.network.piece_count,
            "facilities": {str(service): int(count) for service, count in offered.items()},
            "people": {
                group: float(row.sum()) for group, row in zip(self.residents.groups, self.residents.people, strict=True)
            },
            "population_kind": data.population_kind,
            "districts": 0 if data.districts is None else len(data.districts.frame),
            "extent": [round(float(bound), 6) for bound in shapely.bounds(data.extent.polygon)],
        }


def examine(path: Path, cache: Cache | None = None) -> Examination:
    """Read a region, build its network, place its people, and gather all that is wrong or doubtful.

    Parameters
    ----------
    path
        A region file or its folder.
    cache
        Where what was read of an extract is kept; None: nowhere.
    """
    loaded, problems = check_region(path, cache)
    if loaded is None:
        return Examination(tuple(problems))
    findings = Findings()
    data = loaded.data
    here = memory_here()
    estimate = memory.told(here.held + memory.analysis_bytes(data, loaded.question), here.whole)
    network = pipeline.build_region_network(data, loaded.question)
    residents = pipeline.residents_of(data, findings)
    if residents.people[0].sum() <= 0:
        findings.error("check.nobody")
    _judge_network(network, findings)
    facts = gather(loaded, network, residents, tuple(problems))
    _judge_facilities(loaded, facts, findings)
    suspects = find_suspects(data, network, residents, facts)
    every = *problems, *findings.problems, *facts.afloat
    return Examination(every, loaded, network, residents, facts, suspects, estimate)


def _judge_network(network: NetworkData, findings: Findings) -> None:
    """A network in pieces is often one that was cut up by the export, not by the sea."""
    ends = network.segment_offset[1:] + np.arange(network.edge_count)
    by_piece = np.bincount(network.piece[network.edge_from], network.vertex_m[ends], network.piece_count)
    total = float(by_piece.sum())
    if total > 0 and by_piece.max() / total < SMALL_SHARE:
        findings.warn("check.network_in_pieces", pieces=network.piece_count, share=f"{by_piece.max() / total:.0%}")


def _judge_facilities(loaded: LoadedRegion, facts: Facts, findings: Findings) -> None:
    """Facilities that no road comes near."""
    table, leg_m = loaded.data.facilities.table, facts.facility_leg_m
    far = int((leg_m > FAR_FACILITY_M).sum())
    if far:
        longest = np.argsort(-leg_m, kind="stable")[:5]
        called = table["name"].fillna(table["facility_id"])
        names = ", ".join(str(called.iloc[i]) for i in longest if leg_m[i] > FAR_FACILITY_M)
        findings.warn("check.facilities_far", count=far, total=len(table), names=names)


def _as_list(suspects: Suspects, lang: str) -> dict[str, Any]:
    return {
        "suspicious": [
            {"kind": one.kind, "lon": round(one.lon, 6), "lat": round(one.lat, 6), "message": one.sentence(lang)}
            for one in suspects.listed
        ],
        "suspicious_total": dict(suspects.total),
    }


def _as_record(problem: Problem, lang: str) -> dict[str, Any]:
    return {
        "severity": problem.severity.value,
        "code": problem.code,
        "message": render(problem, lang),
        "file": problem.file,
        "layer": problem.layer,
        "row": None if problem.row is None else int(problem.row),
    }
