"""Groups of residents in words, wherever people read them; files for programs keep the keys."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from circle.export.fields import known_columns
from circle.export.group_words import group_name, group_names
from circle.export.map_said import map_said
from circle.indicators import indicator_table
from circle.report.blocks import Table
from circle.report.coverage import _groups
from tests.export.town import town_analysis

WRITTEN = {
    "aged_60_and_over": ("aged 60 and over", "60 岁及以上"),
    "aged_0_to_14": ("aged 0–14", "0–14 岁"),
    "aged_under_3": ("aged under 3", "3 岁以下"),
    "0_14": ("aged 0–14", "0–14 岁"),
    "15-64": ("aged 15–64", "15–64 岁"),
    "Age 0–6": ("aged 0–6", "0–6 岁"),
    "60_plus": ("aged 60 and over", "60 岁及以上"),
    "65+": ("aged 65 and over", "65 岁及以上"),
    "kids": ("children", "儿童"),
    "Elderly": ("elderly", "老年人"),
    "all": ("all residents", "全体居民"),
    "female": ("women", "女性"),
    "without_a_car": ("without a car", "without a car"),
    "60岁以上": ("60岁以上", "60岁以上"),
    "14_0": ("14 0", "14 0"),
    "2010_2020": ("2010 2020", "2010 2020"),
    "census_0_14_b": ("census 0 14 b", "census 0 14 b"),
    "_": ("_", "_"),
}


@pytest.mark.parametrize("key", WRITTEN)
def test_a_group_in_words(key):
    assert (group_name(key, "en"), group_name(key, "zh")) == WRITTEN[key]


def test_groups_of_one_meaning_are_told_apart_by_their_keys():
    assert group_names(["all", "kids", "children"], "zh") == ["全体居民", "儿童 (kids)", "儿童 (children)"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_map_and_report_say_the_same_words_and_columns_keep_the_key(lang):
    """The groups of the town under the names that ``circle init`` proposes."""
    analysis = town_analysis()
    people = np.vstack([analysis.residents.people[0], analysis.residents.people[0] / 4])
    residents = replace(analysis.residents, groups=("all", "aged_60_and_over"), people=people)
    table = indicator_table(
        analysis.reach,
        analysis.together,
        residents,
        analysis.region.districts,
        analysis.settings,
        facilities=analysis.region.facilities,
    )
    analysis = replace(analysis, residents=residents, indicators=table)
    words = WRITTEN["aged_60_and_over"][lang == "zh"]
    assert map_said(analysis, lang)["groups"][1] == words
    (told,) = [block for block in _groups(analysis, lang) if isinstance(block, Table)]
    assert [row[0] for row in told.rows] == [told.rows[0][0], words]
    columns = dict(known_columns("residents.parquet", analysis))
    assert words in columns["people_aged_60_and_over"][lang]
