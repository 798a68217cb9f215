"""The map names whose data and whose programs it holds, and holds no others."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from circle.export import map_html
from circle.export.map_about import leaflet_script, licences, map_about
from circle.export.map_page import SCRIPTS, leaflet_head
from circle.messages import LANGUAGES
from circle.model import Analysis, InputFile
from tests.export.test_map_browser import HOSTILE, _open, _untouched
from tests.export.town import town_analysis


def of_files(*names: str) -> Analysis:
    town = town_analysis()
    inputs = tuple(
        InputFile(name, "0" * 64, "region" if name == "region.toml" else "population", None) for name in names
    )
    return replace(town, region=replace(town.region, inputs=inputs))


def test_leaflet_is_named_as_its_own_files_name_it() -> None:
    """Version and holders as the script's first lines have them; the conditions of its licence word by word."""
    head = leaflet_script()[:300]
    number = re.search(r"Leaflet (\S+),", head)[1]
    for lang in LANGUAGES:
        first = map_about(town_analysis(), lang)["programs"][0]
        assert f"Leaflet {number}" in first
        assert "BSD-2-Clause" in first
    text = dict(licences())["Leaflet – BSD-2-Clause"]
    for part in (
        "(c) 2010-2023, ",
        "CloudMade",
        "Redistributions of source code must retain",
        "Redistributions in binary form must reproduce",
        '"AS IS"',
    ):
        assert part in text
    assert "2010-2023" in head
    assert text in leaflet_head()


def test_the_page_holds_no_other_program() -> None:
    """Leaflet's script, the address of its pictures, ours, two switches of folium, and the call: nothing of bootstrap or jQuery."""
    page = map_html(town_analysis())
    scripts = [body for kind, body in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL) if not kind]
    assert len(scripts) == 5
    ours = sum(len((files("circle.export") / name).read_text(encoding="utf-8")) for name in SCRIPTS)
    assert sum(len(body) for body in scripts if "L.Icon.Default" not in body[:60]) < len(leaflet_script()) + ours + 2_000
    assert not re.search(r"jquery|bootstrap|font-?awesome|glyphicon|awesome-?markers", page, re.IGNORECASE)


WHOSE = {
    "las_palmas_2023.osm.pbf": "OpenStreetMap", "graph.graphml": "OpenStreetMap", "com_ppp_2020_UNadj.tif": "WorldPop",
    "chn_f_80_2020_constrained.tif": "WorldPop", "GHS_POP_E2020_GLOBE_R2023A_54009_100_V1_0_R6_C28.tif": "JRC",
    "landscan-global-2022.tif": "LandScan", "S12E043.SRTMGL1.hgt.zip": "Shuttle Radar", "srtm_45_15.tif": "Shuttle Radar",
    "Copernicus_DSM_COG_10_N28_00_W016_00_DEM.tif": "Copernicus", "ASTGTMV003_N30E110_dem.tif": "ASTER",
}  # fmt: skip


@pytest.mark.parametrize(("name", "publisher"), WHOSE.items())
def test_publishers_are_known_by_the_names_of_their_files(name: str, publisher: str) -> None:
    said = map_about(of_files("region.toml", f"D:\\data\\{name}"), "en")["data"]
    assert len(said) == 1
    assert publisher in said[0]
    assert said[0].endswith(f": {name}")


def test_other_files_are_named_without_a_publisher_and_nobodys_folders_are_told() -> None:
    said = map_about(
        of_files("region.toml", "/home/li/学校.xlsx", "population.tif", "townships.geojson", "population.tif"), "en"
    )["data"]
    assert said == ["Other data of the region: 学校.xlsx, population.tif, townships.geojson"]
    many = map_about(of_files(*(f"S12E{i:03d}.hgt" for i in range(40, 60))), "zh")["data"]
    assert many[0].endswith("S12E045.hgt、另有 14 个")


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_reader_finds_it_at_the_end_of_the_panel(browser: Browser, tmp_path: Path, lang: str) -> None:
    path = tmp_path / "map.html"
    path.write_text(map_html(town_analysis(hostile=HOSTILE), lang=lang), encoding="utf-8")
    page, seen = _open(browser, path)
    about = page.locator(".circle-about")
    assert "BSD-2-Clause" not in about.inner_text()
    about.locator("> summary").focus()
    page.keyboard.press("Enter")
    told = about.inner_text()
    assert "Leaflet 1." in told
    assert "BSD-2-Clause" in told
    assert "OpenStreetMap" in told
    assert "javascript:alert(4).osm.pbf" in told  # what is left of the name of a file
    assert "AS IS" not in told
    about.locator("details summary").first.click()
    assert "AS IS" in about.inner_text()
    _untouched(seen, path)
