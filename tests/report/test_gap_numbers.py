"""A gap has one number, whichever service it lacks, and it is the same in every output."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import openpyxl
import pytest

import circle
from circle.export import map_html, service_name
from circle.gaps import numbered
from circle.messages import LANGUAGES
from circle.report import report_files
from circle.report.drawing import styled
from circle.report.gaps import gap_title, largest_gaps
from circle.report.ground import Water
from circle.report.maps import cover, region_map
from tests.cli.conftest import write_town
from tests.export.town import town_analysis
from tests.report.reading import read_page


def test_numbers_are_those_of_all_services_by_people() -> None:
    """Twelve zones of three services and their rests, against the plain order of Python's sort."""
    rng = np.random.default_rng(7)
    people = [np.sort(rng.integers(50, 90, 4).astype(float))[::-1] for _ in range(3)]
    rows = [
        {"service": f"s{k}", "kind": "zone" if i < 4 else "rest", "people": p, "gap_id": f"s{k}-{i}", "rank": i}
        for k, mine in enumerate(people)
        for i, p in enumerate([*mine, 500.0])
    ]
    found = numbered(gpd.GeoDataFrame(rows, geometry=[None] * len(rows), crs="EPSG:4326"))
    order = sorted((i for i, row in enumerate(rows) if row["kind"] == "zone"), key=lambda i: -rows[i]["people"])
    assert [found["rank"].iloc[i] for i in order] == list(range(1, 13))
    assert found["rank"][found["kind"] == "rest"].isna().all()
    assert found["gap_id"].is_unique
    for row in found[found["kind"] == "zone"].itertuples():
        assert row.gap_id == f"{row.service}-{row.rank:03d}"
    assert found["people"].tolist() == [row["people"] for row in rows]
    last_bits = [{**row, "people": row["people"] + 1e-9 * i} for i, row in enumerate(rows)]
    again = numbered(gpd.GeoDataFrame(last_bits, geometry=[None] * len(rows), crs="EPSG:4326"))
    assert again["rank"].tolist() == found["rank"].tolist()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_number_means_one_place_in_the_map_the_report_the_workbook_and_the_layer(tmp_path, lang) -> None:
    """Whatever output names a number names with it the same service and the same site."""
    write_town(tmp_path)
    result = circle.analyze(circle.load_region(tmp_path))
    result.write(tmp_path / "out", lang=lang)
    features = json.loads((tmp_path / "out" / "gaps.geojson").read_text("utf-8"))["features"]
    zones = [one["properties"] for one in features if one["properties"]["kind"] == "zone"]
    site = {zone["rank"]: (zone["service"], zone["site_lat"], zone["site_lon"]) for zone in zones}
    assert sorted(site) == list(range(1, len(zones) + 1))
    assert len({zone["service"] for zone in zones}) > 1

    page = map_html(result.analysis)
    data = json.loads(re.search(r'id="circle-data">(.*?)</script>', page, re.DOTALL)[1])
    services = list(result.analysis.summary["service"])
    shown = {
        gap["number"]: (services[i], *gap["site"])
        for i, service in enumerate(data["services"])
        for gap in service["gaps"]
        if gap["number"] is not None
    }
    assert set(shown) == set(site)
    for number, (service, *place) in shown.items():
        assert service == site[number][0]
        assert place == pytest.approx(site[number][1:], abs=1e-5)

    book = openpyxl.load_workbook(tmp_path / "out" / "indicators.xlsx", read_only=True)
    (sheet,) = [sheet for sheet in book.worksheets if any("空白区编号" in str(c) for row in sheet.iter_rows(max_row=3, values_only=True) for c in row)]
    lines = list(sheet.iter_rows(values_only=True))
    (head,) = [line for line in lines[:3] if any("空白区编号" in str(cell) for cell in line)]
    at = next(i for i, cell in enumerate(head) if "空白区编号" in str(cell))
    people = {zone["rank"]: zone["people"] for zone in zones}
    told = {line[at]: line for line in lines if isinstance(line[at], int | float)}
    assert set(told) == set(site)
    for number, line in told.items():
        assert service_name(site[number][0], "zh") in line
        assert any(isinstance(cell, float | int) and cell == pytest.approx(people[number], abs=1e-6) for cell in line)

    words = read_page(report_files(result.analysis, lang)["report.html"].decode("utf-8")).words
    headings = re.findall(r"^(\d+)\. (.*)$", words, re.MULTILINE)
    assert [int(number) for number, _ in headings] == sorted(site)[:10]
    for number, heading in headings:
        assert heading.endswith(service_name(site[int(number)][0], lang))


def test_a_gap_called_like_its_district_is_named_once() -> None:
    analysis = town_analysis()
    frame = analysis.gaps
    name = analysis.region.districts.frame["district_name"].iloc[0]
    same = replace(analysis, gaps=frame.assign(name=name, district_name=name))
    for gap in largest_gaps(same):
        assert gap_title(gap, "en").count(name) == 1
    for one, times in ((analysis, 1), (same, 1)):
        with styled():
            sheet = cover(one, largest_gaps(one))
            drawing = region_map(one, sheet, "en", Water(one, sheet.view))
            texts = [note.get_text() for axes in drawing.axes for note in axes.texts]
        assert texts.count(name) == times


@pytest.mark.parametrize(
    ("name", "district", "once"),
    [
        ("Llanfairpwllgwyngyll-under-the-mountain", "Llanfairpwllgwyngyll", True),
        ("Llanfairpw", "Llanfairpwllgwyngyll", True),
        ("特别特别长的村名", "特别特别长", True),
        ("青溪县城", "青溪", False),
        ("Mountain", "Heping", False),
        ("Heping", "heping", True),
        ("Heping", "", True),
    ],
)
def test_a_heading_does_not_repeat_a_name_that_was_cut_short(name: str, district: str, once: bool) -> None:
    analysis = town_analysis()
    gaps = analysis.gaps.assign(name=name, district_name=district)
    title = gap_title(largest_gaps(replace(analysis, gaps=gaps))[0], "en")
    assert name in title
    assert ("(" not in title) == once


@pytest.mark.parametrize("lang", LANGUAGES)
def test_little_pictures_in_names_leave_no_empty_box(lang: str) -> None:
    analysis = town_analysis()
    frame = analysis.region.districts.frame.assign(district_name=["⛰️ Mountain 🏔", "🏥🏥"])
    district = replace(analysis.region.districts, frame=frame)
    indicators = analysis.indicators.assign(
        district_name=analysis.indicators["district_id"].map(dict(zip(frame["district_id"], frame["district_name"], strict=True)))
    )
    told = replace(analysis, region=replace(analysis.region, districts=district), indicators=indicators,
                   gaps=analysis.gaps.assign(name="Gate ⛽ 👨‍👩‍👧"))  # fmt: skip
    files = report_files(told, lang)
    page = read_page(files["report.html"].decode("utf-8"))
    for words in (page.words, page.drawn, str(page.tables)):
        assert not re.search("[\u26f0\u26fd\ufe0f\u200d\U0001f000-\U0001faff]", words)
    assert "Mountain" in str(page.tables)
    assert "(hospital)" in str(page.tables)
    assert "Gate:" in page.words or "Gate（" in page.words or "Gate (" in page.words
    assert all(figure.numbered == () for figure in circle.Result(told).figures(lang=lang).values())


def test_a_figure_says_what_a_number_in_its_picture_stands_for() -> None:
    analysis = town_analysis()
    frame = analysis.region.districts.frame.assign(district_name="\U00013000\U00013001")
    region = replace(analysis.region, districts=replace(analysis.region.districts, frame=frame))
    figures = circle.Result(replace(analysis, region=region)).figures(lang="en")
    assert any(figure.numbered for figure in figures.values())
    for figure in figures.values():
        for number, word in enumerate(figure.numbered, 1):
            assert f"[{number}] = {word!r}" in repr(figure)
