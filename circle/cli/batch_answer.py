"""The end of a batch on the terminal: how many counties and people, who is worst off, what failed, where it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Column, Table

from circle.batch.book import failure_of
from circle.batch.overall import MAP, TABLES, Overall
from circle.batch.records import County, Record, State
from circle.batch.survey import Survey
from circle.batch.told import column_said, elsewhere_lines, limit_said
from circle.cli.terminal import one_line, out, plain, show_problems
from circle.cli.wrapping import shortened
from circle.export.words import ALL_SERVICES, people_words, service_name, share_words
from circle.lazily import pd
from circle.messages import text

MOST = 5
"""Counties named: of the worst, and of those that failed."""
_NAME = 28


def show_overall(
    overall: Overall, records: Sequence[Record], lang: str, *, seconds: float, brief: bool = False
) -> None:
    """Print everything that whoever ordered the batch wants to know first.

    Parameters
    ----------
    overall
        What `circle.batch.overall.write_overall` gave.
    records
        How it went with each county.
    lang
        ``"en"`` or ``"zh"``.
    seconds
        From the command to the last file.
    brief
        Only the sentence, what failed, and the path of the map.
    """
    where = out()
    where.print(sentence(overall, records, lang), style="bold")
    for line in elsewhere_lines(overall.shown, lang):
        where.print(line)
    if not brief and overall.shown.services:
        where.print()
        where.print(services_table(overall, lang))
        for line in worst_lines(overall.shown, lang):
            where.print(line)
        if overall.changes is not None:
            for line in changes_lines(overall.changes, lang):
                where.print(line)
    for line in failed_lines(overall.shown.failed, lang):
        where.print(line, style="red")
    show_problems(overall.problems, lang)
    if not brief:
        where.print(text("batch_end.seconds", lang, seconds=f"{seconds:.1f}"), style="dim")
    for name in (TABLES[-1], MAP):
        found = [path for path in overall.files if path.name == name]
        if found:
            key = "batch_end.map" if name == MAP else "batch_end.table"
            where.print(text(key, lang, path=plain(str(found[0]))))


def sentence(overall: Overall, records: Sequence[Record], lang: str) -> str:
    """Counties and people, and what share of these is within reach of everything."""
    failed = sum(record.state is State.FAILED for record in records)
    unchanged = sum(record.state is State.UNCHANGED for record in records)
    counties = text("batch_end.counties", lang, count=len(records), done=len(records) - failed)
    parts = [counties]
    if unchanged:
        parts.append(text("batch_end.unchanged", lang, count=unchanged))
    if failed:
        parts.append(text("batch_end.failed", lang, count=failed))
    said = text("words.list_joint", lang).join(parts)
    sums = overall.totals[(overall.totals["group"] == "all")].set_index("service")
    if ALL_SERVICES not in sums.index:
        return text("batch_end.nothing", lang, counties=said)
    people = people_words(float(sums["people"][ALL_SERVICES]))
    share = share_words(float(sums["share"][ALL_SERVICES]), lang)
    return text(
        "batch_end.sentence", lang, counties=said, people=people, share=share, limit=limit_said(overall.shown, lang)
    )


def _called(county: County) -> dict[str, str]:
    """Name and code as a line has room for."""
    name, code = (shortened(one_line(words), _NAME) or "–" for words in (county.name, county.code))
    return {"name": name, "code": code}


def services_table(overall: Overall, lang: str) -> Table:
    """A row per service, all of them last: the sums of the counties."""
    titles = ("service", "facilities", "covered", "share", "straight", "uncovered")
    heads = [text(f"batch_end.column_{name}", lang) for name in titles]
    columns = [Column(heads[0], overflow="fold"), *(Column(head, justify="right") for head in heads[1:])]
    table = Table(*columns, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    rows = overall.totals[overall.totals["group"] == "all"]
    for row in rows.to_dict("records"):
        name = shortened(one_line(service_name(row["service"], lang)), _NAME)
        shares = [share_words(float(row[name]), lang) for name in ("share", "straight_share")]
        people = [people_words(float(row[name])) for name in ("covered", "uncovered")]
        table.add_row(name, f"{int(row['facilities']):,}", people[0], *shares, people[1])
    return table


def worst_lines(shown: Survey, lang: str) -> Iterator[str]:
    """The counties that stand first by the rank asked for, else those with the smallest share of all services."""
    rows = shown.rows[(shown.rows["group"] == "all") & (shown.rows["service"] == ALL_SERVICES)]
    rows = rows[rows["people"] > 0]
    by = shown.rank_by or "share"
    rows = rows[rows[by].notna()]
    places = rows["rank"] if shown.rank_by else rows["share"].rank(method="min")
    ordered = rows.assign(place=places).sort_values("place", kind="stable").head(MOST)
    if ordered.empty or len(shown.records) < 2:
        return
    yield text("batch_end.worst", lang, column=column_said(by, lang))
    for row in ordered.to_dict("records"):
        county = shown.records[int(row["county"])].county
        values = {"share": share_words(float(row["share"]), lang), "uncovered": people_words(float(row["uncovered"]))}
        value = "" if by in values else f" · {column_said(by, lang)} {float(row[by]):,.6g}"
        yield text("batch_end.worst_one", lang, place=int(row["place"]), **_called(county), **values) + value


def changes_lines(changes: pd.DataFrame, lang: str) -> Iterator[str]:
    """How much the comparison found: of all services together, then of each service that changed anywhere."""
    rows = changes[(changes["scope"] == "county") & (changes["group"] == "all")]
    every = rows[rows["service"] == ALL_SERVICES]
    both = every[every["change"] == "both"]
    counts = {
        **_moved(both),
        "data": int((both["data_changed"] == True).sum()),  # noqa: E712 - a column of True, False and None
        "new": int((every["change"] == "new").sum()),
        "gone": int((every["change"] == "gone").sum()),
    }
    yield text("batch_end.changes", lang, **counts)
    for service, own in rows[rows["change"] == "both"].groupby("service", sort=False):
        people, moved = own["covered_change"], _moved(own)
        if not (moved["better"] or moved["worse"] or (people != 0).any()):
            continue
        name = shortened(one_line(service_name(str(service), lang)), _NAME)
        sums = {"gained": people[people > 0].sum(), "lost": abs(people[people < 0].sum())}
        said = {key: people_words(float(value)) for key, value in sums.items()}
        yield text("batch_end.change_of", lang, service=name, **said, better=moved["better"], worse=moved["worse"])


def _moved(rows: pd.DataFrame) -> dict[str, int]:
    """Counties by what became of their share."""
    change = rows["share_change"]
    return {"better": int((change > 0).sum()), "worse": int((change < 0).sum()), "same": int((change == 0).sum())}


def failed_lines(failed: Sequence[Record], lang: str) -> Iterator[str]:
    """Why the first of those that failed did."""
    for record in failed[:MOST]:
        yield text("batch_end.failed_one", lang, **_called(record.county), why=one_line(failure_of(record, lang)))
    if len(failed) > MOST:
        yield text("batch_end.failed_more", lang, count=len(failed) - MOST, path=str(Path("failures.csv")))
