"""What notebooks ask of a result: groups, comparison, one place, a flat county - beside sums over its places."""

from __future__ import annotations

import shutil

import numpy as np
import pyproj
import pytest

import circle


def covered(result, service, group, limit_s=900.0):
    places = result.to_frame()
    inside = places[places["district_id"].notna()]
    return inside.loc[inside[f"{service}_travel_time_s"] <= limit_s, f"people_{group}"].sum()


@pytest.fixture(scope="module")
def slow(region):
    return circle.analyze(region, walking_speed_kmh=3.0)


def test_the_summary_of_a_group_counts_its_people(result):
    for group in ("0_14", "60_plus", "all"):
        row = result.summary(group=group).set_index("service").loc["clinic"]
        assert row["covered_10min"] == pytest.approx(covered(result, "clinic", group, 600.0))
        assert row["share_10min"] == pytest.approx(row["covered_10min"] / row["people"])
    assert "largest_gap_people" not in result.summary(group="0_14")


def test_an_unknown_group_is_refused_with_those_there_are(result):
    with pytest.raises(circle.InputError, match="60_plus"):
        result.summary(group="elderly")
    with pytest.raises(circle.InputError, match="0_14"):
        result.compare(result, group="elderly")


def test_a_comparison_is_the_difference_of_the_two(result, slow):
    for group in ("all", "60_plus"):
        table = result.compare(slow, group=group).set_index("service")
        for service in ("clinic", "bus_stop", "all_services"):
            before, after = (covered(one, service, group) for one in (result, slow))
            assert table.loc[service, "covered_before"] == pytest.approx(before)
            assert table.loc[service, "covered_after"] == pytest.approx(after)
            assert table.loc[service, "covered_change"] == pytest.approx(after - before)
        assert (table["covered_change"] < 0).all(), "nobody gets farther by walking slowly"
        assert table["people_change"].abs().max() < 1e-6


def test_a_comparison_takes_each_at_its_own_main_limit_and_the_services_of_both(region, result):
    schools = circle.analyze(region, limits=(20,), services=("middle_school", "primary_school"))
    table = result.compare(schools).set_index("service")
    assert sorted(table.index) == ["all_services", "middle_school", "primary_school"]
    expected = covered(schools, "middle_school", "all", 1200.0)
    assert table.loc["middle_school", "covered_after"] == pytest.approx(expected)


def test_a_result_is_compared_with_a_result(result):
    with pytest.raises(circle.InputError, match="DataFrame"):
        result.compare(result.summary())


def test_a_place_is_explained_as_the_table_has_it(result):
    """Legs add up to the table's time, end where the facility is, and the status is the table's."""
    places = result.to_frame()
    sites = result.facilities.set_index("facility_id")
    for _, place in places.sample(40, random_state=5).iterrows():
        found = result.explain((place["lon"], place["lat"]), "clinic")
        assert found.status == place["clinic_status"]
        assert found.cost == place["clinic_travel_time_s"]
        if np.isfinite(found.cost):
            assert found.legs["travel_time_s"].sum() == pytest.approx(found.cost)
            geod, line = pyproj.Geod(ellps="WGS84"), found.legs.geometry.iloc[-1]
            end, site = line.coords[-1], sites.geometry[place["clinic_facility_id"]]
            assert geod.inv(end[0], end[1], site.x, site.y)[2] < 0.01


def test_a_place_is_found_by_name_and_said_in_words(result, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    found = result.explain("大坞镇", "诊所")
    assert "大坞镇" in found._repr_html_()
    assert str(found).splitlines()[-1] in repr(found)
    with pytest.raises(circle.QueryError, match="clinic"):
        result.explain("大坞镇", "sauna")
    with pytest.raises(circle.QueryError):
        result.explain("Nowhere at all", "clinic")
    with pytest.raises(circle.InputError, match="list"):
        result.explain([118.9, 28.9], "clinic")
    with pytest.raises(circle.InputError):
        result.explain((28.9, 118.9), "clinic")


def test_a_region_without_elevation_is_as_if_its_file_named_none(region, tmp_path, sample_regions):
    folder = tmp_path / "flat"
    shutil.copytree(sample_regions / "qingxi", folder)
    text = (folder / "region.toml").read_text(encoding="utf-8")
    assert '[elevation]\npath = "dem.tif"\n' in text
    (folder / "region.toml").write_text(text.replace('[elevation]\npath = "dem.tif"\n', ""), encoding="utf-8")
    flat, said = region.without_elevation(), circle.load_region(folder)
    ours, theirs = (circle.analyze(one, limits=(15,)).to_frame()["clinic_travel_time_s"] for one in (flat, said))
    assert ours.tolist() == theirs.tolist()
    assert region.data.elevation is not None


def test_edges_are_those_of_the_graph(region):
    network = region.network()
    edges, graph, geod = network.edges(), network.to_networkx(), pyproj.Geod(ellps="WGS84")
    assert len(edges) == len({number for _, _, number in graph.edges(data="edge")})
    for u, v, data in graph.edges(data=True):
        row = edges.loc[data["edge"]]
        along = (u, v) == (row["from_node"], row["to_node"]) and data["geometry"].equals_exact(row.geometry, 0.0)
        assert data["travel_time"] == row["travel_time_s" if along else "travel_time_back_s"]
        assert data["highway"] == row["highway"]
    for row in edges.sample(50, random_state=1).itertuples():
        assert geod.geometry_length(row.geometry) == pytest.approx(row.length_m, rel=1e-6)
    assert (edges["travel_time_s"] != edges["travel_time_back_s"]).any()
    flat = region.without_elevation().network().edges()
    plain = flat[flat["highway"] == "residential"]
    as_walked = np.isclose(plain["travel_time_s"], plain["length_m"] / (4 / 3.6), atol=0.05)
    assert as_walked.mean() > 0.999, "all but those with steps"


def test_a_street_that_is_closed_one_way_is_inf():
    import networkx

    graph = networkx.MultiDiGraph(crs="EPSG:4326")
    graph.add_node(1, x=118.90, y=28.9)
    graph.add_node(2, x=118.91, y=28.9)
    graph.add_edge(1, 2, highway="residential")
    edges = circle.Network.from_networkx(graph).edges()
    assert len(edges) == 1
    assert np.isfinite(edges["travel_time_s"]).all()
    assert np.isinf(edges["travel_time_back_s"]).all()


def test_the_network_of_a_result_is_that_of_its_times(result, slow):
    """The slow one's network is slow: the same pairs take four thirds of the time, whatever the slope."""
    homes = result.to_frame().head(50)
    clinics = result.facilities.query("service == 'clinic'").set_index("facility_id")
    for one in (result, slow):
        nearest = circle.travel_times(one.network, homes, clinics, nearest=1).set_index("origin")["travel_time_s"]
        table = one.to_frame().loc[nearest.index, "clinic_travel_time_s"]
        assert nearest.tolist() == table.tolist()
