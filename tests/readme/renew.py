"""Renew what the README shows of a run: ``python -m tests.readme.renew`` rewrites the output block and the picture.

The answer changes when the bundled region or a definition does; then this is run, and the difference is read.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent.parent
README = ROOT / "README.md"
PICTURE = ROOT / "notebooks" / "images" / "gap_map.png"
BLOCK = re.compile(r"(?<=^```text\n)In .*?(?=^```$)", re.MULTILINE | re.DOTALL)
"""The block of the README that holds what a run prints."""


def main_job(out: Path) -> str:
    """Standard output of the main job on the bundled region, in English."""
    words = [sys.executable, "-m", "circle", "run", "sample_regions/qingxi", "--out", str(out)]
    surroundings = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        words, cwd=ROOT, env=surroundings, check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ).stdout


def shown(output: str) -> list[str]:
    """The lines of a run's output as the README shows them."""
    return [line.rstrip() for line in output.splitlines()]


def write_picture(page_file: Path) -> None:
    """A picture of the gap map around the county seat."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 680})
        page.goto(page_file.as_uri())
        page.wait_for_selector('[data-ready="true"]')
        page.mouse.move(440, 420)
        page.mouse.wheel(0, -150)  # one step nearer to the county seat
        page.wait_for_timeout(3000)
        page.screenshot(path=PICTURE)
        browser.close()
    with Image.open(PICTURE) as picture:  # a palette is enough for it, and a third of the bytes
        picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(PICTURE, optimize=True)


def renew() -> None:
    """Run the main job and put its output and its map into the README."""
    with tempfile.TemporaryDirectory() as folder:
        main_job(Path(folder) / "first")  # compiles; what is shown is a run like all later ones
        out = Path(folder) / "out" / "qingxi"
        printed = "\n".join(shown(main_job(out).replace(folder + "/", "")))
        write_picture(out / "gap_map.html")
    text, count = BLOCK.subn(lambda _: printed + "\n", README.read_text(encoding="utf-8"))
    assert count == 1, "the README has no block of output"
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    renew()
