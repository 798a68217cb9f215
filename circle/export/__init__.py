"""Writes results for people and programs: GeoJSON, Parquet, CSV, the map, what the columns mean, and the provenance."""

from circle.export.folder import write_outputs
from circle.export.geojson import feature_collection
from circle.export.map_page import gap_map, map_html
from circle.export.words import answer, cost_words, length_words, limit_words, people_words, service_name, share_words

__all__ = [
    "answer",
    "cost_words",
    "feature_collection",
    "gap_map",
    "length_words",
    "limit_words",
    "map_html",
    "people_words",
    "service_name",
    "share_words",
    "write_outputs",
]
