"""A whole ``circle run`` of Las Palmas with every output file and the map, beside its bare travel times."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.figures import Say
from tests.bench.measured import measured
from tests.bench.test_las_palmas_peer import HERE, write_cells

RUNS, PEOPLE = 5, 378_675
FILES = {
    "coverage.geojson", "facilities.geojson", "fields.json", "gap_map.html", "gaps.geojson", "indicators.csv",
    "indicators.xlsx", "isochrones.geojson", "layers.gpkg", "problems.xlsx", "provenance.json", "residents.parquet",
}  # fmt: skip


def write_region(data: Path, folder: Path) -> None:
    """A region file as a planner writes it: services, people in buildings, districts, and places to name gaps after."""
    text = f"""
[region]
name = "Las Palmas de Gran Canaria"
[osm]
path = "{(data / "las_palmas_2023.osm.pbf").as_posix()}"
[roads]
source = "osm"
[[facilities]]
source = "osm"
services = ["school", "clinic", "bus_stop"]
[population]
source = "osm-buildings"
total = {PEOPLE}
[districts]
path = "{(data / "boundary_municipality.geojson").as_posix()}"
id = "NATCODE"
name = "NAMEUNIT"
[places]
source = "osm"
"""
    (folder / "region.toml").write_text(text, encoding="utf-8")


@pytest.mark.bench
def test_everything_takes_at_most_three_times_as_long_as_travel_times_alone(
    regions: Path, tmp_path: Path, figure: Say
) -> None:
    """Fresh processes take turns, kernels compiled and nothing else kept; of each side the quickest counts.

    Travel times are those of the comparison with pyrosm and pandana: the extract to all 100 m cells and 3 services. The
    run reads buildings, districts and places as well, and writes every file; two runs write the same bytes.
    """
    data = regions / "las_palmas"
    whole, bare = tmp_path / "whole", tmp_path / "bare"
    whole.mkdir(), bare.mkdir()
    write_region(data, whole)
    pbf = data / "las_palmas_2023.osm.pbf"
    cells = write_cells(pbf, bare)
    words = ["-m", "circle", "run", whole, "--force", "--quiet", "--no-cache"]
    outs = [tmp_path / "out", tmp_path / "again"]
    job = [HERE / "circle_side.py", pbf, cells, bare / "out.npz"]
    measured([*words, "--out", outs[0]]), measured(job)
    turns = [(measured([*words, "--out", outs[1]]), measured(job)) for _ in range(RUNS)]
    ours, alone = (min(turn.seconds for turn in side) for side in zip(*turns, strict=True))
    peak = max(turn.peak_bytes for turn, _ in turns) / 1e6
    assert {path.name for path in outs[0].iterdir()} == FILES
    for name in FILES - {"provenance.json"}:
        assert (outs[0] / name).read_bytes() == (outs[1] / name).read_bytes()
    figure(row=11, work="a whole circle run of Las Palmas, every file and the map, fresh process", peer="row 1's own job", ours_s=ours, peer_s=alone, at_most=3)  # fmt: skip
    figure(row=11, work="the same: peak memory", value=peak, unit="MB")
