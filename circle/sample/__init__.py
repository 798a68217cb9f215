"""Sample regions: a fictional mountain county of any size, a fictional province, and central Helsinki.

The county is made in steps, each a function of a random generator and of what the earlier ones made::

    scale -> terrain -> places -> links -> lanes -> streets -> townships, services, people -> files

A province is made in another way, see `circle.sample.province`.
"""

from circle.sample.writing import NAMES, write_sample, write_sample_province

__all__ = ["NAMES", "write_sample", "write_sample_province"]
