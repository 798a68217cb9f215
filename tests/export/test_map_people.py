"""What the slider counts is what Python counts: places packed for the page, unpacked and added up again."""

from __future__ import annotations

import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from circle.export.map_people import BEYOND, FULL, Slider, cell_degrees, people_data, slider_of
from circle.indicators import indicator_table
from circle.model import OUTSIDE
from circle.reference import standard_text
from circle.settings import AnalysisSettings, Limit, parse_standard, resolve
from tests.export.test_text85 import bytes_of
from tests.export.town import town_analysis


def unpacked(analysis):
    """The head and the columns by name, as numpy reads them."""
    head, packed = people_data(analysis)
    whole, begin, columns = zlib.decompress(bytes_of(packed)), 0, {}
    for name, kind in head["columns"]:
        own = np.frombuffer(whole, np.dtype(kind).newbyteorder("<"), head["places"], begin)
        columns[name], begin = own, begin + own.nbytes
    assert begin == len(whole)
    return head, columns


def answers(analysis):
    """What the page tells of each place when it is clicked, taken out as its script does it."""
    head, columns = unpacked(analysis)
    told, packed = head["answers"]
    whole, begin, found = np.frombuffer(zlib.decompress(bytes_of(packed)), "u1"), 0, {}
    for name, width, length in told:
        planes = whole[begin : begin + width * length].reshape(width, length).astype(np.int64)
        folded = (planes << (8 * np.arange(width))[:, None]).sum(axis=0)
        found[name], begin = np.where(folded % 2, -(folded + 1) // 2, folded // 2), begin + width * length
    assert begin == len(whole)
    bounds = np.append(head["bounds"], np.zeros(256, np.int64))
    for i in range(len(analysis.reach)):
        found[f"straight{i}"] = np.cumsum(found[f"straight{i}"])
        found[f"leg{i}"] = found[f"leg{i}"] + (found[f"leg{i - 1}"] if i else 0)
        found[f"cost{i}"] = bounds[columns[f"time{i}"]] - found[f"cost{i}"]
        found[f"cost{i}"][columns[f"time{i}"] == BEYOND] = np.cumsum(found[f"beyond{i}"])
    return found, columns


def asked(**settings):
    standard = parse_standard(standard_text("fifteen-minute-walk"))
    return resolve(AnalysisSettings.model_validate(settings), standard)


@pytest.mark.parametrize("metric", ["time", "distance"])
@pytest.mark.parametrize("districts", [True, False])
def test_every_position_counts_as_the_indicators_do(metric, districts):
    """A question with a limit at each position of the slider, answered by the table of indicators."""
    analysis = town_analysis(metric=metric, districts=districts)
    head, columns = unpacked(analysis)
    columns = {name: column[: head["own"]] for name, column in columns.items()}  # the others are counted nowhere
    main = analysis.settings.main.value
    limits = tuple(Limit(str(k), main * k / head["main"]) for k in range(1, 2 * head["main"] + 1))
    question = replace(analysis.settings, limits=limits)
    table = indicator_table(
        analysis.reach,
        analysis.together,
        analysis.residents,
        analysis.region.districts,
        question,
        facilities=analysis.region.facilities,
    )
    times = [columns[f"time{i}"] for i in range(len(analysis.reach))]
    for service, time in zip([*analysis.reach, "all_services"], [*times, np.max(times, axis=0)], strict=True):
        for group, name in enumerate(analysis.residents.groups):
            rows = table[(table["service"] == service) & (table["group"] == name)]
            whole = rows[rows["scope"] == "region"].set_index("limit")
            for k, limit in enumerate(limits, 1):
                covered = columns[f"people{group}"][time <= k].sum()
                assert covered == pytest.approx(whole.loc[limit.label, "covered"], abs=1e-6)
                assert head["people"][group] == pytest.approx(whole.loc[limit.label, "people"], abs=1e-6)
                assert head["unknown"][group] == pytest.approx(whole.loc[limit.label, "unknown"], abs=1e-6)
            if districts:
                own = rows[rows["scope"] == "district"]
                for k, limit in enumerate(limits, 1):
                    expected = own.loc[own["limit"] == limit.label, "covered"].to_numpy()
                    found = np.bincount(columns["district"], columns[f"people{group}"] * (time <= k), len(expected))
                    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_places_lie_where_they_lie():
    analysis = town_analysis()
    residents = analysis.residents
    head, columns = unpacked(analysis)
    own = np.isfinite(residents.lon)
    inside = own & (residents.district != OUTSIDE)
    assert head["own"] == inside.sum() == own.sum() - 1
    assert (columns["district"][: head["own"]] >= 0).all()
    assert (columns["district"][head["own"] :] == OUTSIDE).all()
    found = np.column_stack([np.cumsum(columns[axis]) / 1e5 for axis in ("lon", "lat")] + [columns["people0"]])
    expected = np.column_stack([residents.lon[own], residents.lat[own], residents.people[0, own]])
    order = np.lexsort(expected.T)
    np.testing.assert_allclose(found[np.lexsort(found.T)], expected[order], atol=5.1e-6)


def test_places_outside_are_left_out_where_they_are_more_than_the_regions() -> None:
    """A county cut out of a country's raster: its page does not carry the country."""
    analysis = town_analysis()
    district = np.where(np.arange(len(analysis.residents.lon)) < 20, analysis.residents.district, OUTSIDE)
    head, columns = unpacked(replace(analysis, residents=replace(analysis.residents, district=district)))
    assert head["places"] == head["own"] == 20
    assert (columns["district"] >= 0).all()


def test_a_place_tells_what_python_knows_of_it():
    """Whole seconds rounded up, metres rounded, the facility by its number in the service's own list, and the status."""
    analysis = town_analysis()
    told, columns = answers(analysis)
    table = analysis.region.facilities.table
    residents = analysis.residents
    row_of = {(round(lon, 5), round(lat, 5)): row for row, (lon, lat) in enumerate(zip(residents.lon, residents.lat, strict=True))}
    at = zip(np.cumsum(columns["lon"]) / 1e5, np.cumsum(columns["lat"]) / 1e5, strict=True)
    rows = np.array([row_of[round(lon, 5), round(lat, 5)] for lon, lat in at])
    for i, (service, answer) in enumerate(analysis.reach.items()):
        own = table.index[table["service"] == service].to_numpy()
        found = told[f"facility{i}"]
        assert np.array_equal(np.where(found >= 0, np.append(own, -1)[found], -1), answer.facility[rows])
        assert np.array_equal(told[f"status{i}"], answer.status[rows])
        for name, exact in (("cost", np.ceil(answer.cost)), ("straight", np.rint(answer.straight_m)), ("leg", np.rint(answer.leg_m))):
            expected = np.where(np.isfinite(exact[rows]) & (exact[rows] < FULL), exact[rows], FULL)
            assert np.array_equal(told[f"{name}{i}"], expected)


def test_very_many_places_tell_only_their_step(monkeypatch):
    monkeypatch.setattr("circle.export.map_people.MOST_TOLD", 10)
    head, columns = unpacked(town_analysis())
    assert head["answers"] is None
    assert {name.rstrip("0123456789") for name in columns} == {"people", "lon", "lat", "district", "time"}


def test_people_of_unknown_place_are_counted_and_not_drawn():
    analysis = town_analysis()
    lon = analysis.residents.lon.copy()
    lon[:5] = np.nan
    head, columns = unpacked(replace(analysis, residents=replace(analysis.residents, lon=lon)))
    before, _ = unpacked(analysis)
    assert head["unknown"][0] == pytest.approx(before["unknown"][0] + analysis.residents.people[0, :5].sum())
    assert head["places"] == before["places"] - 5
    assert all(len(column) == head["places"] for column in columns.values())


@given(st.lists(st.integers(0, 4_000_000), min_size=1, max_size=20), st.integers(1, 125), st.integers(1, 7_200_000))
def test_a_place_is_within_a_position_exactly_if_its_time_is(impedance, main, limit):
    """In whole milliseconds, with fractions nowhere."""
    cost = np.array(impedance) / 1000
    steps = Slider(main, (main,)).steps_of(cost, limit / 1000)
    for k in range(1, 2 * main + 1):
        assert np.array_equal(steps <= k, np.array(impedance) * main <= k * limit)
    assert (steps[np.array(impedance) * main > 2 * main * limit] == BEYOND).all()


@pytest.mark.parametrize(
    ("settings", "main", "positions"),
    [
        ({}, 15, (5, 10, 15)),
        ({"limits": [7.5, 15]}, 30, (15, 30)),
        ({"limits": [5]}, 10, (10,)),
        ({"limits": [30, 90]}, 90, (30, 90)),
        ({"metric": "distance", "limits": [500]}, 10, (10,)),
        ({"metric": "distance", "limits": [777.77, 1234.567]}, 15, (None, 15)),
        ({"limits": [600]}, 15, (15,)),
    ],
)
def test_the_slider_stands_at_every_limit_that_round_steps_allow(settings, main, positions):
    slider = slider_of(asked(**settings))
    assert (slider.main, slider.limits) == (main, positions)
    assert 2 * slider.main < BEYOND


def test_no_way_at_all_is_beyond_every_position():
    assert Slider(125, (125,)).steps_of(np.array([np.inf, 0.0, 1e12]), 900.0).tolist() == [BEYOND, 0, BEYOND]


def test_cells_of_a_grid_in_degrees_touch_and_others_are_squares():
    """3 by 2.5 thousandths of a degree with holes; cells of a turned grid; points."""
    random = np.random.default_rng(2)
    row, column = (axis.ravel() for axis in np.indices((30, 40)))
    some = np.sort(random.choice(1200, 400, replace=False))
    assert cell_degrees(118 + 0.003 * column[some], 28 + 0.0025 * row[some], 280.0) == (0.003, 0.0025)
    turned = np.sort(random.uniform(28, 29, 400))
    wide, high = cell_degrees(random.uniform(118, 119, 400), turned, 111.32)
    assert high == pytest.approx(0.001)
    assert wide == pytest.approx(0.001 / np.cos(np.radians(turned.mean())))
    assert cell_degrees(np.array([118.0]), np.array([28.0]), 0.0) is None
