"""Every number that the report and the workbook say is that of the tables written beside them, to the person.

One run of a made-up county and one of the bundled one; ``indicators.csv``, ``gaps.geojson`` and ``residents.parquet``
are read by the standard library, json and pandas, and nothing of the analysis is asked but what its files hold.
"""

from __future__ import annotations

import csv
import html
import json
import math
import re
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
from openpyxl import load_workbook

import circle
from circle.messages import LANGUAGES, text
from circle.report import report_files
from circle.sample import write_sample
from tests.api.test_shown import Seen
from tests.report.reading import Page, body_rows, count, document_tables, document_words, read_page, share

HALF = 0.5 + 1e-6
PART = 1.5 + 1e-6
"""A number of people is said to the person; the tables have six decimals."""
REASONS = ("far", "detour", "off_road", "no_route", "no_facility")
NUMBER = re.compile(r"<1|\d[\d,]*(?:\.\d+)?")


SERVICES = {
    "primary_school": ("Primary school", "小学"),
    "middle_school": ("Middle school", "初中"),
    "clinic": ("Clinic", "卫生室/诊所"),
    "bus_stop": ("Bus stop", "公交站"),
    "all_services": ("All services", "全部服务"),
}


GROUPS = {"all": "全部人口 Everybody", "0_14": "0–14 岁 aged 0–14", "60_plus": "60 岁及以上 aged 60 and over"}
"""As the workbook says them, in both languages."""


def called(service: str, lang: str) -> str:
    return SERVICES[service][lang == "zh"]


class Run(NamedTuple):
    """What was written, and in each language the report made with it."""

    folder: Path
    rows: list[dict[str, str]]
    reports: dict[str, tuple[Page, bytes]]
    result: circle.Result

    def of(self, scope: str, group: str = "all", limit: str = "15min", district: str = "") -> dict[str, dict[str, str]]:
        """The rows of one area, by service."""
        wanted = (scope, group, limit, district)
        return {
            row["service"]: row
            for row in self.rows
            if (row["scope"], row["group"], row["limit"], row["district_id"]) == wanted
        }


@pytest.fixture(scope="module", params=["random", pytest.param("qingxi", marks=pytest.mark.slow)])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sample_regions: Path) -> Run:
    base = tmp_path_factory.mktemp("numbers")
    if request.param == "random":
        write_sample("qingxi", base / "region", junctions=1_000, seed=20_261)
    region = base / "region" if request.param == "random" else sample_regions / "qingxi"
    result = circle.analyze(circle.load_region(region))
    folder = result.write(base / "out", lang="zh", with_report=True)
    reports = {"zh": ((folder / "report.html").read_bytes(), (folder / "report.docx").read_bytes())}
    other = report_files(result.analysis, "en")
    reports["en"] = (other["report.html"], other["report.docx"])
    with (folder / "indicators.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return Run(folder, rows, {lang: (read_page(page.decode()), word) for lang, (page, word) in reports.items()}, result)


def people_are(shown: str, wanted: str | float, most: float = HALF) -> None:
    """To the person; parts of a row that adds up may be rounded the other way: then `most` is more than half."""
    assert abs(count(shown) - float(wanted)) <= most, (shown, wanted)
    assert (shown == "<1") == (0 < float(wanted) < 0.5), (shown, wanted)


def share_is(shown: str, wanted: str | float) -> None:
    """To a tenth of a per cent; all and none are said of all and none only."""
    value = float(wanted)
    assert abs(share(shown) - value) <= 0.0005 + 1e-6, (shown, wanted)
    assert (shown == "100.0%") == (value == 1)
    assert (shown == "0.0%") == (value == 0)


def cost_is(shown: str, seconds: str, lang: str) -> None:
    if seconds == "unreached":
        assert shown == text("words.unreached", lang)
        return
    minutes = float(seconds) / 60
    said = float(NUMBER.match(shown)[0].replace(",", ""))  # type: ignore[index]
    assert abs(said - minutes) <= (0.05 if minutes < 10 else 0.5) + 1e-6
    assert [said <= limit for limit in (5, 10, 15)] == [minutes <= limit for limit in (5, 10, 15)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_sentence_and_the_facts_below_it(run: Run, lang: str) -> None:
    region = run.of("region")
    together = region.pop("all_services")
    scarcest = min(region.values(), key=lambda row: float(row["share"]))
    said = run.reports[lang][0].words.split("\n")
    at = said.index(text("report.fact_straight", lang))
    people_are(said[at - 3], together["people"])
    share_is(said[at - 1], together["share"])
    share_is(said[at + 1], together["straight_share"])
    people_are(said[at + 3], together["uncovered"])
    lead = next(line for line in said if "%" in line)
    first, last = re.findall(r"[<>]?[\d.]+%", lead)
    share_is(first, together["share"])
    share_is(last, scarcest["share"])
    assert said[at - 3] in NUMBER.findall(lead)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_coverage_by_service(run: Run, lang: str) -> None:
    rows = body_rows(run.reports[lang][0].tables["services"])
    region = run.of("region")
    assert [row[0] for row in rows] == [called(name, lang) for name in region]
    for shown, (service, row) in zip(rows, region.items(), strict=True):
        assert count(shown[1]) == float(row["facilities"])
        for cell, limit in zip(shown[2:5], ("5min", "10min", "15min"), strict=True):
            share_is(cell, run.of("region", limit=limit)[service]["share"])
        share_is(shown[5], row["straight_share"])
        people_are(shown[6], row["covered"], PART)
        people_are(shown[7], row["uncovered"])
        assert count(shown[6]) + count(shown[7]) + round(float(row["unknown"])) == round(float(row["people"]))
        cost_is(shown[8], row["median_travel_time_s"], lang)
        cost_is(shown[9], row["p90_travel_time_s"], lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_reasons_and_groups(run: Run, lang: str) -> None:
    tables = run.reports[lang][0].tables
    for shown, row in zip(body_rows(tables["reasons"]), run.of("region").values(), strict=True):
        reasons, others = shown[1 : 1 + len(REASONS)], shown[1 + len(REASONS) :]
        for cell, name in zip(reasons, REASONS, strict=True):
            people_are(cell, row[name], PART)
        assert "<1" in reasons or sum(map(count, reasons)) == round(float(row["uncovered"]))
        for cell, name in zip(others, ("unknown", "edge_affected"), strict=True):
            people_are(cell, row[name])
    groups = list(dict.fromkeys(row["group"] for row in run.rows))
    assert len(groups) > 1
    for shown, group in zip(body_rows(tables["groups"]), groups, strict=True):
        rows = list(run.of("region", group).values())
        people_are(shown[1], rows[0]["people"])
        for cell, row in zip(shown[2:], rows, strict=True):
            share_is(cell, row["share"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_coverage_by_district_straight_line_beside_network(run: Run, lang: str) -> None:
    """Each district once in each table, and every service in one of them."""
    tables = {name: rows for name, rows in run.reports[lang][0].tables.items() if name.startswith("districts_")}
    names = {row["district_id"]: row["district_name"] for row in run.rows if row["scope"] == "district"}
    assert len(names) == len(set(names.values())) > 3
    areas = {name: run.of("district", district=own) for own, name in names.items()}
    areas |= {text(f"report.scope_{scope}", lang): run.of(scope) for scope in ("outside", "unlocated", "region")}
    services = {called(name, lang): name for name in run.of("region")}
    told = []
    for table in tables.values():
        heads = [services[head] for head in table[0][1:]]
        told += heads
        assert {row[0] for row in table[2:]} >= {*names.values(), text("report.scope_region", lang)}
        for shown in table[2:]:
            rows = areas[shown[0]]
            people_are(shown[1], rows[heads[0]]["people"])
            for place, service in enumerate(heads):
                for cell, name in zip(shown[2 + 2 * place : 4 + 2 * place], ("share", "straight_share"), strict=True):
                    if float(rows[service]["people"]) > 0:
                        share_is(cell, rows[service][name])
                    else:
                        assert cell == "-"
    assert sorted(told) == sorted(services.values())


def length(metres: float) -> str:
    return f"{metres:.0f}" if round(metres) < 1000 else f"{metres / 1000:,.1f}"


def adding_up(parts: list[float]) -> list[int]:
    """Whole numbers that add up to the rounded sum: the largest remainders are rounded up."""
    whole = [int(part) for part in parts]
    for i in sorted(range(len(parts)), key=lambda i: whole[i] - parts[i])[: round(sum(parts)) - sum(whole)]:
        whole[i] += 1
    return whole


def numbers_of_a_gap(gap: dict[str, Any], lang: str) -> list[str]:
    """What a card may say and has to: who, why, where, what it gains, how far the nearest is."""
    people = f"{gap['people']:,.0f}"
    reasons = [f"{part:,}" if part else "<1" for part in adding_up([gap[name] for name in REASONS if gap[name] > 0])]
    found = [people, people, *reasons, f"{abs(gap['site_lat']):.5f}", f"{abs(gap['site_lon']):.5f}"]
    if gap["site_reaches_facility"]:
        found += [length(gap["straight_m"]), length(gap["route_m"]), f"{gap['route_m'] / gap['straight_m']:.1f}"]
    elif gap["straight_m"] is not None:
        found.append(length(gap["straight_m"]))
    return sorted(found)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_ten_largest_gaps(run: Run, lang: str) -> None:
    """The numbers of each card are those of its zone, each as often as it is said, and there is no other."""
    page, word = run.reports[lang]
    features = json.loads((run.folder / "gaps.geojson").read_text("utf-8"))["features"]
    zones = [one["properties"] for one in features if one["properties"]["kind"] == "zone"]
    zones = sorted(zones, key=lambda gap: -gap["people"])[:10]
    assert len(zones) == 10
    limit = text("words.minutes", lang, number="15")
    cells = [cell.split("\n") for table in document_tables(word) for row in table for cell in row]
    for number, gap in enumerate(zones, 1):
        title = next(line for line in page.words.split("\n") if line.startswith(f"{number}. "))
        assert (gap["name"] or text("map.no_name", lang)) in title
        assert gap["district_name"] in title
        lines = page.words[page.words.index(title) :].split("\n\n")[0].split("\n")[1:]
        assert [title, *lines] in [[line for line in cell if line] for cell in cells]
        said = "\n".join(lines).replace(limit, "")
        for name in (gap["facility_name"], called(gap["service"], lang)):
            said = said.replace(name or "\0", "")
        shown = sorted(NUMBER.findall(said))
        if gap["site_reaches_facility"]:
            cost = next(token for token in re.findall(_minutes(lang), "\n".join(lines)[::-1]))[::-1]
            cost_is(cost, gap["site_travel_time_s"], lang)
            shown.remove(NUMBER.match(cost)[0])  # type: ignore[index]
        assert shown == numbers_of_a_gap(gap, lang)


def _minutes(lang: str) -> str:
    """The last duration of a card, read backwards."""
    unit = text("words.minutes", lang, number="").strip()
    return re.escape(unit[::-1]) + r"\s?[\d.,]+"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_audit_in_people(run: Run, lang: str) -> None:
    """Counted from the residents written and the table of indicators; how people join the roads, by the run's own record."""
    said = run.reports[lang][0].words
    residents = pd.read_parquet(run.folder / "residents.parquet")
    audit = json.loads((run.folder / "provenance.json").read_text("utf-8"))["audit"]["people"]
    people, region = residents["people_all"], run.of("region")
    total = float(people.sum())
    assert total == pytest.approx(
        sum(float(run.of(scope)["clinic"]["people"]) for scope in ("region", "outside") if run.of(scope))
    )
    wanted = {
        "outside_districts": people[residents["district_id"].isna() & residents["lon"].notna()].sum(),
        **{name: audit[name] for name in ("leg_over_500m", "barred", "no_road")},
    }
    lines = said.split("\n")
    shown = f"{total:,.0f}"
    assert text("audit.total", lang, people=shown, kind="") in lines
    for name, number in wanted.items():
        share_of_all = f"{number / total:.1%}" if number / total >= 0.0005 else "<0.1%"
        sentence = text(f"audit.{name}", lang, people=f"{number:,.0f}", share=share_of_all, factor="1.3")
        assert (sentence in lines) == (number > 0), (name, number)
    edge = {called(name, lang): row["edge_affected"] for name, row in region.items()}
    if any(float(number) > 0 for number in edge.values()):
        shown_of = {service: cell for service, cell, _ in body_rows(run.reports[lang][0].tables["edge"])}
        assert set(shown_of) == set(edge) - {called("all_services", lang)}
        for service, cell in shown_of.items():
            people_are(cell, edge[service])
    else:
        assert text("report.edge_nobody", lang) in lines


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_document_says_what_the_page_says(run: Run, lang: str) -> None:
    page, word = run.reports[lang]
    tables = document_tables(word)
    for shown in page.tables.values():
        heads = len(shown) - len(body_rows(shown))
        assert body_rows(shown) in [table[heads:] for table in tables]
    cells = {line for table in tables for row in table for cell in row for line in cell.split("\n")}
    lines = {line.strip() for line in page.words.split("\n")} - {""}
    assert lines - cells - set(document_words(word).split("\n")) == set()


def same(cell: Any, wanted: str, factor: float = 1.0) -> bool:
    if wanted == "unreached":
        return "unreached" in str(cell)
    if wanted == "":
        return cell is None
    return math.isclose(cell, float(wanted) / factor, rel_tol=1e-9, abs_tol=1.01e-6)


def table(sheet: Any, head: int) -> list[dict[str, Any]]:
    rows = list(sheet.iter_rows(values_only=True, min_row=head))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_the_workbook_says_every_number_of_the_table(run: Run) -> None:
    book = load_workbook(run.folder / "indicators.xlsx", read_only=True)
    summary, districts, groups, gaps = (table(sheet, head) for sheet, head in zip(book, (5, 2, 2, 2), strict=False))
    areas = {"region": "Whole region", "outside": "Outside every district", "unlocated": "Location unknown"}
    by_area = {(row["District code"] or row["Area"].split(" ", 1)[1], row["Service"], row["Group"]): row for row in groups}
    assert len(by_area) == len(run.rows) / 3
    of_area = {row["District code"] or row["Area"].split(" ", 1)[1]: row for row in districts}
    of_all = {row["Service"]: row for row in summary}
    for row in run.rows:
        area = row["district_id"] or areas[row["scope"]]
        service, at = called(row["service"], "en"), f"within {row['limit'][:-3]} min"
        shown = by_area[area, service, GROUPS[row["group"]]]
        for head, name in ((f"People {at}", "covered"), (f"People not {at}", "uncovered"), (f"Share {at}", "share"),
                           (f"Share {at}, straight line", "straight_share"), ("People", "people"), ("Facilities", "facilities")):  # fmt: skip
            assert same(shown[head], row[name]), (area, service, head)
        assert same(shown["Median (min)"], row["median_travel_time_s"], 60)
        if row["group"] == "all":
            assert same(of_area[area][f"{service}: share {at}"], row["share"])
            if row["scope"] == "region":
                assert same(of_all[service][f"People {at}"], row["covered"])
            if row["limit"] == "15min":
                assert same(of_area[area][f"{service}: share {at}, straight line"], row["straight_share"])
                assert same(of_area[area][f"{service}: people {at}"], row["covered"])
                assert same(of_area[area][f"{service}: people not {at}"], row["uncovered"])
    written = [one["properties"] for one in json.loads((run.folder / "gaps.geojson").read_text("utf-8"))["features"]]
    assert len(gaps) == len(written)
    written.sort(key=lambda gap: gap["rank"] or 10**9)  # the sheet is in order of the numbers, the rest below
    for shown, gap in zip(gaps, written, strict=True):
        assert shown["People"] == pytest.approx(gap["people"], abs=1e-6)
        assert shown["Gap no."] == gap["rank"]
        assert shown["Straight distance (m)"] == gap["straight_m"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_a_notebook_shows_of_the_result(run: Run, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its table, service by service, beside the table of indicators and the gaps."""
    monkeypatch.setenv("LC_ALL", {"en": "C.UTF-8", "zh": "zh_CN.UTF-8"}[lang])
    gaps = [one["properties"] for one in json.loads((run.folder / "gaps.geojson").read_text("utf-8"))["features"]]
    rows = {row[0]: row[1:] for row in Seen(run.result._repr_html_()).rows}
    for service, row in run.of("region").items():
        cells = rows[called(service, lang)]
        assert count(cells[0]) == float(row["facilities"])
        for cell, limit in zip(cells[1:4], ("5min", "10min", "15min"), strict=True):
            people, part = cell.split(" · ")
            people_are(people, run.of("region", limit=limit)[service]["covered"], PART)
            share_is(part, run.of("region", limit=limit)[service]["share"])
        share_is(cells[4], row["straight_share"])
        cost_is(cells[5], row["median_travel_time_s"], lang)
        wanted = [gap for gap in gaps if gap["kind"] == "zone" and service in (gap["service"], "all_services")]
        largest = max(wanted, key=lambda gap: gap["people"])
        said = cells[6].split(" · ")
        if service == "all_services":
            assert said.pop() == called(largest["service"], lang)
        people_are(said[-1], largest["people"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_map_of_a_notebook_is_the_file_beside_the_tables(run: Run, lang: str) -> None:
    """To the byte, but for the rule that lets a file ask for nothing, and for the blanks between its lines."""
    frame = run.result.explore(lang=lang)._repr_html_()
    page = html.unescape(frame.split('srcdoc="')[1].split('" style=')[0])
    file = (run.folder / "gap_map.html").read_text("utf-8")
    rule = file[file.index('<meta http-equiv="Content-Security-Policy"') :].split("/>")[0] + "/>"
    assert len(page) > 300_000
    assert (page.split() == file.replace(rule, "").split()) == (lang == "zh"), "the file is in Chinese"
