"""What the README says of installing, done in new environments from a clean clone."""

from __future__ import annotations

import pytest

from tests.readme.conftest import line_with, new_environment

pytestmark = pytest.mark.slow


def test_the_main_job_runs_from_a_clean_clone(clone, tmp_path):
    """The README's first command as it stands."""
    user = new_environment(tmp_path / "user", clone)
    printed = user.run(line_with("circle run sample_regions/qingxi"))
    assert "Map: out/qingxi/gap_map.html" in printed
    assert (clone / "out" / "qingxi" / "gap_map.html").stat().st_size > 100_000


def test_everything_installs_from_a_folder_of_wheels_without_internet(clone, wheels, tmp_path):
    """No index, and a proxy at which nothing answers: whatever is not in the folder cannot be had. Nor is a compiler."""
    cut_off = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null", "PIP_FIND_LINKS": "", "PIP_EXTRA_INDEX_URL": ""}
    cut_off |= dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
    cut_off |= dict.fromkeys(("CC", "CXX", "FC"), "false")
    intranet = new_environment(tmp_path / "intranet", clone)
    install = line_with("pip install --no-index --find-links").replace("wheels", f"'{wheels}'")
    intranet.run(install, **cut_off)
    assert intranet.run("circle --version", **cut_off).startswith("circle 0.")
    printed = intranet.run(f"circle run sample_regions/qingxi -q --out '{tmp_path / 'out'}'", **cut_off)
    assert "people live within 15 min" in printed
    assert (tmp_path / "out" / "gap_map.html").is_file()
