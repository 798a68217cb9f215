"""How small kernels are compiled that other kernels call very often."""

from __future__ import annotations

from typing import Any

import numba
from numba.core.cpu import CPUTargetOptions

_CAN_LEAVE_OUT = hasattr(CPUTargetOptions, "_nrt")
"""The option is numba's own; where a version lacks it, kernels are slower and not wrong."""

_HELD_BY_CALLER: dict[str, Any] = {"nogil": True, "cache": True, **({"_nrt": False} if _CAN_LEAVE_OUT else {})}
_OWNING: dict[str, Any] = {"nogil": True, "cache": True, **({"_nrt": True} if _CAN_LEAVE_OUT else {})}

lean = numba.njit(**_HELD_BY_CALLER)
"""For a kernel that makes no array. Its arrays are held by its callers, so nobody counts them on the way in and out:
counting a dozen of them is dearer than most of these kernels, and threads get in each other's way.
"""

owning = numba.njit(**_OWNING)
"""For a kernel that makes arrays and is called by a `lean` one, whose options it would take over."""
