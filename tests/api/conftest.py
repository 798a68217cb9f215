"""The bundled county, read and answered once."""

from __future__ import annotations

from pathlib import Path

import pytest

import circle


@pytest.fixture(scope="session")
def region(sample_regions: Path) -> circle.Region:
    return circle.load_region(sample_regions / "qingxi")


@pytest.fixture(scope="session")
def result(region: circle.Region) -> circle.Result:
    return circle.analyze(region)
