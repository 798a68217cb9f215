"""Bytes as text in the page: against Python's own base 85, which differs in nothing but its signs, and in the browser."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from circle.export import map_html
from circle.export.text85 import SIGNS, text85
from tests.export.town import town_analysis

RFC1924 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"


def bytes_of(text: str) -> bytes:
    """The bytes again, by Python's own reader."""
    return base64.b85decode(text.translate(str.maketrans(SIGNS, RFC1924)))


@given(st.binary(max_size=200))
def test_the_bytes_come_out_again(data: bytes) -> None:
    assert bytes_of(text85(data)) == data


def test_no_sign_means_anything_in_a_page() -> None:
    """Neither in HTML nor in JSON nor as the beginning of an address in a style."""
    assert len(set(SIGNS)) == 85
    assert not set(SIGNS) & set("\"&'<>\\() \n`")
    assert all(0x21 <= ord(sign) < 0x7F for sign in SIGNS)


@pytest.mark.slow
def test_the_page_reads_the_same_bytes(browser: Browser, tmp_path: Path) -> None:
    from tests.export.test_map_browser import _open

    path = tmp_path / "map.html"
    path.write_text(map_html(town_analysis()), encoding="utf-8")
    page, _ = _open(browser, path)
    random = np.random.default_rng(85)
    for n in (*range(13), 1000, 99_999):
        for data in (random.bytes(n), bytes(n), b"\xff" * n):
            assert bytes(page.evaluate("(text) => [...circleBytes(text)]", text85(data))) == data
