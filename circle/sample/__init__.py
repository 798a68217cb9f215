"""Sample regions: a fictional mountain county of any size, and central Helsinki.

The county is made in steps, each a function of a random generator and of what the earlier ones made::

    scale -> terrain -> places -> links -> lanes -> streets -> townships, services, people -> files
"""

from circle.sample.writing import NAMES, write_sample

__all__ = ["NAMES", "write_sample"]
