"""Pages of a printed report as a reader sees them: how far down each is filled, and what stands at its foot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pypdfium2 as pdfium

TOP_MM, BOTTOM_MM, HEIGHT_MM = 16.0, 18.0, 297.0
"""Margins of a page, of which the lower holds its number."""
DOTS_PER_MM = 3.0


@dataclass(frozen=True)
class Page:
    """Which share of the room for words is empty below the last of them; the last line of text."""

    empty: float
    last: str


def pages_of(document: bytes, bottom_mm: float = BOTTOM_MM) -> list[Page]:
    pdf = pdfium.PdfDocument(document)
    found = []
    for page in pdf:
        picture = np.asarray(page.render(scale=DOTS_PER_MM * 25.4 / 72, grayscale=True).to_pil())
        room = picture[int(TOP_MM * DOTS_PER_MM) : int((HEIGHT_MM - bottom_mm) * DOTS_PER_MM)]
        inked = np.flatnonzero((room < 250).any(axis=1))
        empty = 1.0 if not len(inked) else 1 - (inked[-1] + 1) / len(room)
        width, height = page.get_size()
        text = page.get_textpage().get_text_bounded(0, bottom_mm / HEIGHT_MM * height, width, height)
        found.append(Page(float(empty), ([line.strip() for line in text.splitlines() if line.strip()] or [""])[-1]))
    pdf.close()
    return found
