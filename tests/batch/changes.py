"""Small changes to the files of a province, each at one place."""

from __future__ import annotations

from pathlib import Path

import osmium
import rasterio

NEW = 9_000_000_000
"""Numbers of nodes and ways that no sample has."""


def a_facility(folder: Path, lon: float, lat: float) -> None:
    """A primary school more, at the top of the list."""
    path = folder / "facilities.csv"
    rows = path.read_bytes().split(b"\r\n")
    rows.insert(1, f"新小学,小学,,{lon:.7f},{lat:.7f},".encode("gb18030"))
    path.write_bytes(b"\r\n".join(rows))


def a_road(folder: Path, lon: float, lat: float) -> None:
    """A footway of some 300 m from the nearest junction."""
    path, changed = folder / "roads.osm.pbf", folder / "changed.osm.pbf"
    nodes = (node for node in osmium.FileProcessor(str(path)) if node.is_node())
    nearest = min(((node.location.lon - lon) ** 2 + (node.location.lat - lat) ** 2, node.id) for node in nodes)[1]
    made = osmium.osm.mutable
    writer = osmium.SimpleWriter(str(changed), header=osmium.io.Reader(str(path)).header())
    added = False
    try:
        for thing in osmium.FileProcessor(str(path)):
            if not thing.is_node() and not added:
                writer.add_node(made.Node(id=NEW, location=(lon, lat)))
                writer.add_node(made.Node(id=NEW + 1, location=(lon + 0.003, lat + 0.001)))
                writer.add_way(made.Way(id=NEW, nodes=[nearest, NEW, NEW + 1], tags={"highway": "footway"}))
                added = True
            writer.add(thing)
    finally:
        writer.close()
    changed.replace(path)


def seven_people(folder: Path, lon: float, lat: float) -> None:
    """Seven residents more in one cell of the raster."""
    path = folder / "population.tif"
    with rasterio.open(path) as source:
        counts, profile = source.read(1), source.profile
        row, column = source.index(lon, lat)
    counts[row, column] = max(counts[row, column], 0.0) + 7.0
    with rasterio.open(path, "w", **profile) as target:
        target.write(counts, 1)


CHANGES = (a_facility, a_road, seven_people)
