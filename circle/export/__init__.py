"""Writes results for people and programs: GeoJSON, Parquet, CSV, the map, what the columns mean, and the provenance.

Names are looked up when they are used: a notebook that never draws a map should not wait for folium.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from circle.lazily import names_from

if TYPE_CHECKING:
    from circle.export.folder import Manner, write_outputs
    from circle.export.geojson import feature_collection
    from circle.export.group_words import group_names
    from circle.export.map_page import gap_map, map_html
    from circle.export.target import refuse_unfit, target_system
    from circle.export.tiles import tile_source, tiles_of_page
    from circle.export.words import (
        answer,
        cost_words,
        kind_words,
        length_words,
        limit_words,
        people_words,
        service_name,
        share_words,
    )

__all__ = [
    "Manner",
    "answer",
    "cost_words",
    "feature_collection",
    "gap_map",
    "group_names",
    "kind_words",
    "length_words",
    "limit_words",
    "map_html",
    "people_words",
    "refuse_unfit",
    "service_name",
    "share_words",
    "target_system",
    "tile_source",
    "tiles_of_page",
    "write_outputs",
]

_HOMES = {
    "Manner": "folder",
    "feature_collection": "geojson",
    "gap_map": "map_page",
    "group_names": "group_words",
    "map_html": "map_page",
    "refuse_unfit": "target",
    "target_system": "target",
    "tile_source": "tiles",
    "tiles_of_page": "tiles",
    "write_outputs": "folder",
}

__getattr__ = names_from(__name__, {name: _HOMES.get(name, "words") for name in __all__})
