"""The formulae of the shifted Chinese datums, point by point; `circle.load.shifted` says what they are.

All sines of multiples of an angle come out of a single one: sines are what a million points wait for.
"""

from __future__ import annotations

import numpy as np

from circle.kernels.compiled import lean

SEMI_MAJOR_M = 6378245.0  # Krasovsky 1940, which the shift is defined on
ECCENTRICITY2 = 0.00669342162296594323
BD_PI = np.pi * 3000.0 / 180.0
BD_EAST, BD_NORTH = 0.0065, 0.006
WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271
"""Outside this box nothing is shifted."""
ROUNDS = 40  # five reach 1e-7 m nearly everywhere; close to 105 E, where a root in the formula bends, it takes more
CLOSE_DEG, CLOSE_BY_105_DEG = 2e-11, 2e-13
"""A miss so small is the last to be corrected: a two-hundredth of it is left, and close to 105 E it may be any part."""
BY_105_DEG = 1e-3


@lean
def shift_all(lon, lat, baidu, back, out_lon, out_lat):  # type: ignore[no-untyped-def]
    """WGS84 to GCJ-02 (if `baidu`, to BD-09) or `back`: (n,) each, into the two arrays at the end. NaN stays NaN."""
    for i in range(len(lon)):
        x, y = lon[i], lat[i]
        if back:
            x, y = _unshifted(*_not_baidu(x, y)) if baidu else _unshifted(x, y)
        elif _is_inside(x, y):
            x, y = _shifted(x, y)
            x, y = _baidu(x, y) if baidu else (x, y)
        if back and not _is_inside(x, y):
            x, y = lon[i], lat[i]
        out_lon[i], out_lat[i] = x, y


@lean
def _is_inside(lon, lat):  # type: ignore[no-untyped-def]
    return WEST <= lon <= EAST and SOUTH <= lat <= NORTH


@lean
def _unshifted(x, y):  # type: ignore[no-untyped-def]
    """The place whose image is (x, y): the shift is nearly constant, so correcting by the miss converges."""
    lon, lat = x, y
    for _ in range(ROUNDS):
        got_lon, got_lat = _shifted(lon, lat)
        miss_lon, miss_lat = x - got_lon, y - got_lat
        lon += miss_lon
        lat += miss_lat
        close = CLOSE_BY_105_DEG if abs(lon - 105.0) < BY_105_DEG else CLOSE_DEG
        if not (abs(miss_lon) > close or abs(miss_lat) > close):
            break
    return lon, lat


@lean
def _not_baidu(x, y):  # type: ignore[no-untyped-def]
    """BD-09 to GCJ-02, in the same way."""
    lon, lat = x - BD_EAST, y - BD_NORTH
    for _ in range(ROUNDS):
        got_lon, got_lat = _baidu(lon, lat)
        miss_lon, miss_lat = x - got_lon, y - got_lat
        lon += miss_lon
        lat += miss_lat
        if not (abs(miss_lon) > CLOSE_DEG or abs(miss_lat) > CLOSE_DEG):
            break
    return lon, lat


@lean
def _shifted(lon, lat):  # type: ignore[no-untyped-def]
    east, north = _shift_m(lon - 105.0, lat - 35.0)
    sine = np.sin(np.radians(lat))
    squeeze = 1.0 - ECCENTRICITY2 * sine * sine
    root = np.sqrt(squeeze)
    meridian_m = SEMI_MAJOR_M * (1.0 - ECCENTRICITY2) / (squeeze * root)
    parallel_m = SEMI_MAJOR_M / root * np.sqrt(1.0 - sine * sine)
    return lon + np.degrees(east / parallel_m), lat + np.degrees(north / meridian_m)


@lean
def _baidu(x, y):  # type: ignore[no-untyped-def]
    """GCJ-02 to BD-09: turned by millionths and stretched around the origin of all degrees, then moved."""
    stretch = 1.0 + 2e-5 * np.sin(y * BD_PI) / np.sqrt(x * x + y * y)
    turn = 3e-6 * np.cos(x * BD_PI)
    sine, cosine = turn - turn * turn * turn / 6.0, 1.0 - turn * turn / 2.0  # what comes next is below 1e-22
    return stretch * (x * cosine - y * sine) + BD_EAST, stretch * (y * cosine + x * sine) + BD_NORTH


@lean
def _shift_m(x, y):  # type: ignore[no-untyped-def]
    """Metres that GCJ-02 moves a point, from degrees east of 105 and north of 35."""
    root = np.sqrt(abs(x))
    x30, x12, x3, x1, x_fast = _waves(x)
    y30, y12, y3, y1, _ = _waves(y)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (20.0 * x_fast + 20.0 * y1 + 40.0 * y3 + 160.0 * y12 + 320.0 * y30) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (20.0 * x_fast + 20.0 * x1 + 40.0 * x3 + 150.0 * x12 + 300.0 * x30) * 2.0 / 3.0
    return east, north


@lean
def _waves(z):  # type: ignore[no-untyped-def]
    """The sines of πz/30, πz/12, πz/3 and πz, and sin 6πz + sin 2πz: all from one, by the sums of angles.

    Within the box `z` is below 36, so that the cosine of the first angle, πz/120, is positive.
    """
    sine = np.sin(np.pi / 120.0 * z)
    cosine = np.sqrt(1.0 - sine * sine)
    half, half_cosine = 2.0 * sine * cosine, 1.0 - 2.0 * sine * sine
    of_30, of_30_cosine = 2.0 * half * half_cosine, 1.0 - 2.0 * half * half
    five, five_cosine = sine * of_30_cosine + cosine * of_30, cosine * of_30_cosine - sine * of_30
    of_12, of_12_cosine = 2.0 * five * five_cosine, 1.0 - 2.0 * five * five
    of_6, of_6_cosine = 2.0 * of_12 * of_12_cosine, 1.0 - 2.0 * of_12 * of_12
    of_3, of_3_cosine = 2.0 * of_6 * of_6_cosine, 1.0 - 2.0 * of_6 * of_6
    of_1 = of_3 * (3.0 - 4.0 * of_3 * of_3)
    twice = 2.0 * of_1 * of_3_cosine * (4.0 * of_3_cosine * of_3_cosine - 3.0)
    return of_30, of_12, of_3, of_1, twice * (4.0 - 4.0 * twice * twice)
