"""Arrays in, arrays out: shortest costs, attachment, chains, covering. Plain compiled loops; no files, no frames.

Impedance is int64 everywhere; `circle.units.UNREACHABLE` stands for "no way" inside and never leaves the rooms above.
"""
