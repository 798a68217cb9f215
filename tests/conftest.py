"""Fixtures that every test may use."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# the same examples in every run; compiling kernels may take longer than any deadline
settings.register_profile("circle", deadline=None, derandomize=True, print_blob=False)
settings.load_profile("circle")

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bench", action="store_true", help="run the benchmarks of tests/bench beside their peers")
    parser.addoption("--report", action="store_true", help="the same, and write the figures into the README")
    parser.addoption("--report-into", default=str(ROOT / "README.md"), help="another file with the README's markers")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Whoever reports measures, one benchmark at a time."""
    if config.getoption("--report"):
        config.option.bench, config.option.numprocesses = True, 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--bench"):
        return
    reason = pytest.mark.skip(reason="a benchmark: asked for with --bench")
    for item in items:
        if item.get_closest_marker("bench"):
            item.add_marker(reason)


@pytest.fixture(scope="session")
def regions() -> Path:
    """The folder of real regions: $CIRCLE_REGIONS, or ``shared/regions`` beside the checkout."""
    folder = Path(os.environ.get("CIRCLE_REGIONS", ROOT.parent / "shared" / "regions"))
    if not folder.is_dir():
        pytest.skip(f"the real regions are not here: {folder} (set CIRCLE_REGIONS)")
    return folder


@pytest.fixture(scope="session")
def sample_regions() -> Path:
    """The bundled regions."""
    return ROOT / "sample_regions"


@pytest.fixture(scope="session", autouse=True)
def _cache_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing is taken from, or left in, the cache of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CIRCLE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's own Chromium, that fetches nothing by itself."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "these tests need Debian's chromium"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield started
        started.close()
