"""Tables of people at places: their rows of totals are left out, but not before they are held against the others."""

from __future__ import annotations

import numpy as np

from circle.errors import Findings
from circle.lazily import pd
from circle.load.columns import find_column, parse_numbers, texts
from circle.load.header_rows import without_totals
from circle.load.located import Located
from circle.load.population import people_per_unit
from circle.load.population_kind import people_column
from circle.load.sums import short_totals


def without_checked_totals(
    table: pd.DataFrame, people: str | None, kind: str | None, at: Located
) -> pd.DataFrame | None:
    """The rows of places; a total that is not the sum of its rows is a warning. None where only totals are there.

    Parameters
    ----------
    table
        As `circle.load.tables.read_table` returns it with its totals.
    people, kind
        As the user named them; see `circle.load.population_kind.people_column`.
    """
    records = without_totals(table, at)
    if records.empty:
        at.error("table.empty")
        return None
    silent = Located(Findings(), at.file, at.layer)  # what is wrong with the column is told where it is read
    column = find_column(table, "people", people_column(table, people, kind, silent))
    if len(records) < len(table) and column is not None and list(table.columns).count(column) == 1:
        counts = parse_numbers(table[column])[0] * people_per_unit(column)
        record = table.index.isin(records.index)
        known = np.where(record, np.nan_to_num(counts), counts)
        for short in short_totals(known, ~record, record, [float(known[record].sum())]):
            said = [text for text in texts(table.iloc[short.row]) if text is not None]
            at.warn(
                "population.sum_differs",
                row=int(table.index[short.row]),
                label=said[0],
                total=f"{short.total:,.0f}",
                parts=f"{short.parts:,.0f}",
                difference=f"{abs(short.total - short.parts):,.0f}",
            )
    return records
