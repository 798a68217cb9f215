"""Zones of CGCS2000 by their numbers, exchanged axes, old datums; the oracle is PROJ."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from circle.load.datums import frame_to_wgs84, named_crs, plausible, to_wgs84
from circle.load.zones import metric_candidates, zone, zone_of_easting, zones_at
from tests.load_inputs.conftest import code_of, codes

pytestmark = pytest.mark.slow

LON, LAT = 118.9, 28.95
NUMBERS = [*range(13, 24), *range(25, 46)]


def in_system(crs: str, lon: float = LON, lat: float = LAT) -> tuple[float, float]:
    x, y = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon, lat)
    return float(x), float(y)


@pytest.mark.parametrize("number", NUMBERS)
def test_every_zone_has_the_codes_that_proj_knows_by_its_name(number: int) -> None:
    found = zone(number)
    assert found is not None
    width = "3-degree Gauss-Kruger" if number >= 25 else "Gauss-Kruger"
    assert pyproj.CRS(found.crs).name == f"CGCS2000 / {width} zone {number}"
    assert pyproj.CRS(found.plain_crs).name == f"CGCS2000 / {width} CM {found.meridian}E"
    assert [pyproj.CRS(code).name for code in found.others] == [
        f"Xian 1980 / {width} zone {number}",
        f"Beijing 1954 / {width} zone {number}",
    ]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("off", [-1.4, 0.0, 1.4])
def test_a_zone_is_told_by_its_eastings(number: int, off: float) -> None:
    """Everywhere in the zone, and to the metre at both ends of China."""
    found = zone(number)
    assert found is not None
    for lat in (18.0, 53.0):
        x, y = in_system(found.crs, found.meridian + off, lat)
        assert zone_of_easting(x) == found
        lon_back, lat_back = to_wgs84([x], [y], found.crs)
        assert (lon_back[0], lat_back[0]) == pytest.approx((found.meridian + off, lat), abs=1e-8)


def test_no_other_number_names_a_zone() -> None:
    assert [zone_of_easting(x) for x in (512_345.0, 24_500_000.0, 46_500_000.0, 40_950_000.0, -1.0, np.nan)] == [
        None
    ] * 6
    assert list(zones_at(-15.4)) == []


@pytest.mark.parametrize("lon", np.arange(73.6, 135.0, 0.7))
def test_a_place_lies_in_the_zones_found_for_it(lon: float) -> None:
    assert all(abs(lon - found.meridian) <= found.degrees / 2 + 1e-9 for found in zones_at(lon))


def frame_at(x: float, y: float, crs: object = None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=shapely.points([[x, y], [x + 10, y + 10], [x - 10, y]]), crs=crs)


@pytest.mark.parametrize(
    ("written_in", "read_as", "code"),
    [
        ("EPSG:4528", "EPSG:4549", "crs.zone_written"),
        ("EPSG:4528", "EPSG:4527", "crs.zone_written"),
        ("EPSG:4528", "EPSG:4326", "crs.zone_written"),
        ("EPSG:4498", "EPSG:4509", "crs.zone_written"),
        ("EPSG:4549", "EPSG:4528", "crs.zone_not_written"),
        ("EPSG:4549", "EPSG:4326", "crs.metres_in_degrees"),
    ],
)
def test_a_zone_number_that_contradicts_the_system_is_refused(written_in, read_as, code, at, findings) -> None:
    assert frame_to_wgs84(frame_at(*in_system(written_in), read_as), None, at) is None
    assert codes(findings) == [code]
    if code == "crs.zone_written":
        assert findings.problems[0].fields["right"] == written_in
    if code == "crs.zone_not_written":
        assert findings.problems[0].fields["right"] == written_in


@pytest.mark.parametrize("crs", ["EPSG:4528", "EPSG:4549", "EPSG:4498", "EPSG:4509", "EPSG:32650", "EPSG:2364"])
def test_what_is_right_is_accepted_and_its_axes_exchanged_are_not(crs, at, findings) -> None:
    x, y = in_system(crs)
    assert plausible(np.array([x]), np.array([y]), crs, at)
    assert [code for code in codes(findings) if code != "crs.old_datum"] == []
    assert not plausible(np.array([y]), np.array([x]), crs, at)
    assert codes(findings)[-1] == "crs.axes_exchanged"


def test_axes_exchanged_are_told_of_a_system_without_an_area_of_use(at, findings) -> None:
    """As a .prj has it: the parameters, no code."""
    wkt = pyproj.CRS("EPSG:4549").to_wkt("WKT1_ESRI")
    x, y = in_system("EPSG:4549")
    assert frame_to_wgs84(frame_at(y, x, wkt), None, at) is None
    assert codes(findings) == ["crs.axes_exchanged"]


def test_outside_china_the_axes_are_told_by_the_area_of_use(at, findings) -> None:
    """Las Palmas in UTM 28 N: northing 3,111,000, easting 457,000."""
    x, y = in_system("EPSG:32628", -15.43, 28.12)
    assert plausible(np.array([x]), np.array([y]), "EPSG:32628", at)
    assert not plausible(np.array([y]), np.array([x]), "EPSG:32628", at)
    assert codes(findings) == ["crs.axes_exchanged"]


@pytest.mark.parametrize(
    ("crs", "exchanged", "code"),
    [
        ("EPSG:4528", False, "crs.unnamed_zone"),
        ("EPSG:4498", False, "crs.unnamed_zone"),
        ("EPSG:4528", True, "crs.unnamed_exchanged"),
        ("EPSG:4549", True, "crs.unnamed_exchanged"),
        ("EPSG:4549", False, "crs.unnamed_metres"),
        ("EPSG:4326", False, "crs.missing"),
    ],
)
def test_a_shapefile_without_prj_is_told_what_its_numbers_say_and_is_not_used(
    crs: str, exchanged: bool, code: str, at, findings, tmp_path: Path
) -> None:
    from circle.load.vector import read_vector

    x, y = in_system(crs)
    path = tmp_path / "村卫生室.shp"
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        frame_at(*((y, x) if exchanged else (x, y))).to_file(path, engine="pyogrio")
    assert not path.with_suffix(".prj").exists()
    assert read_vector(path, at) is None
    assert [code_of(p) for p in findings.problems if p.severity.value == "error"] == [code]
    if code == "crs.unnamed_zone":
        assert findings.errors[0].fields["right"] == crs
        declared = read_vector(path, at, crs=crs)
        assert declared is not None
        assert declared.geometry.x.iloc[0] == pytest.approx(LON, abs=1e-8)
        assert declared.geometry.y.iloc[0] == pytest.approx(LAT, abs=1e-8)


@pytest.mark.parametrize("crs", ["EPSG:4214", "EPSG:4610", "EPSG:2364", "EPSG:2416", "西安80", "北京 54"])
def test_old_datums_are_noticed(crs: str, at, findings) -> None:
    system = named_crs(crs, at)
    assert system is not None
    x, y = in_system(system)
    assert plausible(np.array([x]), np.array([y]), system, at)
    assert codes(findings) == ["crs.old_datum"]


def test_an_old_datum_in_the_words_of_a_prj_is_noticed(at, findings) -> None:
    wkt = pyproj.CRS("EPSG:2416").to_wkt("WKT1_ESRI")
    assert "GCS_Beijing_1954" in wkt
    assert frame_to_wgs84(frame_at(*in_system("EPSG:2416"), wkt), None, at) is not None
    assert codes(findings) == ["crs.old_datum"]


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4480", "国家2000", "CGCS2000", "2000国家大地坐标系"])
def test_cgcs2000_degrees_are_taken_for_wgs84(crs: str, at, findings) -> None:
    system = named_crs(crs, at)
    assert system is not None
    lon, lat = to_wgs84([LON], [LAT], system)
    assert (lon[0], lat[0]) == pytest.approx((LON, LAT), abs=1e-9)
    frame = frame_to_wgs84(frame_at(LON, LAT).iloc[:1], crs, at)
    assert frame is not None
    assert (frame.geometry.x[0], frame.geometry.y[0]) == pytest.approx((LON, LAT), abs=1e-9)
    assert codes(findings) == []


def test_candidates_hold_the_truth_wherever_in_china() -> None:
    for lon in np.arange(75.0, 134.0, 1.3):
        for found in zones_at(lon):
            for crs in (found.crs, found.plain_crs):
                assert crs in metric_candidates(in_system(crs, lon, 30.0)[0], lon, 30.0)
