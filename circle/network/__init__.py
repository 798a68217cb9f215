"""Streets become a network: impedance by a speed model, chains of segments between junctions, pieces, barriers."""

from circle.kernels.projection import local_projection
from circle.network.build import build_network

__all__ = ["build_network", "local_projection"]
