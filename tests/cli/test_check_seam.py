"""``circle check`` of a region on both sides of the 180th meridian: its extents are as wide as it is."""

from __future__ import annotations

import json
import re

import geopandas as gpd
import shapely

from circle.errors import ExitCode

MANIFEST = """
[region]
name = "seam"
[roads]
path = "roads.geojson"
[[facilities]]
path = "clinics.geojson"
service = "clinic"
[population]
path = "people.geojson"
"""


def test_extents_and_map_lie_on_one_side(circle, tmp_path):
    """Four kilometres of road are told as 179.98 to -179.98, west first, and drawn in one piece."""
    road = [shapely.LineString([(179.98, -16.8), (180, -16.8)]), shapely.LineString([(-180, -16.8), (-179.98, -16.8)])]
    layers = {
        "roads": gpd.GeoDataFrame({"highway": ["residential"] * 2}, geometry=road, crs=4326),
        "clinics": gpd.GeoDataFrame({"name": ["east"]}, geometry=[shapely.Point(-179.99, -16.8)], crs=4326),
        "people": gpd.GeoDataFrame({"people": [7, 8]}, geometry=shapely.points([[179.985, -16.8], [-179.985, -16.8]]), crs=4326),
    }
    for name, frame in layers.items():
        frame.to_file(tmp_path / f"{name}.geojson")
    (tmp_path / "region.toml").write_text(MANIFEST, encoding="utf-8")
    said = circle("check", tmp_path, "--html", tmp_path / "check.html")
    assert said.code == ExitCode.OK, said.err
    page = (tmp_path / "check.html").read_text(encoding="utf-8")
    extents = re.findall(r"(-?1[78]\d\.\d{4}), -16\.8000 – (-?1[78]\d\.\d{4}), -16\.8000", page)
    assert extents == [("179.9800", "-179.9800"), ("-179.9900", "-179.9900"), ("179.9850", "-179.9850")]
    (bounds,) = re.findall(r'"bounds": ?(\[\[.*?\]\])', page)
    (_, west), (_, east) = json.loads(bounds)
    assert 0.03 < east - west < 0.1
    assert 179.9 < west < 180.1
