"""Relief for the map's background: hills shaded by light from the north-west, as a small picture in Web Mercator.

The picture is clear where the ground is level or unknown; slopes away from the light are darkened, others lightened.
Towards its rim it fades to nothing: heights end where somebody cut them, and a line there would be taken for a border.
"""

from __future__ import annotations

import base64
import io
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj

from circle.kernels.heights import grid_position, sample_bilinear
from circle.kernels.projection import to_crs
from circle.model import Analysis, Elevation, Floats

Box = tuple[float, float, float, float]

AZIMUTH, ALTITUDE = math.radians(315.0), math.radians(45.0)
"""Whence the light comes: the reader expects it from the upper left, else hills are seen as valleys."""
Z_FACTOR = 1.5
"""Heights are exaggerated by this, for at the scale of a county most slopes are slight."""
LARGEST_PX, SMALLEST_PX = 900, 200
MOST_BYTES = 300_000
"""Of the picture; in base64 a third more."""
LEVELS = 14
"""Steps of light and of dark: finer ones nobody sees, and they do not pack."""
DARKEST, LIGHTEST = 120, 110
"""Opacity out of 255 where the shade is deepest, and where the light falls straight on."""
KNOT_PX = 12
FADED = 0.08
"""Part of the picture's shorter side over which it fades, on all four sides."""
WGS84_AXIS_M, WGS84_E2 = 6_378_137.0, 0.0066943799901413165


def relief(analysis: Analysis, box: Box) -> dict[str, Any] | None:
    """The picture and where it lies; None without heights within `box` (west, south, east, north)."""
    elevation = analysis.region.elevation
    if elevation is None:
        return None
    largest = LARGEST_PX
    while True:
        lon, lat = pixel_grid(elevation, box, largest)
        heights = heights_at(elevation, lon, lat)
        if not np.isfinite(heights).any():
            return None
        picture = _png(_levels(faded(hillshade(heights, lon, lat))))
        if len(picture) <= MOST_BYTES or largest <= SMALLEST_PX:
            break
        largest = max(SMALLEST_PX, int(largest * 0.98 * math.sqrt(MOST_BYTES / len(picture))))
    west, south, east, north = _edges(lon, lat)
    image = "data:image/png;base64," + base64.b64encode(picture).decode("ascii")
    return {"image": image, "bounds": [[south, west], [north, east]], "z": Z_FACTOR}


def pixel_grid(elevation: Elevation, box: Box, largest: int) -> tuple[Floats, Floats]:
    """Longitudes of the columns and latitudes of the rows (from north) of a picture that fills `box`.

    Columns and rows are equally far apart in Web Mercator, as the page draws it, and pixels there are square; they are
    no finer than the heights, and the longer side is of `largest` pixels at most.
    """
    west, south, east, north = box
    top, bottom = _mercator(north), _mercator(south)
    wide, high = math.radians(east - west), top - bottom
    pixel = max(max(wide, high) / largest, math.radians(_step_degrees(elevation, box)))
    columns, rows = max(2, round(wide / pixel)), max(2, round(high / pixel))
    lon = west + (np.arange(columns) + 0.5) * (east - west) / columns
    mercator = top - (np.arange(rows) + 0.5) * high / rows
    return lon, np.degrees(np.arctan(np.sinh(mercator)))


def heights_at(elevation: Elevation, lon: Floats, lat: Floats) -> Floats:
    """(rows, columns) metres at each pair of latitude and longitude; NaN unknown.

    Where pixels are coarser than the heights, the mean of those in about a pixel is taken, so that no single peak or
    pit stands for its surroundings.
    """
    west, south, east, north = _edges(lon, lat)
    step = _step_degrees(elevation, (west, south, east, north))
    coarse = _averaged(elevation, max(1, int((east - west) / len(lon) / step + 1e-6)))
    a, b, c, d, _, _ = coarse.transform
    if _is_wgs84(coarse.crs) and b == 0.0 and d == 0.0:
        turned = c + (lon - c) % 360.0 if a > 0 else lon  # beyond 180 degrees the map goes on
        column, _ = grid_position(coarse.transform, turned, np.full(len(lon), lat[0]))
        _, row = grid_position(coarse.transform, np.full(len(lat), lon[0]), lat)
        return _between(coarse.height_m, column, row)
    x, y = (values.ravel() for values in _in_crs(coarse.crs, lon, lat))
    known = np.isfinite(x) & np.isfinite(y)
    found = np.full(len(x), np.nan)
    found[known] = sample_bilinear(coarse.height_m, coarse.transform, x[known], y[known])
    return found.reshape(len(lat), len(lon))


def hillshade(heights: Floats, lon: Floats, lat: Floats, *, z_factor: float = Z_FACTOR) -> Floats:
    """Light by Lambert's law, slopes by Horn (1981): 1 where it falls straight on, 0 in the shade, NaN unknown.

    Parameters
    ----------
    heights
        (rows, columns) metres, from north and west.
    lon, lat
        Degrees of columns and rows; metres between them are those of the ellipsoid at each row.
    z_factor
        Heights are multiplied by this.
    """
    phi = np.radians(lat)
    bent = 1.0 - WGS84_E2 * np.sin(phi) ** 2
    east_m = WGS84_AXIS_M / np.sqrt(bent) * np.cos(phi) * math.radians((lon[-1] - lon[0]) / (len(lon) - 1))
    north_m = WGS84_AXIS_M * (1.0 - WGS84_E2) / bent**1.5 * -np.gradient(phi)
    ground = np.pad(heights, 1, mode="reflect", reflect_type="odd")  # a slope goes on beyond the rim

    def of(row: int, column: int) -> Floats:
        own = ground[row : row + len(lat), column : column + len(lon)]
        return np.where(np.isnan(own), heights, own)  # unknown ground lies as high as what it borders

    rise_east = of(0, 2) + 2 * of(1, 2) + of(2, 2) - of(0, 0) - 2 * of(1, 0) - of(2, 0)
    rise_north = of(0, 0) + 2 * of(0, 1) + of(0, 2) - of(2, 0) - 2 * of(2, 1) - of(2, 2)
    p, q = z_factor * rise_east / (8 * east_m[:, None]), z_factor * rise_north / (8 * north_m[:, None])
    flat, up = math.cos(ALTITUDE), math.sin(ALTITUDE)
    light = (up - flat * (math.sin(AZIMUTH) * p + math.cos(AZIMUTH) * q)) / np.sqrt(1.0 + p * p + q * q)
    return np.asarray(np.maximum(light, 0.0))


def faded(light: Floats) -> Floats:
    """The same in the middle, and that of level ground at the rim of the rectangle within which light is known."""
    known = ~np.isnan(light)
    sides = [np.flatnonzero(known.any(axis=axis)) for axis in (1, 0)]
    over = max(1.0, FADED * min(side[-1] - side[0] + 1 for side in sides))
    ways = []
    for side, size in zip(sides, light.shape, strict=True):
        at = np.arange(size)
        within = np.clip((np.minimum(at - side[0], side[-1] - at) + 0.5) / over, 0.0, 1.0)
        ways.append(within**2 * (3.0 - 2.0 * within))  # smooth at both ends, or the eye sees where it begins
    level = math.sin(ALTITUDE)
    return np.asarray(level + (light - level) * ways[0][:, None] * ways[1])


def _levels(light: Floats) -> npt.NDArray[np.uint8]:
    """0 clear, 1 to `LEVELS` ever darker, and as many again ever lighter than level ground."""
    level = math.sin(ALTITUDE)
    dark, bright = (level - light) / level, (light - level) / (1.0 - level)
    lighter = np.rint(bright * LEVELS)
    steps = np.where(light < level, np.rint(dark * LEVELS), np.where(lighter > 0, LEVELS + lighter, 0))
    return np.where(np.isnan(light), 0, steps).astype(np.uint8)


def _png(levels: npt.NDArray[np.uint8]) -> bytes:
    from PIL import Image

    opacity = [0] + [round(DARKEST * k / LEVELS) for k in range(1, LEVELS + 1)]
    opacity += [round(LIGHTEST * k / LEVELS) for k in range(1, LEVELS + 1)]
    image = Image.fromarray(levels)
    image.putpalette([60, 50, 40] * (LEVELS + 1) + [255] * (3 * LEVELS))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", transparency=bytes(opacity), compress_level=6)
    return buffer.getvalue()


def _in_crs(crs: str, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """(rows, columns) coordinates of all pixels: projected at every twelfth, straight between (centimetres off)."""
    columns, rows = (np.linspace(0, size - 1, 2 + (size - 1) // KNOT_PX) for size in (len(lon), len(lat)))
    knot_lon, knot_lat = np.interp(columns, np.arange(len(lon)), lon), np.interp(rows, np.arange(len(lat)), lat)
    east, north = np.meshgrid(knot_lon, knot_lat)
    knots = to_crs("EPSG:4326", crs, east.ravel(), north.ravel())
    # by longitude and latitude themselves, for rows are not equally far apart in degrees
    along = [np.array([np.interp(lon, knot_lon, own) for own in axis.reshape(east.shape)]) for axis in knots]
    down = [np.array([np.interp(-lat, -knot_lat, own) for own in axis.T]).T for axis in along]
    return down[0], down[1]


def _between(height_m: npt.NDArray[np.float32], column: Floats, row: Floats) -> Floats:
    """Heights at columns and rows of a grid, between the four around; NaN outside and beside an unknown one."""
    rows, columns = height_m.shape
    parts = []
    for at, count in ((row, rows), (column, columns)):
        low = np.clip(np.floor(at - 0.5), 0, max(count - 2, 0)).astype(np.int64)
        share = np.clip(at - 0.5 - low, 0.0, 1.0)
        parts.append((low, np.minimum(low + 1, count - 1), np.where((at >= 0) & (at <= count), share, np.nan)))
    (top, below, down), (left, right, across) = parts
    upper, lower = height_m[top], height_m[below]
    along = upper + (lower - upper) * down[:, None]
    return np.asarray(along[:, left] + (along[:, right] - along[:, left]) * across, dtype=np.float64)


def _averaged(elevation: Elevation, times: int) -> Elevation:
    """The same with `times` by `times` cells taken together; what is known of them counts."""
    if times < 2:
        return elevation
    rows, columns = (-(-size // times) for size in elevation.height_m.shape)
    lacking = [(0, n * times - size) for n, size in zip((rows, columns), elevation.height_m.shape, strict=True)]
    cells = np.pad(elevation.height_m, lacking, constant_values=np.nan).reshape(rows, times, columns, times)
    known = ~np.isnan(cells)
    with np.errstate(invalid="ignore"):
        mean = np.where(known, cells, 0.0).sum(axis=(1, 3)) / known.sum(axis=(1, 3))
    a, b, c, d, e, f = elevation.transform
    return Elevation(mean.astype(np.float32), (a * times, b * times, c, d * times, e * times, f), elevation.crs)


def _step_degrees(elevation: Elevation, box: Box) -> float:
    """How far apart the heights are, in degrees of longitude at the middle of `box`."""
    a, b, _, d, e, _ = elevation.transform
    step = min(math.hypot(a, d), math.hypot(b, e))
    if _is_wgs84(elevation.crs):
        return step
    lon, lat = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    x, y = to_crs("EPSG:4326", elevation.crs, np.array([lon, lon + 0.01]), np.array([lat, lat]))
    return step * 0.01 / max(math.hypot(x[1] - x[0], y[1] - y[0]), 1e-12)


def _is_wgs84(crs: str) -> bool:
    return bool(pyproj.CRS.from_user_input(crs).equals(pyproj.CRS.from_epsg(4326), ignore_axis_order=True))


def _edges(lon: Floats, lat: Floats) -> Box:
    """Of a picture, from the middles of its pixels."""
    half = (lon[-1] - lon[0]) / (len(lon) - 1) / 2
    first, last = _mercator(float(lat[0])), _mercator(float(lat[-1]))
    step = (first - last) / (len(lat) - 1) / 2
    south, north = (math.degrees(math.atan(math.sinh(y))) for y in (last - step, first + step))
    return round(float(lon[0] - half), 7), round(south, 7), round(float(lon[-1] + half), 7), round(north, 7)


def _mercator(lat: float) -> float:
    return math.asinh(math.tan(math.radians(lat)))
