"""Work that would not fit into memory is refused before it begins."""

from __future__ import annotations

from pathlib import Path

from circle import memory
from circle.api.arguments import Argument, shown
from circle.errors import Problem
from circle.load.machine import Memory, memory_here
from circle.load.sizes import extract_bytes
from circle.model import RegionData
from circle.settings import Question

WORTH_A_WORD = 1_000_000_000
"""Bytes from which on a command says what it is going to take."""


def limit_of(limit_gb: object, at: Argument) -> float | None:
    """A limit that a function was handed, in gigabytes; None where nothing was said."""
    if limit_gb is None:
        return None
    at = at.named("memory_limit_gb")
    number = at.number(limit_gb)
    if number <= 0.0:
        at.refuse("api.memory_needed", found=shown(limit_gb))
    return number


def room_to_read(path: str | Path, limit_gb: float | None = None) -> None:
    """Refuse an extract with which even the smallest run would not fit.

    Parameters
    ----------
    path
        The region file or its folder.
    limit_gb
        Gigabytes that the process may come to hold; None: what the machine has left; ``inf``: whatever it takes.

    Raises
    ------
    ResourceError
        If it would not fit.
    """
    size = extract_bytes(path)
    if size:
        _refuse(memory.least_bytes(size), memory_here(), limit_gb, at_least=True)


def room_for_network(data: RegionData, limit_gb: float | None = None) -> None:
    """Refuse to build a network that would not fit; see `room_to_read`."""
    _refuse(memory.network_bytes(data), memory_here(), limit_gb)


def room_for_analysis(data: RegionData, question: Question, limit_gb: float | None = None) -> None:
    """Refuse an analysis that would not fit; see `room_to_read`."""
    _refuse(memory.analysis_bytes(data, question), memory_here(), limit_gb)


def memory_note(data: RegionData, question: Question) -> Problem | None:
    """What the analysis of a large region will take, and what there is; None of a small one."""
    here = memory_here()
    needed = here.held + memory.analysis_bytes(data, question)
    return None if needed < WORTH_A_WORD else memory.told(needed, here.whole)


def _refuse(more: int, here: Memory, limit_gb: float | None, *, at_least: bool = False) -> None:
    room, bound = (here.whole, here.bound) if limit_gb is None else (limit_gb * 1e9, "asked")
    memory.refuse_too_large(here.held + more, room, bound, at_least=at_least)
