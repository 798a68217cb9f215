"""The only conversions and physical constants.

Kernels count *impedance* in integers: milliseconds, or millimetres where the question is a distance. Above them
people read seconds and metres; minutes and km/h exist in `settings`, `export` and `cli` only.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SECONDS_PER_MINUTE = 60.0
METRES_PER_KILOMETRE = 1000.0
IMPEDANCE_PER_UNIT = 1000
"""Milliseconds per second, millimetres per metre: the same step for both metrics."""

UNREACHABLE = np.int64(2**62)
"""Inside kernels only: larger than any impedance, so that sums with it do not overflow. Above them: ``inf``."""

CIRCUITY = 1.3
"""Walked over straight distance off the network (DOMAIN 5.2: observed means 1.2 to 1.4)."""

WGS84_A_M = 6378137.0
WGS84_E2 = 0.0066943799901413165

METRES_PER_DEGREE = 111_320.0
"""Of the equator, and about so many of any meridian: for estimates and pictures, never for lengths."""

TOBLER_PEAK_KMH = 6.0
TOBLER_DECAY = 3.5
TOBLER_OFFSET = 0.05


def kmh_to_m_s(speed_kmh: float) -> float:
    """Kilometres per hour to metres per second.

    >>> kmh_to_m_s(3.6)
    1.0
    """
    return speed_kmh / 3.6


def minutes_to_s(minutes: float) -> float:
    """Minutes to seconds.

    >>> minutes_to_s(15)
    900.0
    """
    return minutes * SECONDS_PER_MINUTE


def s_to_minutes(seconds: float) -> float:
    """Seconds to minutes.

    >>> s_to_minutes(90)
    1.5
    """
    return seconds / SECONDS_PER_MINUTE


def to_impedance(values: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Seconds (or metres) to integer milliseconds (or millimetres), rounded half to even, once.

    Parameters
    ----------
    values
        Finite seconds or metres, any shape.

    >>> to_impedance([0.0004, 1.5, 90.0]).tolist()
    [0, 1500, 90000]
    """
    return np.rint(np.asarray(values, dtype=np.float64) * IMPEDANCE_PER_UNIT).astype(np.int64)


def from_impedance(impedance: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Integer milliseconds (or millimetres) to seconds (or metres); `UNREACHABLE` and above become ``inf``.

    >>> from_impedance([1500, UNREACHABLE]).tolist()
    [1.5, inf]
    """
    whole = np.asarray(impedance, dtype=np.int64)
    return np.where(whole >= UNREACHABLE, np.inf, whole / IMPEDANCE_PER_UNIT)


def tobler_factor(slope: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Walking speed on a slope relative to the flat, by Tobler (1993): ``exp(-3.5 |s + 0.05|) / exp(-3.5 * 0.05)``.

    Parameters
    ----------
    slope
        Rise over run in the direction of travel, any shape; beyond 45 degrees as at 45.

    >>> tobler_factor([0.0, -0.05, -0.1]).round(4).tolist()
    [1.0, 1.1912, 1.0]
    """
    tilt = np.abs(np.clip(np.asarray(slope, dtype=np.float64), -STEEPEST, STEEPEST) + TOBLER_OFFSET)
    return np.exp(-TOBLER_DECAY * (tilt - TOBLER_OFFSET))


STEEPEST = 1.0
"""Slopes beyond 45 degrees are faults of the height grid, not paths: they count as 45 degrees."""

TOBLER_MAX_FACTOR = float(np.exp(TOBLER_DECAY * TOBLER_OFFSET))
"""The fastest that Tobler's hiker walks (5 % downhill), relative to the flat."""
