"""Who is not served: zones that one new site could serve, ranked, with the reason."""

from circle.gaps.areas import grid_of
from circle.gaps.numbering import numbered
from circle.gaps.zones import COLUMNS, Setting, candidate_sites, gap_zones, uncovered_places

__all__ = ["COLUMNS", "Setting", "candidate_sites", "gap_zones", "grid_of", "numbered", "uncovered_places"]
