"""The relief under a map on paper: the light of the web map's, in the map's own degrees."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes

from circle.export.relief import ALTITUDE, faded, heights_at, hillshade, pixel_grid
from circle.model import Analysis
from circle.report.paths import Window

_PIXELS = 700
"""Of the longer side: 4 to a millimetre of paper."""
_DARKEST, _LIGHTEST = 0.36, 0.30
_SHADE, _LIGHT = (60 / 255, 50 / 255, 40 / 255), (1.0, 1.0, 1.0)
_STEPS = 14
"""Of dark and of light: finer ones nobody sees, and they do not pack."""


def hills(axes: Axes, view: Window, analysis: Analysis) -> bool:
    """Draw the relief where heights are known; whether there are any."""
    elevation = analysis.region.elevation
    if elevation is None:
        return False
    lon, lat = pixel_grid(elevation, view.box, _PIXELS)
    west, south, east, north = view.box
    lat = north - (np.arange(len(lat)) + 0.5) * (north - south) / len(lat)  # rows as the axes have them
    heights = heights_at(elevation, lon, lat)
    if not np.isfinite(heights).any():
        return False
    light, level = faded(hillshade(heights, lon, lat)), math.sin(ALTITUDE)
    dark, bright = np.clip((level - light) / level, 0, 1), np.clip((light - level) / (1 - level), 0, 1)
    picture = np.zeros((*light.shape, 4))
    picture[..., :3] = np.where((light < level)[..., None], _SHADE, _LIGHT)
    opacity = np.where(light < level, _DARKEST * dark, _LIGHTEST * bright)
    picture[..., 3] = np.nan_to_num(np.rint(opacity * _STEPS / _DARKEST) * _DARKEST / _STEPS)
    axes.imshow(picture, extent=(west, east, south, north), origin="upper", interpolation="bilinear", aspect="auto",
                zorder=0.5)  # fmt: skip
    axes.set_aspect(view.stretch)
    return True
