"""Two answers side by side."""

from __future__ import annotations

from circle.lazily import pd
from circle.settings import Limit

COUNTED = ("people", "covered", "share")


def compared(before: pd.DataFrame, after: pd.DataFrame, limits: tuple[Limit, Limit]) -> pd.DataFrame:
    """What changes between two summaries.

    Parameters
    ----------
    before, after
        As `circle.indicators.summary_table` makes them.
    limits
        At which limit each is read.

    Returns
    -------
    pandas.DataFrame
        See `Result.compare`.

    Examples
    --------
    >>> def at(minutes, covered):
    ...     counts = {"people": 200.0, f"covered_{minutes}min": covered, f"share_{minutes}min": covered / 200}
    ...     return pd.DataFrame({"service": ["clinic"], **counts})
    >>> limits = Limit("10min", 600.0), Limit("15min", 900.0)
    >>> compared(at(10, 50.0), at(15, 80.0), limits).set_index("service").loc["clinic", "share_before":]
    share_before    0.25
    share_after     0.40
    share_change    0.15
    Name: clinic, dtype: float64
    """
    then, now = (_at(table, limit) for table, limit in zip((before, after), limits, strict=True))
    services = [service for service in then.index if service in now.index]
    then, now = then.loc[services], now.loc[services]
    columns: dict[str, object] = {"service": services}
    for name in COUNTED:
        columns[f"{name}_before"] = then[name].to_numpy()
        columns[f"{name}_after"] = now[name].to_numpy()
        columns[f"{name}_change"] = (now[name] - then[name]).to_numpy()
    return pd.DataFrame(columns)


def _at(table: pd.DataFrame, limit: Limit) -> pd.DataFrame:
    named = {f"covered_{limit.label}": "covered", f"share_{limit.label}": "share"}
    return table.set_index("service").rename(columns=named)
