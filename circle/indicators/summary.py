"""The short table: one row per service and one for all of them, for the whole region."""

from __future__ import annotations

from circle.indicators.coverage import ALL_SERVICES, QUANTILES
from circle.lazily import gpd, pd
from circle.model import REASONS, Facilities
from circle.settings import Question


def summary_table(
    indicators: pd.DataFrame,
    gaps: gpd.GeoDataFrame,
    facilities: Facilities,
    question: Question,
    *,
    group: str = "all",
) -> pd.DataFrame:
    """One row per service and one for all services: the whole region, everybody or one group.

    Parameters
    ----------
    indicators
        From `indicator_table`.
    gaps
        Zones of unserved people: ``service``, ``kind``, ``name``, ``people``.
    facilities
        Counted by service; for all services the sum.
    question
        The limits and the metric.
    group
        Whose people are counted; zones are those of everybody, and are not told of a group.

    Returns
    -------
    pandas.DataFrame
        ``service``, ``facilities``, ``people``, ``unknown``, then per limit ``covered_<limit>``, ``share_<limit>``,
        ``straight_share_<limit>``; the median and 90th percentile of cost; people by reason and ``edge_affected`` at
        the main limit; ``largest_gap_name``, ``largest_gap_people`` and ``largest_gap_service`` (all services: the
        largest zone of any of them, and of which; None and NaN without a zone).
    """
    rows = indicators[(indicators["scope"] == "region") & (indicators["group"] == group)]
    main = rows[rows["limit"] == question.main.label].set_index("service")
    offered = facilities.table["service"].value_counts()
    services = main.index.to_series()
    table = pd.DataFrame(index=main.index)
    table["facilities"] = services.map(offered).fillna(0).astype("int64")
    table.loc[ALL_SERVICES, "facilities"] = table["facilities"].sum()
    table[["people", "unknown"]] = main[["people", "unknown"]]
    for limit in question.limits:
        at_limit = rows[rows["limit"] == limit.label].set_index("service")
        for column in ("covered", "share", "straight_share"):
            table[f"{column}_{limit.label}"] = at_limit[column]
    kept = [f"{name}_{question.cost_name}" for name in QUANTILES]
    kept += [*(reason.name.lower() for reason in REASONS), "edge_affected"]
    table[kept] = main[kept]
    if group != "all":
        return table.rename_axis("service").reset_index()
    largest = _largest_gaps(gaps)
    table["largest_gap_name"] = services.map(largest["name"]).astype(object)
    table["largest_gap_people"] = services.map(largest["people"]).astype("float64")
    table["largest_gap_service"] = services.map(largest["of"]).astype(object)
    return table.rename_axis("service").reset_index()


def _largest_gaps(gaps: gpd.GeoDataFrame) -> pd.DataFrame:
    """Name, people and service (``of``) of the largest zone per service, and of the largest of all."""
    zones = pd.DataFrame(gaps.loc[gaps["kind"] == "zone", ["service", "name", "people"]])
    zones = zones.sort_values("people", ascending=False, kind="stable").assign(of=zones["service"])
    every = zones.head(1).assign(service=ALL_SERVICES)
    return pd.concat([zones, every]).drop_duplicates("service").set_index("service")
