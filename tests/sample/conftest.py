"""A county made once for all tests here, and its files as other programs read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import networkx as nx
import osmium
import pytest

from circle.sample import write_sample
from circle.sample.county import County, generate_county


@dataclass
class Extract:
    """What osmium finds in a PBF file, in file order."""

    box: tuple[float, float, float, float]
    nodes: dict[int, tuple[float, float]] = field(default_factory=dict)
    node_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    ways: list[tuple[int, list[int], dict[str, str]]] = field(default_factory=list)
    order: list[tuple[str, int]] = field(default_factory=list)

    def highways(self) -> list[tuple[int, list[int], dict[str, str]]]:
        walkable = [way for way in self.ways if "highway" in way[2]]
        return [way for way in walkable if not way[2]["highway"].startswith("motorway")]

    def graph(self) -> nx.Graph:
        graph = nx.Graph()
        for _, nodes, tags in self.highways():
            nx.add_path(graph, nodes, highway=tags["highway"])
        return graph


def read_pbf(path: Path) -> Extract:
    box = osmium.io.Reader(str(path)).header().box()
    low, high = box.bottom_left, box.top_right
    extract = Extract((low.lon, low.lat, high.lon, high.lat))
    for thing in osmium.FileProcessor(str(path)):
        tags = dict(thing.tags)
        extract.order.append((thing.type_str(), thing.id))
        if thing.is_node():
            extract.nodes[thing.id] = (thing.location.lon, thing.location.lat)
            if tags:
                extract.node_tags[thing.id] = tags
        elif thing.is_way():
            extract.ways.append((thing.id, [node.ref for node in thing.nodes], tags))
    return extract


@pytest.fixture(scope="session")
def county() -> County:
    return generate_county()


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample("qingxi", tmp_path_factory.mktemp("sample") / "小县 1000", junctions=1_000).parent


@pytest.fixture(scope="session")
def bundled(sample_regions: Path) -> Path:
    return sample_regions / "qingxi"


@pytest.fixture(scope="session")
def extract(bundled: Path) -> Extract:
    return read_pbf(bundled / "roads.osm.pbf")
