"""Bytes as text that a page can carry anywhere: five signs for four bytes, where base64 needs a third more."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SIGNS = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in "\"&'<>\\()`")
"""All of ASCII that is seen, but what means something in HTML, in JSON or in a style: 85 signs."""

BASE, BYTES, DIGITS = 85, 4, 5


def text85(data: bytes) -> str:
    r"""Groups of four bytes, each five digits of base 85; of a shorter last group one digit more than it has bytes.

    Examples
    --------
    >>> text85(bytes(4)), text85(b"\xff" * 4), text85(b"\x01")
    ('!!!!!', '|?_2!', '!C')
    """
    lacking = -len(data) % BYTES
    rest: npt.NDArray[np.int64] = np.frombuffer(data + bytes(lacking), ">u4").astype(np.int64)
    digits = np.empty((len(rest), DIGITS), np.uint8)
    for place in reversed(range(DIGITS)):
        rest, digits[:, place] = np.divmod(rest, BASE)
    signs = np.frombuffer(SIGNS.encode("ascii"), np.uint8)[digits].tobytes().decode("ascii")
    return signs[: len(signs) - lacking]
