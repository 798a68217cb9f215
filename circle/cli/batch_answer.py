"""The end of a batch on the terminal: how many counties and people, who is worst off, what failed, where it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Column, Table

from circle.batch.book import failure_of
from circle.batch.overall import MAP, TABLES, Overall
from circle.batch.records import Record, State
from circle.batch.survey import Survey
from circle.batch.told import limit_said
from circle.cli.terminal import out, plain, show_problems
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
    if not brief and overall.shown.services:
        where.print()
        where.print(services_table(overall, lang))
        for line in worst_lines(overall.shown, lang):
            where.print(line)
        if overall.changes is not None:
            where.print(changes_line(overall.changes, lang))
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


def services_table(overall: Overall, lang: str) -> Table:
    """A row per service, all of them last: the sums of the counties."""
    titles = ("service", "facilities", "covered", "share", "straight", "uncovered")
    heads = [text(f"batch_end.column_{name}", lang) for name in titles]
    columns = [Column(heads[0], overflow="fold"), *(Column(head, justify="right") for head in heads[1:])]
    table = Table(*columns, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    rows = overall.totals[overall.totals["group"] == "all"]
    for row in rows.to_dict("records"):
        name = shortened(plain(service_name(row["service"], lang)), _NAME)
        shares = [share_words(float(row[name]), lang) for name in ("share", "straight_share")]
        people = [people_words(float(row[name])) for name in ("covered", "uncovered")]
        table.add_row(name, f"{int(row['facilities']):,}", people[0], *shares, people[1])
    return table


def worst_lines(shown: Survey, lang: str) -> Iterator[str]:
    """The counties that stand first by the rank asked for, else those with the smallest share of all services."""
    rows = shown.rows[(shown.rows["group"] == "all") & (shown.rows["service"] == ALL_SERVICES)]
    rows = rows[rows["people"] > 0]
    by = shown.rank_by or "share"
    ordered = rows.sort_values("rank" if shown.rank_by else "share", kind="stable").head(MOST)
    ordered = ordered[ordered[by].notna()]
    if ordered.empty or len(shown.records) < 2:
        return
    yield text("batch_end.worst", lang, column=by)
    for place, row in enumerate(ordered.to_dict("records"), 1):
        county = shown.records[int(row["county"])].county
        values = {"share": share_words(float(row["share"]), lang), "uncovered": people_words(float(row["uncovered"]))}
        name = shortened(plain(county.name), _NAME)
        value = "" if by in values else f" · {by} {float(row[by]):,.6g}"
        yield text("batch_end.worst_one", lang, place=place, name=name, code=plain(county.code), **values) + value


def changes_line(changes: pd.DataFrame, lang: str) -> str:
    """How much the comparison found."""
    rows = changes[(changes["scope"] == "county") & (changes["service"] == ALL_SERVICES) & (changes["group"] == "all")]
    both = rows[rows["change"] == "both"]
    counts = {
        "better": int((both["share_change"] > 0).sum()),
        "worse": int((both["share_change"] < 0).sum()),
        "same": int((both["share_change"] == 0).sum()),
        "data": int((both["data_changed"] == True).sum()),  # noqa: E712 - a column of True, False and None
        "new": int((rows["change"] == "new").sum()),
        "gone": int((rows["change"] == "gone").sum()),
    }
    return text("batch_end.changes", lang, **counts)


def failed_lines(failed: Sequence[Record], lang: str) -> Iterator[str]:
    """Why the first of those that failed did."""
    for record in failed[:MOST]:
        name = shortened(plain(record.county.name), _NAME) or "–"
        yield text(
            "batch_end.failed_one", lang, name=name, code=plain(record.county.code), why=plain(failure_of(record, lang))
        )
    if len(failed) > MOST:
        yield text("batch_end.failed_more", lang, count=len(failed) - MOST, path=str(Path("failures.csv")))
