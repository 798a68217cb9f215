"""What users hold: destinations open and close, and the table is that of `travel_times` to the nearest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import circle


@pytest.fixture(scope="module")
def asked(sample_regions):
    """Network, origins and destinations of the sample county."""
    region = circle.load_region(sample_regions / "qingxi")
    shops = region.data.facilities.table
    random = np.random.default_rng(4)
    lon, lat = shops["lon"].to_numpy()[:40], shops["lat"].to_numpy()[:40]
    homes = pd.DataFrame({"lon": np.repeat(lon, 5), "lat": np.repeat(lat, 5)}) + random.normal(0, 0.004, (200, 2))
    homes.index += 1000
    return region.network(), homes, pd.DataFrame({"lon": lon, "lat": lat}, index=[f"shop {i}" for i in range(40)])


def by_travel_times(network, homes, shops) -> pd.DataFrame:
    found = circle.travel_times(network, homes, shops, nearest=1).set_index("origin").reindex(homes.index)
    return found.assign(travel_time_s=found["travel_time_s"].fillna(np.inf)).reset_index(names="origin")


def test_the_nearest_is_that_of_travel_times_after_every_change(asked):
    network, homes, shops = asked
    town = network.what_if(homes, shops.iloc[:10])
    there = shops.iloc[:10]
    for closed, opened in [
        (["shop 3"], shops.iloc[10:11]),
        (["shop 0", "shop 10"], shops.iloc[11:40]),
        ([], shops[3:4]),
    ]:
        before = town.nearest()
        change = pd.concat([town.remove(closed), town.add(opened)])
        there = pd.concat([there.drop(closed), opened])
        expected = by_travel_times(network, homes, there)
        after = town.nearest()
        assert after["travel_time_s"].tolist() == expected["travel_time_s"].tolist()
        assert after["destination"].tolist() == expected["destination"].tolist()
        moved = before["travel_time_s"].to_numpy() != after["travel_time_s"].to_numpy()
        assert set(before["origin"][moved]) <= set(change["origin"])
    assert repr(town) == "<WhatIf: 200 origins, 38 destinations>"


def test_a_change_tells_who_has_it_nearer_or_farther(asked):
    network, homes, shops = asked
    town = network.what_if(homes, shops)
    before = town.nearest().set_index("origin")
    change = town.remove(["shop 7"]).set_index("origin")
    assert sorted(change.index) == sorted(before.index[before["destination"] == "shop 7"])
    assert (change["travel_time_s_after"] >= change["travel_time_s_before"]).all()
    back = town.add(shops.loc[["shop 7"]]).set_index("origin")
    assert (back["destination_after"] == "shop 7").all()
    assert back["travel_time_s_after"].to_dict() == change["travel_time_s_before"][back.index].to_dict()


def test_whole_numbers_stay_labels_where_nothing_can_be_reached(asked):
    network, homes, shops = asked
    town = network.what_if(homes, shops.reset_index(drop=True).iloc[:1])
    assert town.nearest()["destination"].dropna().unique().tolist() == [0]
    change = town.remove([0])
    assert change["destination_after"].isna().all()
    assert np.isinf(town.nearest()["travel_time_s"]).all()
    assert type(town.add(shops.reset_index(drop=True).iloc[:1])["destination_after"].iloc[0]) in (int, np.int64)


def test_labels_that_are_twice_or_nowhere_are_refused_and_nothing_changes(asked):
    network, homes, shops = asked
    with pytest.raises(circle.InputError, match="shop 1"):
        network.what_if(homes, shops.iloc[[0, 1, 1]])
    town = network.what_if(homes, shops.iloc[:5])
    before = town.nearest()
    with pytest.raises(circle.InputError, match="shop 2"):
        town.add(shops.iloc[2:8])
    with pytest.raises(circle.InputError, match=r"shop 9.*shop 0, shop 1"):
        town.remove(["shop 0", "shop 9"])
    pd.testing.assert_frame_equal(town.nearest(), before)
