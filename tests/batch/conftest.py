"""A small province that the tests of this folder share; whoever changes it takes a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from circle.sample import write_sample_province


@pytest.fixture(scope="session")
def sixteen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of sixteen counties of a thousand junctions each, some eight kilometres wide."""
    return write_sample_province(tmp_path_factory.mktemp("province") / "省 16", 16, junctions=1_000, seed=3).parent
