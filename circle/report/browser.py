"""``report.pdf``: the page, printed by a browser that is installed anyway."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from circle.errors import Problem, ResourceError, Severity

COMMANDS = (
    "chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "microsoft-edge-stable",
    "microsoft-edge", "msedge",
)  # fmt: skip
ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
    "C:/Program Files/Microsoft/Edge/Application/msedge.exe",
)
SECONDS = 300
_DATES = re.compile(rb"/(CreationDate|ModDate) ?\(D:\d{14}[^)]*\)")


def find_browser() -> str:
    """The Chromium, Chrome or Edge that prints.

    Raises
    ------
    ResourceError
        If there is none, with what can be done instead.
    """
    found = next((path for name in COMMANDS if (path := shutil.which(name))), None)
    found = found or next((path for path in ELSEWHERE if Path(path).is_file()), None)
    if found is None:
        raise ResourceError(Problem("report.no_browser", Severity.ERROR))
    return found


def page_as_pdf(page: bytes) -> bytes:
    """Print a page of ours on A4; the browser is given nothing else, and no network is asked.

    Raises
    ------
    ResourceError
        If there is no browser, or it does not print.
    """
    browser = find_browser()
    with tempfile.TemporaryDirectory(prefix="circle-print-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        (folder / "report.html").write_bytes(page)
        target = folder / "report.pdf"
        words = [browser, *_options(folder), f"--print-to-pdf={target}", (folder / "report.html").as_uri()]
        try:
            done = subprocess.run(words, capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL)
            said = done.stderr.decode("utf-8", errors="replace")
        except subprocess.TimeoutExpired:
            said = f"> {SECONDS} s"
        except OSError as error:
            said = str(error)
        if not target.is_file() or not target.stat().st_size:
            last = said.strip().splitlines()[-1:] or [""]
            raise ResourceError(Problem("report.not_printed", Severity.ERROR, {"browser": browser, "said": last[0]}))
        return undated(target.read_bytes())


def undated(document: bytes) -> bytes:
    """A PDF without the time of its making; nothing in it moves.

    Examples
    --------
    >>> undated(b"/CreationDate (D:20261126041500+00'00')")
    b"/CreationDate (D:20000101000000+00'00')"
    """
    return _DATES.sub(lambda match: re.sub(rb"D:\d{14}", b"D:20000101000000", match[0]), document)


def _options(folder: Path) -> list[str]:
    """Without a window, a profile of its own, and nothing that would ask the internet."""
    options = [
        "--headless", "--disable-gpu", "--no-pdf-header-footer", "--no-first-run", "--disable-extensions",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
        "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}",
    ]  # fmt: skip
    if sys.platform == "linux" and os.geteuid() == 0:  # who is root has no sandbox; there is no script in the page
        options.append("--no-sandbox")
    return options
