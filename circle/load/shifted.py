"""The shifted Chinese datums: GCJ-02 (Amap, Tencent and most Chinese web maps) and BD-09 (Baidu), to and from WGS84.

Read as WGS84 they lie some 500 m off. The formulae are the published ones (as in wandergis/coordTransform_py); their
inverse is found by fixed-point iteration instead of the usual single step, which is up to 4 m off.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from circle.kernels.shifts import EAST, NORTH, SOUTH, WEST, shift_all
from circle.model import Floats
from circle.threads import cpu_count

_PIECE = 100_000
"""Points per thread and turn; fewer are not worth a thread."""


def gcj02_from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """WGS84 to GCJ-02 degrees; outside China unchanged.

    Parameters
    ----------
    lon, lat
        Degrees, any equal shape.

    Examples
    --------
    >>> lon, lat = gcj02_from_wgs84(118.874, 28.9417)
    >>> round(float(lon), 6), round(float(lat), 6)
    (118.878772, 28.938573)
    """
    return _shifted(lon, lat, baidu=False, back=False)


def bd09_from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """WGS84 to BD-09 degrees; outside China unchanged.

    Examples
    --------
    >>> lon, lat = bd09_from_wgs84(118.874, 28.9417)
    >>> round(float(lon), 6), round(float(lat), 6)
    (118.885336, 28.944379)
    """
    return _shifted(lon, lat, baidu=True, back=False)


def wgs84_from_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """GCJ-02 to WGS84 degrees, to 1e-7 m; outside China unchanged.

    Examples
    --------
    >>> lon, lat = wgs84_from_gcj02(118.878771913, 28.938572538)
    >>> round(float(lon), 6), round(float(lat), 6)
    (118.874, 28.9417)
    """
    return _shifted(lon, lat, baidu=False, back=True)


def wgs84_from_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """BD-09 to WGS84 degrees, to 1e-7 m; outside China unchanged.

    Examples
    --------
    >>> lon, lat = wgs84_from_bd09(118.885336119, 28.94437865)
    >>> round(float(lon), 6), round(float(lat), 6)
    (118.874, 28.9417)
    """
    return _shifted(lon, lat, baidu=True, back=True)


def in_china(lon: Floats, lat: Floats) -> npt.NDArray[np.bool_]:
    """(n,) whether the shifts apply: a box that also covers parts of the neighbours."""
    return np.asarray((lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH))


def _shifted(lon: npt.ArrayLike, lat: npt.ArrayLike, *, baidu: bool, back: bool) -> tuple[Floats, Floats]:
    x, y = np.broadcast_arrays(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    flat_x, flat_y = np.ravel(x), np.ravel(y)
    out_x, out_y = np.empty(x.size), np.empty(x.size)

    def work(begin: int) -> None:
        part = slice(begin, begin + _PIECE)
        shift_all(flat_x[part], flat_y[part], baidu, back, out_x[part], out_y[part])

    pieces = range(0, x.size, _PIECE)
    if len(pieces) <= 1:
        work(0)
    else:
        with ThreadPoolExecutor(min(len(pieces), cpu_count())) as threads:
            list(threads.map(work, pieces))
    return out_x.reshape(x.shape), out_y.reshape(x.shape)
