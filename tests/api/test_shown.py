"""What results show of themselves in a notebook: true numbers, and data as text only."""

from __future__ import annotations

import html
import importlib
import inspect
import pkgutil
from dataclasses import replace
from html.parser import HTMLParser

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest

import circle
import circle.api
from circle.api.health import Health
from circle.api.network import Network
from circle.api.region import Region
from circle.api.result import Result
from circle.doctor.examine import Examination
from circle.errors import Problem, Severity
from circle.export.words import service_name
from tests.cli.conftest import write_town
from tests.export.test_map_page import HOSTILE
from tests.export.town import town_analysis

MARKUP = {"div", "p", "strong", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "span"}


class Seen(HTMLParser):
    """The tags, the text of cells, and the attributes of a piece of markup."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.rows: list[list[str]] = []
        self.words = ""
        self.within = False
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.within = True
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.within = self.within and tag not in {"td", "th"}

    def handle_data(self, data):
        self.words += data
        if self.within:
            self.rows[-1][-1] += data


@pytest.fixture(params=["C.UTF-8", "zh_CN.UTF-8"])
def any_language(request, monkeypatch):
    monkeypatch.setenv("LC_ALL", request.param)


def all_that_shows_itself(text: str) -> dict[str, str]:
    """The markup of everything, with `text` in all that data can say."""
    analysis = town_analysis(hostile=text)
    findings = (Problem("file.missing", Severity.ERROR, {}, file=f"x{text}.csv", layer=text, row=3),)
    homes = pd.DataFrame({"lon": [118.501], "lat": [28.901]}, index=[text])
    network = Network(analysis.network)
    health = Health(Examination(findings), analysis.region.name)  # type: ignore[arg-type]
    return {
        "result": Result(analysis)._repr_html_(),
        "region": Region(analysis.region, analysis.settings, analysis.problems)._repr_html_(),
        "network": network._repr_html_(),
        "what_if": network.what_if(homes, homes)._repr_html_(),
        "health": health._repr_html_(),
    }


@pytest.mark.parametrize("name", ["result", "region", "network", "what_if", "health"])
def test_text_from_data_is_never_markup(any_language, name):
    shown = all_that_shows_itself(HOSTILE)[name]
    seen = Seen(shown)
    assert seen.tags <= MARKUP
    assert seen.attributes <= {"class", "style", "title"}
    if name not in {"network", "what_if"}:  # those two name nothing that data say
        assert "<img src=x onerror=alert(1)></script><script>" in seen.words


def test_the_hostile_text_would_be_seen_if_it_were_markup():
    assert "img" in Seen(f"<p>{HOSTILE}</p>").tags


def test_a_page_in_a_frame_is_the_page_and_cannot_leave_it():
    from circle.api.shown import frame_html

    page = f"<!DOCTYPE html><p title='\"'>{HOSTILE}</p>"
    frame = frame_html(page, "en")
    srcdoc = frame.split('srcdoc="')[1].split('"')[0]
    assert html.unescape(srcdoc) == page
    assert Seen(frame).tags == {"div", "span", "iframe"}


def test_the_answer_shows_the_numbers_of_its_places(result, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    places = result.to_frame()
    inside = places[places["district_id"].notna()]
    clinic = next(row for row in Seen(result._repr_html_()).rows if row[0] == "Clinic")
    people = [inside.loc[inside["clinic_travel_time_s"] <= 60 * limit, "people_all"].sum() for limit in (5, 10, 15)]
    total = inside["people_all"].sum()
    assert clinic[1] == "85"
    whole = [round(total) - round(total - count) for count in people]  # adds up with those not covered
    assert clinic[2:5] == [f"{own:,} · {count / total:.1%}" for own, count in zip(whole, people, strict=True)]
    near = inside.loc[inside["clinic_straight_m"] <= 1000, "people_all"].sum()
    assert clinic[5] == f"{near / total:.1%}"


def test_a_region_shows_where_its_services_come_from_and_how_long_its_roads_are(region, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    seen = Seen(region._repr_html_())
    assert ["Middle school", "schools.xlsx", "19"] in seen.rows
    streets, geod = region.data.streets, pyproj.Geod(ellps="WGS84")
    rows = (streets.way_vertex[a:b] for a, b in zip(streets.way_offset, streets.way_offset[1:], strict=False))
    metres = sum(geod.line_length(streets.lon[row], streets.lat[row]) for row in rows)
    assert f"{metres / 1000:,.0f} km of roads" in seen.words
    assert "5 min / 10 min / 15 min on foot at 4 km/h on the flat, slopes count" in seen.words
    assert "slopes" not in region.without_elevation()._repr_html_()


def test_a_source_is_shown_by_the_name_of_its_file(region, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    table = region.data.facilities.table
    for folder in ("/data/county/", "D:\\county\\", "../"):
        columns = {name: table[name].to_numpy() for name in table} | {"source": (folder + table["source"]).to_numpy()}
        facilities = replace(region.data.facilities, columns=columns)
        shown = replace(region, data=replace(region.data, facilities=facilities))._repr_html_()
        assert ["Clinic", "clinics.csv", "85"] in Seen(shown).rows


def test_a_network_shows_its_size(region, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    network = region.network()
    graph = network.to_networkx()
    rows = dict(Seen(network._repr_html_()).rows)
    assert rows["Junctions"] == f"{graph.number_of_nodes():,}"
    assert rows["Walking speed on the flat"] == "4 km/h"


def test_a_what_if_shows_how_things_stand(region, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    table = region.data.facilities.table
    clinics = table[table["service"] == "clinic"].set_index("facility_id")
    town = region.network().what_if(table, clinics)
    town.remove([clinics.index[0]])
    rows, cost = dict(Seen(town._repr_html_()).rows), town.nearest()["travel_time_s"]
    assert rows["Destinations open"] == str(len(clinics) - 1)
    assert rows["Origins"] == f"{len(table)}"
    assert rows["Origins without a way to any"] == str(int(np.isinf(cost).sum()))
    assert rows["Median way of the origins that have one"] == f"{cost[np.isfinite(cost)].median() / 60:.1f} min"


def test_a_gap_without_a_name_is_told_by_its_people_alone(result, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    summary = result.summary().assign(largest_gap_name="")
    summary.loc[0, ["largest_gap_name", "largest_gap_people"]] = [None, np.nan]
    rows = Seen(Result(replace(result.analysis, summary=summary))._repr_html_()).rows
    assert rows[1][-1] == "none"
    assert rows[2][-1] == f"{summary['largest_gap_people'][1]:,.0f}"
    largest = summary.set_index("service").drop("all_services")["largest_gap_people"].idxmax()
    assert rows[-1][-1] == f"{summary['largest_gap_people'].iloc[-1]:,.0f} · {service_name(largest, 'en')}"


def test_a_problem_that_is_printed_is_a_sentence(result):
    printed = [str(problem) for problem in result.problems]
    assert any(line.startswith("roads.osm.pbf: 1 ferry line has no crossing time") for line in printed)


def test_the_map_of_a_notebook_is_that_of_the_file(result):
    """The frame holds gap_map.html to the byte, but the rule that forbids what is not in the page."""
    from circle.export import map_html

    frame = result.explore(lang="en")._repr_html_()
    page = html.unescape(frame.split('srcdoc="')[1].split('" style=')[0])
    file = map_html(result.analysis, lang="en")
    rule = file[file.index('<meta http-equiv="Content-Security-Policy"') :].split("/>")[0] + "/>"
    assert page.split() == file.replace(rule, "").split()


def test_an_explained_way_never_speaks_markup(any_language, tmp_path):
    """Hostile names of the place it begins at, of the facility, and of the region."""
    hostile = "<img src=x onerror=alert(1)></script><script>"
    write_town(tmp_path)
    for name, own in (("facilities.csv", "诊所,诊所"), ("region.toml", "青溪镇")):
        said = (tmp_path / name).read_text(encoding="utf-8")
        assert own in said
        (tmp_path / name).write_text(said.replace(own, own.replace(own[:2], hostile, 1), 1), encoding="utf-8")
    places = gpd.read_file(tmp_path / "places.gpkg").assign(name=[f"东{hostile}", "西村"])
    places.to_file(tmp_path / "places.gpkg", driver="GPKG")
    result = circle.analyze(circle.load_region(tmp_path))
    shown = [result.explain(f"东{hostile}", "clinic")._repr_html_(), result._repr_html_()]
    for page in shown:
        assert Seen(page).tags <= MARKUP
        assert Seen(page).attributes <= {"class", "style", "title"}
    assert hostile in Seen(shown[0]).words


def test_whatever_shows_itself_is_looked_at_here():
    """Every class of the public rooms that has a markup of its own; a new one has to be put among the hostile."""
    found = set()
    for module in pkgutil.iter_modules(circle.api.__path__, "circle.api."):
        named = vars(importlib.import_module(module.name)).values()
        found |= {one.__name__ for one in named if inspect.isclass(one) and "_repr_html_" in vars(one)}
    assert found == {"Result", "Region", "Network", "WhatIf", "Health", "Explained", "Page"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch-under-the-mountain " * 2, "特别" * 60])
def test_a_long_name_widens_no_table_and_tears_no_number(browser, tmp_path, name):
    """As wide as a cell of Jupyter in a small window; every row is one line high, and the whole name can be asked for."""
    analysis = town_analysis()
    analysis = replace(analysis, summary=analysis.summary.assign(largest_gap_name=name, largest_gap_people=2656.0))
    path = tmp_path / "shown.html"
    path.write_text(f'<meta charset="utf-8"><body style="width:900px;margin:0;font:13px sans-serif">{Result(analysis)._repr_html_()}', encoding="utf-8")
    page = browser.new_context(viewport={"width": 900, "height": 600}).new_page()
    page.goto(path.as_uri())
    assert page.evaluate("document.querySelector('table').getBoundingClientRect().width") <= 900
    high = page.evaluate("""[...document.querySelectorAll("tbody td:not(:first-child)")].map((cell) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      return range.getBoundingClientRect().height;
    })""")
    assert max(high) < 30  # a line of Chinese between two fonts; two lines are 40
    assert page.locator("td span").first.get_attribute("title") == name
    assert page.locator("td").last.inner_text().endswith("2,656 · Clinic")
