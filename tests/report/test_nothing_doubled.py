"""A report says nothing twice and names nothing that is not there: rows, captions, legends, panels."""

from __future__ import annotations

import io
from dataclasses import replace

import docx
import numpy as np
import pandas as pd
import pytest

from circle.export import service_name
from circle.export.words import ALL_SERVICES
from circle.messages import LANGUAGES, text
from circle.model import BARRIER_KINDS, Districts, Elevation
from circle.report import draw_all, report_files
from circle.report.charts import districts_charts
from circle.report.drawing import styled
from tests.export.town import SOUTH, STEP, WEST, town_analysis
from tests.report.reading import read_page


def with_services(count: int):
    """The town with so many services, all but the first like the clinic."""
    analysis = town_analysis()
    names = [f"s{i}" for i in range(count - 2)]
    tables = {}
    for frame in ("indicators", "summary"):
        own = getattr(analysis, frame)
        more = [own[own["service"] == "clinic"].assign(service=name) for name in names]
        tables[frame] = pd.concat([own, *more], ignore_index=True)
    reach = {**analysis.reach, **{name: replace(analysis.reach["clinic"], service=name) for name in names}}
    pieces = analysis.audit.pieces.assign(**{f"without_{name}": 0.0 for name in names})
    return replace(analysis, reach=reach, audit=replace(analysis.audit, pieces=pieces), **tables)


def of_one_service():
    """The town's clinics only: all services are that one."""
    analysis = town_analysis()
    parts = {}
    for frame in ("indicators", "summary"):
        own = getattr(analysis, frame)
        mine = own[own["service"] == "clinic"]
        parts[frame] = pd.concat([mine, mine.assign(service=ALL_SERVICES)], ignore_index=True)
    return replace(analysis, reach={"clinic": analysis.reach["clinic"]}, **parts)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_of_one_service_no_row_is_said_again_as_all_services(lang):
    files = report_files(of_one_service(), lang)
    every = service_name(ALL_SERVICES, lang)
    page = read_page(files["report.html"].decode("utf-8"))
    cells = [cell for rows in page.tables.values() for row in rows for cell in row]
    assert every not in cells
    assert every not in page.drawn
    word = docx.Document(io.BytesIO(files["report.docx"]))
    assert every not in [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    whole = read_page(report_files(town_analysis(), lang)["report.html"].decode("utf-8"))
    assert every in [cell for rows in whole.tables.values() for row in rows for cell in row]


@pytest.mark.parametrize("summed", [1.0, 1.0 + 1e-14, 1.0 - 1e-13])
def test_a_region_that_is_one_district_has_no_table_of_it(summed):
    """Whose people are the same, though parts of people were added up in another order."""
    analysis = town_analysis()
    frame, rows = analysis.region.districts.frame, analysis.indicators
    region = rows[rows["scope"] == "region"]
    one = region.assign(scope="district", district_id="0331", district_name="Only", people=region["people"] * summed)
    districts = Districts(frame.head(1).assign(district_id="0331", district_name="Only"))
    whole = replace(
        analysis,
        region=replace(analysis.region, districts=districts),
        indicators=pd.concat([region, one], ignore_index=True),
    )
    page = read_page(report_files(whole, "en")["report.html"].decode("utf-8"))
    assert not any(name.startswith("districts") for name in page.tables)
    assert text("report.one_district", "en", name="Only") in page.words
    halved = one.assign(people=one["people"] / 2)
    partly = replace(whole, indicators=pd.concat([region, halved], ignore_index=True))
    page = read_page(report_files(partly, "en")["report.html"].decode("utf-8"))
    assert "districts_1" in page.tables  # for then it says something


@pytest.mark.parametrize("count", [2, 4, 5, 6, 8, 11])
def test_panels_have_one_width_and_tables_titles_of_their_own(count):
    analysis = with_services(count)
    with styled():
        charts = districts_charts(analysis, "en")
    panels = [axes.get_position().width for chart in charts for axes in chart.axes]
    assert len(panels) == count + 1
    assert np.ptp(panels) < 1e-9
    sizes = [len(chart.axes) for chart in charts]
    assert max(sizes) - min(sizes) <= len(sizes) - 1  # no panel alone below a row of five
    page = report_files(analysis, "en")["report.html"].decode("utf-8")
    captions = [part.split("</caption>")[0].split(">", 1)[1] for part in page.split("<caption")[1:]]
    assert len(captions) == len(set(captions)) >= 4


def legend_of(drawing) -> set[str]:
    return {words.get_text() for words in drawing.legends[0].get_texts()}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_legend_names_what_is_drawn_and_nothing_else(lang):
    analysis = town_analysis()
    words = {name: text(f"report.legend_{name}", lang) for name in ("railway", "water", "zone", "site", "enlarged")}
    full = legend_of(draw_all(analysis, lang)["map"])
    assert {words["railway"], words["water"], words["zone"], words["site"]} <= full
    assert words["enlarged"] not in full
    barriers = analysis.region.barriers
    track = barriers.kind == BARRIER_KINDS.index("railway")
    assert track.any()
    dry = replace(
        barriers, kind=np.where(track, BARRIER_KINDS.index("water"), barriers.kind).astype(barriers.kind.dtype)
    )
    without = replace(analysis, region=replace(analysis.region, barriers=dry))
    assert words["railway"] not in legend_of(draw_all(without, lang)["map"])
    rest = replace(analysis, gaps=analysis.gaps.assign(kind="rest", rank=None))  # too few anywhere for a site
    files = report_files(rest, lang)
    assert words["zone"] in legend_of(draw_all(rest, lang)["map"])
    assert words["site"] not in legend_of(draw_all(rest, lang)["map"])
    told = read_page(files["report.html"].decode("utf-8")).words
    assert text("report.map_numbers", lang, count=10) not in told
    assert text("report.map_shaded", lang) in told
    nobody = replace(analysis, gaps=analysis.gaps.head(0))
    assert words["zone"] not in legend_of(draw_all(nobody, lang)["map"])
    assert text("report.map_shaded", lang) not in read_page(report_files(nobody, lang)["report.html"].decode()).words


def test_hills_are_lit_from_the_north_west_where_heights_are_known():
    """A cone in the middle of the town: its north-western side is light, its south-eastern one dark."""
    analysis = town_analysis()
    assert not draw_all(analysis, "en")["map"].axes[0].images
    size, cell = 200, STEP / 10
    west, north = WEST - 6 * STEP, SOUTH + 13 * STEP
    top = (WEST + 4 * STEP, SOUTH + 3 * STEP)
    x, y = west + (np.arange(size) + 0.5) * cell, north - (np.arange(size) + 0.5) * cell
    away = np.hypot(x[None, :] - top[0], y[:, None] - top[1])
    heights = np.maximum(0, 800 - away / STEP * 300).astype(np.float32)
    cone = Elevation(heights, (cell, 0.0, west, 0.0, -cell, north), "EPSG:4326")
    hilly = replace(analysis, region=replace(analysis.region, elevation=cone))
    (image,) = draw_all(hilly, "en")["map"].axes[0].images
    left, right, bottom, upper = image.get_extent()
    picture = np.asarray(image.get_array())

    def at(lon, lat):
        row = int((upper - lat) / (upper - bottom) * picture.shape[0])
        return picture[row, int((lon - left) / (right - left) * picture.shape[1])]

    lit, dark = at(top[0] - 0.8 * STEP, top[1] + 0.8 * STEP), at(top[0] + 0.8 * STEP, top[1] - 0.8 * STEP)
    assert lit[0] > 0.99
    assert dark[0] < 0.5
    assert dark[3] > 0.1
    assert b"<image" in report_files(hilly, "en")["report.html"]


def test_a_count_has_a_mark_for_thousands_wherever_it_is_said():
    for lang in LANGUAGES:
        told = text("audit.pieces", lang, pieces=22297, lacking=1116, people="5")
        assert "22,297" in told
        assert "1,116" in told
        assert "2297" not in told.replace("22,297", "")
    assert "1 facility" in text("audit.far_facilities", "en", count=1, total=1, names="x")  # and still counts by number
