"""A hospital serves as a clinic, whatever the source, and it is told."""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import pytest
import shapely

from circle.doctor.examine import examine
from circle.errors import Findings, render
from circle.load.facilities import build_facilities, facility_rows
from circle.load.located import Located
from circle.load.region import read_region
from circle.load.sections import FacilitiesSection
from circle.reference import table

SPOTS = {"县人民医院": (119.30, 28.38), "东村卫生室": (119.32, 28.39), "中医院": (119.35, 28.40)}


def facilities_from(lists):
    """`lists`: (section's words, rows of name and type) as `build_facilities` makes facilities of them."""
    findings, frames = Findings(), []
    for number, (words, rows) in enumerate(lists):
        frame = gpd.GeoDataFrame(
            rows, columns=["名称", "类型"], geometry=[shapely.Point(SPOTS[name]) for name, _ in rows], crs="EPSG:4326"
        )
        section = FacilitiesSection.model_validate({"path": f"{number}.csv", **words})
        frames.append(facility_rows(frame, section, Located(findings, f"{number}.csv")))
    built = build_facilities(frames, Located(findings, "region"))
    return built.table, findings


HOSPITALS = [["县人民医院", "医院"], ["中医院", "综合医院"]]
CLINICS = [["东村卫生室", "村卫生室"]]
LISTS = {
    "one list by types": [({"service_column": "类型"}, HOSPITALS + CLINICS)],
    "one list by names": [({}, HOSPITALS + CLINICS)],
    "two lists, declared": [({"service": "hospital"}, HOSPITALS), ({"service": "clinic"}, CLINICS)],
    "two lists, the other way": [({"service": "clinic"}, CLINICS), ({"service": "hospital"}, HOSPITALS)],
    "by mapping": [
        (
            {"service_column": "类型", "mapping": {"医院": "hospital", "综合医院": "hospital", "村卫生室": "clinic"}},
            HOSPITALS + CLINICS,
        )
    ],
}


@pytest.mark.parametrize("lists", LISTS.values(), ids=LISTS)
def test_however_they_are_listed_hospitals_count_among_the_clinics(lists):
    found, findings = facilities_from(lists)
    assert Counter(found["service"]) == {"hospital": 2, "clinic": 3}
    assert set(found.loc[found["service"] == "clinic", "name"]) == set(SPOTS)
    assert found["facility_id"].is_unique
    (note,) = [p for p in findings.problems if p.code == "services.serve_as"]
    assert list(note.fields["rows"].values) == ["县人民医院", "中医院"]
    assert all("县人民医院" in render(note, lang) for lang in ("en", "zh"))


@pytest.mark.parametrize("services", [("hospital",), ("clinic",)])
def test_where_only_one_is_asked_for_nothing_is_added(services):
    rows = HOSPITALS if services == ("hospital",) else CLINICS
    found, findings = facilities_from([({"service": services[0]}, rows)])
    assert set(found["service"]) == set(services)
    assert "services.serve_as" not in [p.code for p in findings.problems]


def test_one_hospital_in_both_lists_is_one_clinic():
    found, _ = facilities_from(
        [({"service": "hospital"}, HOSPITALS), ({"service": "clinic"}, [*CLINICS, HOSPITALS[0]])]
    )
    assert Counter(found["service"]) == {"hospital": 2, "clinic": 3}


def test_who_gives_another_name_has_them_apart():
    mapping = {"医院": "county_hospital", "综合医院": "county_hospital", "村卫生室": "clinic"}
    found, _ = facilities_from([({"service_column": "类型", "mapping": mapping}, HOSPITALS + CLINICS)])
    assert Counter(found["service"]) == {"county_hospital": 2, "clinic": 1}


def test_tags_and_lists_agree_on_what_serves_as_what():
    """Whatever is taken for a service by its tags is taken for those too that it serves as."""
    rows = table("services")
    pairs = [(own, other) for own, row in rows.items() for other in row.get("serves_as", ())]
    assert ("hospital", "clinic") in pairs
    for own, other in pairs:
        taken = {(tag, value) for way in rows[other]["osm"] for tag, values in way.items() for value in values}
        assert {(tag, v) for way in rows[own]["osm"] for tag, values in way.items() for v in values} <= taken


def test_the_tags_of_an_extract_are_told_with_their_counts(sample_regions):
    told = read_region(sample_regions / "qingxi")
    stops = (told.data.facilities.table["service"] == "bus_stop").sum()
    for lang, word in (("en", "Bus stop"), ("zh", "公交站")):
        (line,) = [line for line in examine(sample_regions / "qingxi").contents(lang) if "highway=bus_stop" in line]
        assert word in line
        assert str(stops) in line
    assert told.by_tags.count == {"bus_stop": stops}
