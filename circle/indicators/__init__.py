"""Who is covered, by district, service, group and limit: counts of people, shares, quantiles, reasons."""

from circle.indicators.coverage import ALL_SERVICES, indicator_table
from circle.indicators.summary import summary_table

__all__ = ["ALL_SERVICES", "indicator_table", "summary_table"]
