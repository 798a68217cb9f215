"""Which column counts the people that the user means: usual residents (常住) or the registered population (户籍)."""

from __future__ import annotations

from circle import reference
from circle.lazily import pd
from circle.load.columns import find_column, normal_header
from circle.load.located import Located
from circle.messages import Terms


def kind_said(words: str) -> str | None:
    """What a header, or the name of a file, says that it counts; None where it says neither or both.

    >>> kind_said("年末户籍人口（万人）"), kind_said("常住人口"), kind_said("人口")
    ('registered', 'resident', None)
    """
    kinds = reference.table("census")["kinds"]
    said = [kind for kind, row in kinds.items() if any(word in words.casefold() for word in row["words"])]
    return said[0] if len(said) == 1 else None


def people_column(frame: pd.DataFrame, given: str | None, kind: str | None, at: Located) -> str | None:
    """The column of all residents: the `given` one, else that of the kind, else None, to be told by its header.

    A column whose header says that it counts the others is a warning.
    """
    column = given
    if given is None and kind is not None:
        wanted = [normal_header(word)[0] for word in reference.table("census")["kinds"][kind]["columns"]]
        headers = [str(name) for name in frame.columns if name != "geometry"]
        column = next((name for word in wanted for name in headers if normal_header(name)[0] == word), None)
    used = column if column is not None else find_column(frame, "people")
    said = None if used is None else kind_said(used)
    if kind is not None and said not in (None, kind):
        at.warn("census.kind_contradicts", column=used, kind=kind, said=Terms("population_kind", (str(said),)))
    return column
