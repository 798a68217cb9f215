"""Numbers as people read them: minutes, metres, shares, counts, and the answer in one sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from circle import units
from circle.lazily import pd
from circle.messages import text
from circle.model import Analysis, Status
from circle.reference import table
from circle.settings import Limit, Question

ALL_SERVICES = "all_services"
MOST_DECIMALS = 6
"""A millisecond in minutes, a millimetre in kilometres."""
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#882255", "#332288")
"""Colours of services that the table of services does not know (Okabe and Ito 2008, and two of Tol's)."""


def service_name(service: str, lang: str) -> str:
    """What people call a service; its key where the table does not know it.

    Examples
    --------
    >>> service_name("clinic", "zh"), service_name("sauna", "en")
    ('卫生室/诊所', 'sauna')
    """
    if service == ALL_SERVICES:
        return text("words.all_services", lang)
    entry = table("services").get(service)
    return str(entry[lang]) if entry else service


def service_colour(service: str, number: int) -> str:
    """The colour of a service on the map: the table's, or the palette's `number`-th."""
    entry = table("services").get(service)
    return str(entry["colour"]) if entry else PALETTE[number % len(PALETTE)]


def people_words(people: float) -> str:
    """A count of people, to the person.

    Examples
    --------
    >>> people_words(12345.4), people_words(0.2)
    ('12,345', '<1')
    """
    return "<1" if 0 < people < 0.5 else f"{people:,.0f}"


def kind_words(kind: str | None, lang: str) -> str:
    """What the user says that people counts, in brackets to stand behind "people"; nothing where nothing was said.

    Examples
    --------
    >>> kind_words("registered", "zh"), kind_words("resident", "en"), kind_words(None, "en")
    ('（户籍人口）', ' (usual residents)', '')
    """
    return "" if kind is None else text("population_kind.in_brackets", lang, kind=text(f"population_kind.{kind}", lang))


def share_words(share: float, lang: str) -> str:
    """A share as a percentage; never *all* or *none* by rounding alone.

    Examples
    --------
    >>> [share_words(share, "en") for share in (0.621, 1.0, 0.9999, 0.0001, 0.0)]
    ['62.1%', '100.0%', '>99.9%', '<0.1%', '0.0%']
    """
    if math.isnan(share):
        return text("words.unknown", lang)
    if 0.9995 <= share < 1:
        return ">99.9%"
    return "<0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


def position_words(lon: float, lat: float, lang: str) -> str:
    """A place on the globe, to the metre, in the order in which each language names its degrees.

    Examples
    --------
    >>> position_words(43.73417, -12.2775, "en"), position_words(118.9, 28.5, "zh")
    ('12.27750° S, 43.73417° E', '东经 118.90000°，北纬 28.50000°')
    """
    latitude = text("words.north" if lat >= 0 else "words.south", lang, degrees=f"{abs(lat):.5f}")
    longitude = text("words.east" if lon >= 0 else "words.west", lang, degrees=f"{abs(lon):.5f}")
    return text("words.position", lang, latitude=latitude, longitude=longitude)


def length_words(length_m: float, lang: str) -> str:
    """Metres below a kilometre, kilometres above; a word for what is infinite or unknown.

    Examples
    --------
    >>> length_words(712.4, "en"), length_words(2949.0, "zh"), length_words(math.inf, "en")
    ('712 m', '2.9 公里', 'unreached')
    """
    if not math.isfinite(length_m):
        return text("words.unknown" if math.isnan(length_m) else "words.unreached", lang)
    if round(length_m) < units.METRES_PER_KILOMETRE:
        return text("words.metres", lang, number=f"{length_m:.0f}")
    return text("words.kilometres", lang, number=f"{length_m / units.METRES_PER_KILOMETRE:,.1f}")


def cost_words(cost: float, question: Question, lang: str) -> str:
    """A travel time in minutes (or a distance), or the word for none; never rounded onto the other side of a limit."""
    if not math.isfinite(cost):
        return length_words(cost, lang)
    limits = [limit.value for limit in question.limits]
    if question.metric == "time":
        minutes = units.s_to_minutes(cost)
        limits = [units.s_to_minutes(limit) for limit in limits]
        return text("words.minutes", lang, number=on_its_side(minutes, limits, 1 if minutes < 10 else 0))
    if round(cost) < units.METRES_PER_KILOMETRE:
        return text("words.metres", lang, number=on_its_side(cost, limits, 0))
    kilometres = [metres / units.METRES_PER_KILOMETRE for metres in (cost, *limits)]
    return text("words.kilometres", lang, number=on_its_side(kilometres[0], kilometres[1:], 1))


def on_its_side(value: float, limits: Sequence[float], decimals: int) -> str:
    """A number in no fewer than `decimals`, and in as many more as it takes to stay on its side of every limit.

    What is 15.02 minutes and not covered must not be called 15.

    Examples
    --------
    >>> [on_its_side(minutes, [15.0], 0) for minutes in (14.9, 15.0, 15.02, 15.6)]
    ['15', '15', '15.02', '16']
    """
    places = decimals
    while places < MOST_DECIMALS and any((round(value, places) <= limit) != (value <= limit) for limit in limits):
        places += 1
    return f"{value:,.{places}f}"


def limit_words(limit: Limit, question: Question, lang: str) -> str:
    """A limit as it was asked: ``15 min``, ``1,000 m``."""
    if question.metric == "time":
        return text("words.minutes", lang, number=f"{units.s_to_minutes(limit.value):g}")
    return text("words.metres", lang, number=f"{limit.value:,g}" if limit.value < 1e6 else f"{limit.value:g}")


def reason_words(reason: str, lang: str) -> str:
    """Why people are not covered, by the name of a `Status` in lower case."""
    return text(f"reason.{Status[reason.upper()].name.lower()}", lang)


def answer(analysis: Analysis, lang: str) -> str:
    """The whole answer in one sentence: how many are within the main limit of every service, and which is scarcest.

    Parameters
    ----------
    analysis
        With `Analysis.summary` filled.
    lang
        ``"en"`` or ``"zh"``.
    """
    question: Question = analysis.settings
    summary = analysis.summary.set_index("service")
    shares = summary[f"share_{question.main.label}"]
    services = shares.drop(index=ALL_SERVICES)
    values = {
        "region": analysis.region.name,
        "people": people_words(float(summary["people"][ALL_SERVICES])),
        "kind": kind_words(analysis.region.population_kind, lang),
        "share": share_words(float(shares[ALL_SERVICES]), lang),
        "limit": limit_words(question.main, question, lang),
    }
    if pd.isna(shares[ALL_SERVICES]) or services.empty:
        return text("answer.nobody", lang, region=analysis.region.name)
    if len(services) == 1:
        return text("answer.one", lang, service=_in_sentence(str(services.index[0]), lang), **values)
    scarcest = str(services.idxmin())
    return text(
        "answer.many",
        lang,
        count=len(services),
        scarcest=_in_sentence(scarcest, lang),
        scarcest_share=share_words(float(services[scarcest]), lang),
        **values,
    )


def _in_sentence(service: str, lang: str) -> str:
    """A service's name within a sentence: small letters where the script has them."""
    name = service_name(service, lang)
    return name[:1].lower() + name[1:]
