"""Streets become a network: impedance by a speed model, chains of segments between junctions, pieces, barriers."""

from circle.kernels.projection import local_projection
from circle.network.build import build_network
from circle.network.cut import Box, Cut, cut_network, edges_within, meets

__all__ = ["Box", "Cut", "build_network", "cut_network", "edges_within", "local_projection", "meets"]
