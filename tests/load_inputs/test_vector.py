"""Map layers: encodings, layers, systems, broken files and broken shapes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from circle.load.vector import read_vector, repair_polygons
from tests.load_inputs.conftest import codes

BOWTIE = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


def layer(crs=4326, names=("中心小学", "二小")):
    return gpd.GeoDataFrame({"名称": list(names)}, geometry=gpd.points_from_xy([118.9, 118.8], [28.9, 28.8]), crs=crs)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("declared", [True, False])
def test_chinese_names_survive_a_shapefile_with_or_without_its_cpg(tmp_path, at, encoding, declared):
    path = tmp_path / "学校.shp"
    pyogrio.write_dataframe(layer(), path, encoding=encoding)
    if not declared:
        path.with_suffix(".cpg").unlink()
    frame = read_vector(path, at)
    assert frame is not None
    assert frame["名称"].tolist() == ["中心小学", "二小"]
    assert list(frame.index) == [1, 2]


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.parquet", "a.fgb"])
def test_every_usual_format_gives_degrees(tmp_path, at, name):
    projected = layer().to_crs(4549) if name != "a.geojson" else layer()
    if name.endswith(".parquet"):
        projected.to_parquet(tmp_path / name)
    else:
        projected.to_file(tmp_path / name)
    frame = read_vector(tmp_path / name, at)
    assert frame is not None
    assert frame.crs == "EPSG:4326"
    assert np.allclose(np.sort(frame.geometry.x), [118.8, 118.9], atol=1e-9)


def test_one_of_several_layers_is_read_and_the_others_named(tmp_path, at, findings):
    path = tmp_path / "a.gpkg"
    layer().to_file(path, layer="schools")
    layer(names=("甲", "乙")).to_file(path, layer="clinics")
    first = read_vector(path, at)
    named = read_vector(path, at, layer="clinics")
    assert first is not None
    assert named is not None
    assert sorted(named["名称"]) == ["乙", "甲"]
    assert read_vector(path, at, layer="parks") is None
    assert codes(findings) == ["vector.layers_several", "vector.layer_missing"]


def test_layers_that_cannot_be_used_have_their_own_sentences(tmp_path, at, findings):
    (tmp_path / "cut.geojson").write_text('{"type":"FeatureCollection","features":[')
    (tmp_path / "empty.geojson").write_text('{"type":"FeatureCollection","features":[]}')
    (tmp_path / "cut.gpkg").write_bytes(b"SQLite format 3\0 half a database")
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 half")
    layer().to_file(tmp_path / "nowhere.shp", encoding="utf-8")
    (tmp_path / "nowhere.prj").unlink()
    layer().drop(columns="geometry").to_csv(tmp_path / "list.dbf.csv")
    names = ["cut.geojson", "empty.geojson", "cut.gpkg", "cut.parquet", "nowhere.shp", "list.dbf.csv", "gone.gpkg"]
    assert [read_vector(tmp_path / name, at) for name in names] == [None] * 7
    assert codes(findings) == [
        "vector.unreadable",
        "vector.empty",
        "vector.unreadable",
        "vector.unreadable",
        "crs.missing",
        "vector.no_map_layer",
        "file.missing",
    ]


def test_features_without_geometry_are_counted_and_left_out_unless_they_are_people(tmp_path, at, findings):
    frame = layer()
    frame.loc[1, "geometry"] = None
    frame.to_file(tmp_path / "a.gpkg")
    found = read_vector(tmp_path / "a.gpkg", at)
    kept = read_vector(tmp_path / "a.gpkg", at, keep_unplaced=True)
    assert found is not None
    assert kept is not None
    assert (len(found), len(kept)) == (1, 2)
    assert codes(findings) == ["vector.no_geometry"]


def test_invalid_polygons_are_repaired_and_told(at, findings):
    """A bow tie of the unit square encloses its left and right quarter: area 1/2."""
    frame = gpd.GeoDataFrame(geometry=[BOWTIE, shapely.box(2, 0, 3, 1)], index=[1, 2], crs=4326)
    mended = repair_polygons(frame, at)
    assert mended.geometry.is_valid.all()
    assert mended.geometry[1].area == pytest.approx(0.5)
    assert mended.geometry[2].equals(frame.geometry[2])
    assert codes(findings) == ["vector.repaired"]
    assert findings.problems[0].fields["rows"] == "1"
