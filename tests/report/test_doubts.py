"""A layman reads the report up to the appendix: no setting, row or file of an operator stands before it, and none is lost."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from circle.errors import Listed, Problem, Severity, render
from circle.export.audit_words import leg_lines
from circle.messages import LANGUAGES, catalogue, text
from circle.model import InputFile
from circle.reference import table
from circle.report.appendix import appendix_blocks
from circle.report.blocks import Heading, Items, Paragraph, Table
from circle.report.content import report_of
from circle.report.doubts import doubt_lines, topic_of
from circle.report.drawings import draw_all
from circle.report.plain_text import in_order
from tests.export.town import town_analysis
from tests.test_messages import places_of

OPERATORS = re.compile(r"\[[a-z_]+\]|\w+ = |\.toml|\.geojson|\.csv|\.xlsx|\.shp|\b7777\b|EPSG|SHA-256|gcj02|bd09", re.IGNORECASE)
FAMILIES = ("crs", "topology", "roads", "services", "facilities", "facility", "place", "population", "census", "districts",
            "elevation", "raster", "vector", "shapefile", "table", "buildings", "check", "frames", "fetch", "file")  # fmt: skip


def findings(severity: Severity) -> list[Problem]:
    """One of every sentence of these families in the catalogue, with file, row and fields filled."""
    return [
        Problem(code, severity, {name: Listed("7777", [7777]) for name in places_of(entry["en"])}, file="list.csv", row=7777)
        for code, entry in catalogue().items()
        if code.split(".")[0] in FAMILIES
    ]


def words_of(blocks: list) -> str:
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Heading | Paragraph):
            lines.append(block.words)
        elif isinstance(block, Items):
            lines += block.lines
        elif isinstance(block, Table):
            lines += [block.caption, *block.columns, *(cell for row in block.rows for cell in row)]
    return "\n".join(lines)


def halves(analysis, lang: str) -> tuple[str, str]:
    """Words before the appendix, and in it."""
    blocks = report_of(analysis, draw_all(analysis, lang), lang).blocks
    (at,) = [i for i, block in enumerate(blocks) if block == Heading(text("report.appendix", lang))]
    return words_of(blocks[:at]), words_of(blocks[at:])


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.NOTE])
def test_no_setting_row_or_file_stands_in_the_body_whatever_was_found(lang, severity):
    found = findings(severity)
    assert len(found) > 150
    numbers = {problem.code: set(table("report_doubts")[topic].get("counted", ())) for problem in found if (topic := topic_of(problem)) in table("report_doubts")}
    quiet = [replace(problem, fields={k: 7 if k in numbers.get(problem.code, ()) else v for k, v in problem.fields.items()}) for problem in found]
    for problem in quiet:
        for line in doubt_lines([problem], lang):
            assert not OPERATORS.search(line), line
    assert len(list(doubt_lines(quiet, lang))) >= (15 if severity is Severity.WARNING else 3)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_finding_is_told_in_the_appendix_and_the_body_says_what_it_means(lang):
    analysis = town_analysis()
    found = (
        Problem("topology.kept", Severity.WARNING, defaultdict(lambda: 3, dict.fromkeys(places_of(catalogue()["topology.kept"]["en"]), 3)), file="roads.shp"),
        Problem("table.text_in_number", Severity.WARNING, {"column": "pop", "count": 2, "cells": Listed("1002: x, 1017: y", [1002, 1017])}, file="p.csv"),
        Problem("batch.one_region", Severity.WARNING, {}, file="region.toml"),
    )
    body, appendix = halves(replace(analysis, problems=found), lang)
    assert not OPERATORS.search(body), OPERATORS.search(body)
    for problem in found:
        assert render(problem, lang) in appendix
    for topic in ("roads_apart", "numbers"):
        assert text(f"report.doubt_{topic}", lang) in body
    assert text("report.doubt_other", lang, count=1) in body


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_a_layman_does_not_read_on_is_kept(lang):
    """Pieces of the network by place, facilities far from roads by name, the table of coloured areas."""
    analysis = town_analysis()
    body, appendix = halves(analysis, lang)
    for caption in ("report.isochrones_table", "report.datums"):
        assert text(caption, lang) not in body
        assert text(caption, lang) in appendix
    pieces = analysis.audit.pieces
    for piece in pieces[pieces["lacking"] > 0].to_dict("records"):
        assert f"{piece['lon']:.4f}, {piece['lat']:.4f}" in appendix
        assert f"{piece['lon']:.4f}" not in body
    for name in analysis.audit.far_facilities["name"]:
        assert name in appendix


def test_topics_speak_of_codes_and_sentences_that_exist():
    for topic, about in table("report_doubts").items():
        for code in about["codes"]:
            assert any(key == code or (code.endswith("*") and key.startswith(code[:-1])) for key in catalogue()), code
        if topic != "said":
            assert set(places_of(catalogue()[f"report.doubt_{topic}"]["en"])) == set(about.get("counted", ())), topic


def test_a_layer_stands_once_with_its_system_and_side_files_are_no_layers():
    files = [("region.toml", "region", None), ("a/t.shp", "districts", "EPSG:4490"),
             *((f"a/t{suffix}", "districts", None) for suffix in (".shx", ".DBF", ".prj", ".cpg")),
             ("/home/me/x/roads.osm.pbf", "osm, roads", None), ("D:\\d\\list.xlsx", "facilities", "gcj02"),
             ("/one/p.tif", "population", "EPSG:4326"), ("/two/p.tif", "pattern", "EPSG:4326"), ("t.csv", "population", None)]  # fmt: skip
    inputs = tuple(InputFile(path, f"{number:x}" * 64, layer, crs) for number, (path, layer, crs) in enumerate(files))
    analysis = town_analysis()
    blocks = appendix_blocks(replace(analysis, region=replace(analysis.region, inputs=inputs)), "en")
    (shown,) = [block for block in blocks if isinstance(block, Table) and block.name == "inputs"]
    assert [row[:3] for row in shown.rows] == [
        ("Districts", "a/t.shp", "EPSG:4490"), ("OpenStreetMap, Roads", "roads.osm.pbf", "degrees (WGS 84)"),
        ("Facilities", "list.xlsx", "GCJ-02"), ("Residents", "one/p.tif", "EPSG:4326"),
        ("Pattern of settlement", "two/p.tif", "EPSG:4326"), ("Residents", "t.csv", "none of its own"),
    ]  # fmt: skip
    words = words_of(blocks)
    for number, (path, _, _) in enumerate(files):
        assert f"{number:x}" * 12 in words
        assert path.replace("\\", "/").rsplit("/", 1)[-1] in words
    assert "/home" not in words


def test_long_ways_of_one_district_are_told_once_with_their_sum():
    """Ten times the same told nothing ten times: nine people in three places of Moimbassa, one far from it."""
    analysis = town_analysis()
    legs = pd.DataFrame({
        "leg_m": [3540.0, 3511.0, 3502.0, 2000.0, 90.0], "people": [5.0, 3.0, 1.0, 2.0, 8.0],
        "district_name": ["Moimbassa", "Moimbassa", "Moimbassa", "", "Moimbassa"], "lon": 43.1, "lat": -12.0,
    })  # fmt: skip
    audit = replace(analysis.audit, long_legs=legs)
    (line,) = leg_lines(replace(analysis, audit=audit), "en")
    assert line == "Longest ways to a road: 3.5 km (9 people in 3 places, Moimbassa), 2.0 km (2 people, 43.1000, -12.0000)."
    nearer = replace(audit, long_legs=legs.assign(leg_m=[3540.0, 3511.0, 2400.0, 2000.0, 90.0]))
    (line,) = leg_lines(replace(analysis, audit=nearer), "en")
    assert "2.4 km to 3.5 km (9 people in 3 places, Moimbassa)" in line
    (one,) = leg_lines(replace(analysis, audit=replace(audit, long_legs=legs.head(1))), "en")
    assert one == "Longest ways to a road: 3.5 km (5 people, Moimbassa)."
    (every,) = leg_lines(replace(analysis, audit=replace(audit, long_legs=legs.assign(district_name="Moimbassa"))), "zh")
    assert every.count("Moimbassa") == 1
    assert np.isclose(legs["people"][:4].sum(), 11)
    assert "共 11 人" in every


def test_a_number_behind_a_name_from_right_to_left_stays_behind_it():
    for name in ("\u0642\u0631\u064a\u0629", "\u05e9\u05dc\u05d5\u05dd"):
        assert in_order(f"{name} (3)") == f"{name}\u200e (3)"
        assert in_order(f"{name} Ngazidja") == f"{name} Ngazidja"
        assert in_order(name) == name
