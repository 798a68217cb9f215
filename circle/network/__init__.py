"""Streets become a network: impedance by a speed model, chains of segments between junctions, pieces, barriers."""

from circle.kernels.projection import local_projection
from circle.network.build import build_network
from circle.network.cut import Box, Cut, bounds_of_edges, cut_network, meets

__all__ = ["Box", "Cut", "bounds_of_edges", "build_network", "cut_network", "local_projection", "meets"]
