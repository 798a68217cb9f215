"""The folder of one county out of many: tables and gaps, or all that a run writes, and a provenance without a clock.

Nothing in it follows from anything but the county's own slice of the data: what the whole province says, when it was
done, and for which quarter, stands beside the table of all counties. So a county that nothing happened to is written in
the same bytes again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from circle.export.csv_file import csv_bytes
from circle.export.fields import describe
from circle.export.folder import Manner, json_bytes, write_outputs
from circle.export.frames import gaps_layer, with_population_kind
from circle.export.geojson import feature_collection
from circle.export.provenance import provenance
from circle.model import Analysis
from circle.store import RESULT_MARK, sha256_of

_OF_THE_WHOLE = ("created", "seconds", "period", "inputs", "platform", "report", "problems")
"""In the provenance of a run: follow from the moment, the machine, or the data of all counties."""
_READ_AS_A_WHOLE = {
    "region": ("file", "extent"),
    "network": ("read", "built", "topology"),
    "counts": ("facilities_merged",),
}


def write_county(
    analysis: Analysis,
    folder: Path,
    rows: tuple[str, Callable[[Path], None]],
    about: Mapping[str, str],
    manner: Manner | None,
) -> None:
    """Write a county's files into an existing, empty folder.

    Parameters
    ----------
    analysis
        Its whole answer.
    folder
        Exists and is empty.
    rows
        Name of the file with its rows of the table of all counties, and what writes it.
    about
        What the provenance says of the county: code, name, keys.
    manner
        Of the map and all other files of a run; None: tables and gaps alone.
    """
    name, write = rows
    told = partial(_told, about=dict(about))
    write(folder / name)
    if manner is not None:
        write_outputs(analysis, folder, manner, further=lambda: {name: (folder / name).read_bytes()}, told=told)
        return
    gaps = gaps_layer(analysis)
    indicators = with_population_kind(analysis.indicators, analysis)
    zones = with_population_kind(gaps.table, analysis)
    described = {"indicators.csv": list(indicators.columns), "gaps.geojson": [str(own) for own in zones.columns]}
    files = {
        "indicators.csv": csv_bytes(indicators),
        "gaps.geojson": feature_collection(zones, gaps.geometries).encode("utf-8"),
        "fields.json": json_bytes(describe(described, analysis)),
    }
    for file, written in files.items():
        (folder / file).write_bytes(written)
    hashes = {file: sha256_of(folder / file) for file in (*files, name)}
    record = provenance(analysis, hashes, lang="en", tiles=None, region_file=None)
    (folder / RESULT_MARK).write_bytes(json_bytes(told(record | {"map": None})))


def _told(record: dict[str, Any], about: dict[str, str]) -> dict[str, Any]:
    """What a provenance says of a county alone."""
    kept = {name: value for name, value in record.items() if name not in _OF_THE_WHOLE}
    for name, parts in _READ_AS_A_WHOLE.items():
        kept[name] = {part: value for part, value in kept[name].items() if part not in parts}
    return {"schema_version": kept.pop("schema_version"), "county": about, **kept}
