"""The roads of a region that stand in a file of their own."""

from __future__ import annotations

from pathlib import Path

from circle.errors import Findings
from circle.load.datums import is_auto
from circle.load.located import Located
from circle.load.road_layers import read_road_layer
from circle.load.sections import RoadsSection
from circle.load.topology import SNAP_M, Topology
from circle.model import Streets


def read_road_file(path: Path, section: RoadsSection, findings: Findings) -> Streets | None:
    """Streets of a GraphML graph or of a line layer, as the section says; None after recording an error."""
    if path.suffix.lower() == ".graphml":
        from circle.load.graphml import read_graphml  # networkx: only for graphs

        if section.topology is not None or section.snap_m is not None:
            Located(findings, str(path)).warn("topology.graph")
        return read_graphml(path, findings)
    return read_road_layer(
        path,
        section.layer,
        findings,
        crs=None if is_auto(section.crs) else section.crs,
        class_only=section.class_only,
        topology=topology_of(section),
    )


def topology_of(section: RoadsSection) -> Topology:
    """What the section says of joining lines, or what is meant where it says nothing."""
    return Topology(section.topology or "auto", section.snap_m or SNAP_M)
