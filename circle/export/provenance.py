"""``provenance.json``: what went in, what was asked, what was decided, what came out - enough to do it again."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import pyproj
import shapely

from circle import units
from circle.errors import Problem, render
from circle.export.fields import schema_version
from circle.export.geojson import plain
from circle.lazily import pd
from circle.model import Analysis, Audit, Extent, InputFile, NetworkData, RoadRepairs
from circle.settings import Question

DISTRIBUTION = "circle-access"
LIBRARIES = (
    "contourpy", "exactextract", "folium", "geopandas", "matplotlib", "networkx", "numba", "numpy", "osmium", "pandas",
    "pyarrow", "pyogrio", "pyproj", "python-docx", "rasterio", "scipy", "shapely", "xlsxwriter",
)  # fmt: skip


def provenance(
    analysis: Analysis, outputs: Mapping[str, str], *, lang: str, tiles: str | None, region_file: str | None
) -> dict[str, Any]:
    """The record of a run; plain data without NaN.

    Parameters
    ----------
    analysis
        The whole answer.
    outputs
        SHA-256 of every other file written, by name.
    lang, tiles
        How the map was made; of tiles what may be told, without keys.
    region_file
        Path of the region file as seen from the folder; None for frames.
    """
    return {
        "schema_version": schema_version(),
        "circle": installed_version(DISTRIBUTION),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "libraries": {name: installed_version(name) for name in LIBRARIES}
        | {"geos": shapely.geos_version_string, "proj": pyproj.proj_version_str},
        "region": {"name": analysis.region.name, "file": region_file, "extent": _extent(analysis.region.extent)},
        "population_kind": analysis.region.population_kind,
        "period": analysis.region.period,
        "question": question_record(analysis.settings) | {"each_isochrone": _each(analysis)},
        "map": {"language": lang, "tiles": tiles},
        "inputs": [input_told(file) for file in analysis.region.inputs],
        "projection": analysis.network.crs,
        "network": _network(analysis),
        "audit": _audit(analysis.audit),
        "isochrone_check": records(analysis.isochrone_check),
        "counts": _counts(analysis),
        "problems": [_problem(problem) for problem in analysis.problems],
        "seconds": {stage: round(seconds, 3) for stage, seconds in analysis.seconds.items()},
        "outputs": dict(outputs),
    }


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A small table as a list of rows; missing, NaN and infinite become null."""
    return [{str(name): plain(value) for name, value in row.items()} for row in table.to_dict("records")]


def installed_version(distribution: str) -> str | None:
    """The installed version; None for code that runs without being installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def question_record(question: Question) -> dict[str, Any]:
    """What was asked, as plain data."""
    return {
        "standard": question.standard.model_dump(mode="json"),
        "metric": question.metric,
        "walking_speed_kmh": round(question.walking_speed_m_s / units.kmh_to_m_s(1.0), 6),
        "limits": [{"label": limit.label, "value": limit.value} for limit in question.limits],
        "limit_unit": "s" if question.metric == "time" else "m",
        "services": None if question.services is None else list(question.services),
        "isochrone_resolution_m": question.isochrone_resolution_m,
        "circuity": units.CIRCUITY,
    }


def _each(analysis: Analysis) -> bool:
    """Whether there are isochrones of single facilities."""
    return bool((analysis.isochrones["facility_id"] != "").any())


def _extent(extent: Extent) -> dict[str, Any]:
    return {"source": extent.source, "bounds": [plain(float(value)) for value in shapely.bounds(extent.polygon)]}


def input_told(file: InputFile) -> dict[str, Any]:
    """A file that was read, for the record."""
    return {
        "path": file.path,
        "sha256": file.sha256,
        "layer": file.layer,
        "crs": file.crs,
        "notes": list(file.notes),
    }


def _network(analysis: Analysis) -> dict[str, Any]:
    network: NetworkData = analysis.network
    lasts = network.segment_offset[1:] + np.arange(len(network.edge_from))
    return {
        "metric": network.metric,
        "top_speed_m_s": plain(network.top_speed_m_s),
        "nodes": len(network.node_x),
        "edges": len(network.edge_from),
        "segments": len(network.attachable),
        "length_m": plain(float(network.vertex_m[lasts].sum())),
        "pieces": int(network.piece_count),
        "read": _plain_map(analysis.region.streets.counts),
        "built": _plain_map(network.counts),
        "topology": _topology(analysis.region.streets.repairs),
    }


def _topology(repairs: RoadRepairs | None) -> dict[str, Any] | None:
    """How the lines of a road layer were joined; None where nobody looked."""
    if repairs is None:
        return None
    return {
        "asked": repairs.asked,
        "decided": "repair" if repairs.repaired else "as-drawn",
        "snap_m": plain(repairs.snap_m),
        "shared_junctions": repairs.junctions,
        "places": _plain_map(repairs.counts()),
        "moved_m": plain(float(repairs.distance_m[repairs.joined].sum())),
    }


def _audit(audit: Audit) -> dict[str, Any]:
    return {
        "people": _plain_map(audit.people),
        "edge_affected": _plain_map(audit.edge_affected),
        "pieces": records(audit.pieces),
        "long_legs": records(audit.long_legs),
        "far_facilities": records(audit.far_facilities),
    }


def _counts(analysis: Analysis) -> dict[str, Any]:
    region = analysis.region
    return {
        "places": len(analysis.residents.lon),
        "groups": list(analysis.residents.groups),
        "people": {
            group: plain(float(people.sum()))
            for group, people in zip(analysis.residents.groups, analysis.residents.people, strict=True)
        },
        "cell_m": plain(analysis.residents.cell_m),
        "facilities": {str(k): int(v) for k, v in region.facilities.table.groupby("service").size().items()},
        "facilities_merged": region.facilities.merged,
        "districts": 0 if region.districts is None else len(region.districts.frame),
        "gaps": len(analysis.gaps),
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "file": problem.file,
        "layer": problem.layer,
        "row": problem.row,
        "text": render(problem, "en"),
    }


def _plain_map(values: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): plain(value) for name, value in values.items()}
