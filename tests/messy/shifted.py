"""GCJ-02 by the published formula, point by point and with `math` alone: an oracle that shares nothing with circle."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

AXIS_M, SQUARED = 6378245.0, 0.00669342162296594323


def _offset(lng: float, lat: float) -> tuple[float, float]:
    x, y = lng - 105.0, lat - 35.0
    common = 20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += common * 2.0 / 3.0
    north += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += common * 2.0 / 3.0
    east += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    return east, north


def gcj02_of(lon: Any, lat: Any) -> tuple[Any, Any]:
    """WGS84 degrees as web maps show them.

    >>> x, y = gcj02_of([118.874], [28.9417])  # Quzhou
    >>> print(f"{x[0]:.9f} {y[0]:.9f}")
    118.878771913 28.938572538
    """
    out = []
    for lng, north_deg in zip(np.asarray(lon, float), np.asarray(lat, float), strict=True):
        east, north = _offset(lng, north_deg)
        phi = math.radians(north_deg)
        m = 1.0 - SQUARED * math.sin(phi) ** 2
        d_lat = north * 180.0 / (AXIS_M * (1.0 - SQUARED) / (m * math.sqrt(m)) * math.pi)
        d_lng = east * 180.0 / (AXIS_M / math.sqrt(m) * math.cos(phi) * math.pi)
        out.append((lng + d_lng, north_deg + d_lat))
    shifted = np.array(out)
    return shifted[:, 0], shifted[:, 1]
