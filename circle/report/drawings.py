"""All drawings of a report, by name."""

from __future__ import annotations

from circle.export.eastward import in_one_piece
from circle.model import Analysis
from circle.report.charts import districts_charts, services_chart
from circle.report.drawing import Drawing, styled
from circle.report.gaps import largest_gaps
from circle.report.ground import Water
from circle.report.maps import cover, enlarged, gap_map, region_map


def draw_all(analysis: Analysis, lang: str, *, strips: bool = False) -> dict[str, Drawing]:
    """The figures of the report: ``map``, ``coverage_by_service``, ``coverage_by_district``, ``gap_1`` ...

    Parameters
    ----------
    analysis
        The whole answer.
    lang
        ``"en"`` or ``"zh"``.
    strips
        Cut charts of many districts into strips that fill pages.

    Returns
    -------
    dict of str to Drawing
        Figures of matplotlib, to be changed, shown or saved. Over five services the districts have several charts:
        ``coverage_by_district_2`` and so on; a region without districts has none. Where most of the gaps' sites
        crowd a small part of the map there is ``map_sites``, which shows it larger.
    """
    whole = in_one_piece(analysis)
    gaps = largest_gaps(whole)
    with styled():
        sheet, part = cover(whole, gaps), enlarged(whole, gaps)
        water = Water(whole, sheet.view)
        drawings = {"map": region_map(whole, sheet, lang, water), "coverage_by_service": services_chart(whole, lang)}
        if part is not None:
            drawings["map_sites"] = region_map(whole, part, lang, water)
        for number, chart in enumerate(districts_charts(whole, lang, strips=strips), 1):
            drawings["coverage_by_district" if number == 1 else f"coverage_by_district_{number}"] = chart
        drawings.update({f"gap_{gap.number}": gap_map(gap, whole, lang, water) for gap in gaps})
    return drawings
