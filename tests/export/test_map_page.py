"""The map as text: nothing from outside, nothing that data could run."""

from __future__ import annotations

import html
import json
import re

import pytest

from circle.export import gap_map, map_html
from circle.export.map_data import map_data
from circle.export.map_page import embedded_json
from circle.messages import LANGUAGES
from tests.export.town import town_analysis

HOSTILE = "\"'><img src=x onerror=alert(1)></script><script>alert(2)</script>`${alert(3)}{{7*7}}{%x%}\u2028javascript:"


def test_the_page_loads_nothing_from_outside() -> None:
    page = map_html(town_analysis(), lang="en")
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=", page)
    assert not re.findall(r"url\((?!data:|#)", page)
    assert "sourceMappingURL" not in page
    assert "default-src 'none'" in page


def test_tiles_are_asked_for_only_when_wanted() -> None:
    assert "tile.openstreetmap.org" not in map_html(town_analysis())
    assert "tile.openstreetmap.org" in map_html(town_analysis(), tiles="osm")
    own = map_html(town_analysis(), tiles="https://tiles.example/{z}/{x}/{y}.png")
    assert "https://tiles.example/{z}/{x}/{y}.png" in own
    assert "img-src data: https:" in own


def test_hostile_text_never_leaves_its_data() -> None:
    """A page of hostile names has as many script elements as one of plain names, and holds no markup of theirs."""
    plain, hostile = map_html(town_analysis()), map_html(town_analysis(hostile=HOSTILE))
    assert hostile.count("<script") == plain.count("<script")
    assert hostile.count("</script>") == plain.count("</script>")
    assert "<img src=x" not in hostile
    assert "{{7*7}}" in hostile
    assert "49" not in re.search(r"<title>(.*?)</title>", hostile, re.DOTALL)[1]


def test_data_come_back_from_the_page_unchanged() -> None:
    data = {"a": [HOSTILE, "竹坞"], "b": None}
    page = embedded_json("d", data)
    inner = page.removeprefix('<script type="application/json" id="d">').removesuffix("</script>")
    assert json.loads(inner) == data
    assert not set("<>&\u2028") & set(inner)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_maps_of_one_analysis_are_the_same(lang: str) -> None:
    assert map_html(town_analysis(), lang=lang) == map_html(town_analysis(), lang=lang)
    figure = gap_map(town_analysis(), lang=lang).get_root()
    assert figure.render() == figure.render()


def test_a_notebook_shows_the_map_within_a_frame() -> None:
    shown = gap_map(town_analysis(hostile=HOSTILE))._repr_html_()
    assert "circleMap(" in html.unescape(shown)
    assert "<img" not in shown


def test_the_page_speaks_every_language() -> None:
    """Each has its own set of words, of the same shape; gaps say who, why, where and how far."""
    data, _ = map_data(town_analysis(), "zh")
    assert data["lang"] == "zh"
    assert list(data["said"]) == list(LANGUAGES)
    number, clinic = next((i, service) for i, service in enumerate(data["services"]) if service["gaps"])
    said = data["said"]["zh"]["services"][number]
    assert said["name"] == "卫生室/诊所"
    lines = " ".join(said["gaps"][0][1])
    assert all(part in lines for part in ("321 人", "附近没有设施", "28.90400", "1.4 公里", "3.2 公里", "48 分钟"))
    assert clinic["gaps"][2]["rank"] is None
    assert "不可达" not in lines
    assert "无法到达" in said["gaps"][1][1][-1]
    english = data["said"]["en"]["services"][number]
    assert "321 people" in " ".join(english["gaps"][0][1])
    assert [len(lines) for _, lines in said["gaps"]] == [len(lines) for _, lines in english["gaps"]]
    assert set(data["said"]["en"]["text"]) == set(data["said"]["zh"]["text"])


def test_the_scarcest_service_is_shown_first() -> None:
    data, _ = map_data(town_analysis(), "en")
    assert data["said"]["en"]["services"][data["shown"]]["name"] == "Clinic"


def test_distances_need_no_minutes() -> None:
    data, _ = map_data(town_analysis(metric="distance"), "en")
    said = data["said"]["en"]
    assert said["limits"] == ["300 m", "500 m", "1,000 m"]
    clinic = next(service for service in said["services"] if service["gaps"])
    assert "min" not in clinic["gaps"][0][1][-1]


def test_no_districts_means_no_choropleth() -> None:
    data, _ = map_data(town_analysis(districts=False), "en")
    assert data["districts"] == []
