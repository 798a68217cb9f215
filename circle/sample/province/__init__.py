"""A fictional province of any number of counties in shared files.

Whatever two counties must agree on - heights, rivers, borders, the lattice that all streets run over, the roads across
borders - is a function of the seed and of the place alone, so that every county is made by itself and the next one
still fits::

    ground -> borders -> plan -> for every county: grid -> settle -> lanes, roads -> services, people -> files
"""
