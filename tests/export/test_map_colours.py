"""The map's colours told apart by every kind of sight, and on paper by whatever a printer has.

Sight without one kind of cone is simulated by the matrices of Machado, Oliveira and Fernandes (2009), "A physiologically-based
model for simulation of color vision deficiency", severity 1.0, on linear light; differences are those of CIEDE2000
(Sharma, Wu and Dalal 2005), whose published pairs are the oracle of the formula here.
"""

from __future__ import annotations

import math
import re
from importlib.resources import files
from itertools import combinations, pairwise

import numpy as np
import pytest

MACHADO = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
BACKGROUND = "#f7f6f2"
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def lab_of(colour: str, sight: str) -> np.ndarray:
    """A colour as it is seen, in CIE L*a*b* under D65."""
    code = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(MACHADO[sight] @ light, 0, 1) / (TO_XYZ @ np.ones(3))
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(one: np.ndarray, other: np.ndarray) -> float:
    """The difference of two colours; one is what a practised eye just sees side by side."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean7 = ((math.hypot(a1, b1) + math.hypot(a2, b2)) / 2) ** 7
    grey = 0.5 * (1 - math.sqrt(mean7 / (mean7 + 25**7)))
    a1, a2 = a1 * (1 + grey), a2 * (1 + grey)
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = math.degrees(math.atan2(b1, a1)) % 360, math.degrees(math.atan2(b2, a2)) % 360
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    if c1 * c2 == 0:
        hue = h1 + h2
    else:
        hue = (h1 + h2) / 2 if abs(h1 - h2) <= 180 else (h1 + h2 + 360) / 2 if h1 + h2 < 360 else (h1 + h2 - 360) / 2
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    t = 1 - 0.17 * _cos(hue - 30) + 0.24 * _cos(2 * hue) + 0.32 * _cos(3 * hue + 6) - 0.20 * _cos(4 * hue - 63)
    of_light = 1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2)
    of_chroma, of_hue = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    swing = 30 * math.exp(-(((hue - 275) / 25) ** 2))
    turned = -math.sin(math.radians(2 * swing)) * 2 * math.sqrt(chroma**7 / (chroma**7 + 25**7))
    dl, dc, dh = (
        (l2 - l1) / of_light,
        (c2 - c1) / of_chroma,
        2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2)) / of_hue,
    )
    return math.sqrt(dl**2 + dc**2 + dh**2 + turned * dc * dh)


def _cos(degrees: float) -> float:
    return math.cos(math.radians(degrees))


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1.0, 2.0), (50, 0, 0), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_difference_is_the_published_one(one, other, difference) -> None:
    assert ciede2000(np.array(one), np.array(other)) == pytest.approx(difference, abs=5e-5)


def test_each_matrix_leaves_grey_as_it_is() -> None:
    for matrix in MACHADO.values():
        assert matrix.sum(axis=1) == pytest.approx(1, abs=1e-5)


def palettes() -> dict[str, list[str]]:
    """In the order of their classes, as the page's own scripts have them."""
    own = files("circle.export")
    cells, layers = ((own / name).read_text(encoding="utf-8") for name in ("map_cells.js", "map_layers.js"))
    found = {
        name: re.findall("#[0-9a-f]{6}", re.search(rf"{name}: {{([^}}]*)}}", cells)[1]) for name in ("screen", "paper")
    }
    found["classes"] = re.findall("#[0-9a-f]{6}", re.search(r"classes: \[([^\]]*)\]", layers)[1])
    assert [len(colours) for colours in found.values()] == [4, 4, 5]
    seen_through = float(re.search(r'"circle-shading"\).style.opacity = ([\d.]+)', layers)[1])
    solid = int(re.search(r"\(\((\d+) << 24\)", cells)[1]) / 255
    return {
        name: [over(one, seen_through if name == "classes" else solid) for one in own] for name, own in found.items()
    }


def over(colour: str, opacity: float) -> str:
    """What is seen where the background shines through."""
    parts = [(int(colour[i : i + 2], 16), int(BACKGROUND[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(opacity * own + (1 - opacity) * behind):02x}" for own, behind in parts)


def closest(colours: list[str], sight: str, pairs) -> tuple[float, str, str]:
    return min((ciede2000(lab_of(a, sight), lab_of(b, sight)), a, b) for a, b in pairs)


@pytest.mark.parametrize("sight", MACHADO)
@pytest.mark.parametrize("name", ["screen", "paper", "classes"])
def test_classes_are_told_apart(name: str, sight: str) -> None:
    """Any two, not only neighbours; of the five shades of districts, which are large areas side by side, neighbours."""
    colours = palettes()[name]
    pairs = list(pairwise(colours)) if name == "classes" else list(combinations(colours, 2))
    assert closest(colours, sight, pairs)[0] >= (7 if name == "classes" else 10)


@pytest.mark.parametrize("sight", MACHADO)
def test_places_are_told_from_the_paper(sight: str) -> None:
    for name in ("screen", "paper"):
        colours = palettes()[name]
        assert closest(colours, sight, [(colour, BACKGROUND) for colour in colours])[0] >= 6


def test_the_older_kind_of_palette_fails() -> None:
    """A traffic light, whose red and green are one to every twelfth man."""
    light = ["#d73027", "#fee08b", "#1a9850"]
    assert (
        closest(light, "deuteranopia", combinations(light, 2))[0]
        < 10
        < closest(light, "normal", combinations(light, 2))[0]
    )
