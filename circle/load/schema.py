"""From pydantic's errors to problems in the reader's words: all of them, each with its place in the file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from difflib import get_close_matches
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from circle.errors import Findings
from circle.messages import catalogue

Location = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

_CODES = {
    "missing": "manifest.key_missing",
    "string_type": "manifest.not_text",
    "string_too_short": "manifest.empty_text",
    "float_type": "manifest.not_number",
    "float_parsing": "manifest.not_number",
    "finite_number": "manifest.not_number",
    "int_type": "manifest.not_number",
    "int_parsing": "manifest.not_number",
    "int_from_float": "manifest.not_number",
    "tuple_type": "manifest.not_list",
    "list_type": "manifest.not_list",
    "dict_type": "manifest.not_section",
    "model_type": "manifest.not_section",
    "model_attributes_type": "manifest.not_section",
    "too_short": "manifest.empty_list",
    "bool_type": "manifest.not_true_or_false",
    "bool_parsing": "manifest.not_true_or_false",
    "literal_error": "manifest.not_one_of",
    "greater_than": "manifest.out_of_range",
    "greater_than_equal": "manifest.out_of_range",
    "less_than": "manifest.out_of_range",
    "less_than_equal": "manifest.out_of_range",
    "value_error": "manifest.limits_order",  # the only free validator of the models is that of the limits
}
_SIGNS = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}


def checked(
    model: type[Model], document: Mapping[str, Any], findings: Findings, *, file: str, text: str = ""
) -> Model | None:
    """The model of a document; every problem is recorded.

    What is wrong is put right or taken out and the rest looked at again, for pydantic tells of rules between keys only
    where each key by itself is right. A key that is not known is taken for the nearest one, else as not written.

    Returns
    -------
    The model, if nothing but unknown keys had to be put right, so that the files can be looked at too; else None.
    """
    tried = deepcopy(dict(document))
    told: set[Location] = set()
    usable = True
    while True:
        try:
            model_of_rest = model.model_validate(tried)
        except ValidationError as error:
            report_schema_errors(error, model, tried, findings, file=file, text=text, told=told)
            places = {place: detail["type"] for detail, place in _located(error, tried)}
            usable &= set(places.values()) == {"extra_forbidden"}
            for place, kind in places.items():
                told |= {place} if kind == "extra_forbidden" else {place[:n] for n in range(1, len(place) + 1)}
            if not sum(_mend(tried, model, place, kind) for place, kind in places.items()):
                return None
            continue
        return model_of_rest if usable else None


def _mend(document: dict[str, Any], model: type[BaseModel], place: Location, kind: str) -> bool:
    """Rename an unknown key to the nearest known one, or take out the innermost key of what is wrong."""
    while place and not isinstance(place[-1], str):
        place = place[:-1]
    section: Any = document
    for part in place[:-1]:
        section = section[part]
    if not place or not isinstance(section, dict) or place[-1] not in section:
        return False
    value = section.pop(str(place[-1]))
    near = _nearest_key(model, place) if kind == "extra_forbidden" else None
    if near is not None:
        section.setdefault(near, value)
    return True


def report_schema_errors(
    error: ValidationError,
    model: type[BaseModel],
    document: Mapping[str, Any],
    findings: Findings,
    *,
    told: Collection[Location] = (),
    **where: str,
) -> None:
    """Record every problem of `error` once, located by its path in `document`.

    Parameters
    ----------
    error
        What validating `document` as `model` raised.
    told
        Places of which nothing more is to be said.
    where
        ``file`` (as the user wrote it) and ``text`` (its content, to find line numbers).
    """
    file, text = where["file"], where.get("text", "")
    seen: set[Location] = set(told)
    for detail, place in _located(error, document):
        if place in seen:
            continue
        seen.add(place)
        code, fields = _sentence(detail, model, place)
        findings.error(code, file=file, row=line_of(text, place), setting=toml_path(place), **fields)


def toml_path(place: Location) -> str:
    """The place as people write it; members of a list are counted from 1.

    >>> toml_path(("facilities", 1, "servise"))
    'facilities[2].servise'
    """
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place]
    return "".join(parts).lstrip(".")


def line_of(text: str, place: Location) -> int | None:
    r"""The line of `text` on which a key (or its section) stands; None where it cannot be told.

    >>> line_of('[roads]\n[[facilities]]\n[[facilities]]\nservise = 1', ("facilities", 1, "servise"))
    4
    """
    if not place:
        return None
    section, rest = str(place[0]), place[1:]
    nth = rest[0] if rest and isinstance(rest[0], int) else 0
    keys = [str(part) for part in rest if isinstance(part, str)]
    lines = text.splitlines()
    header = re.compile(rf"\s*\[\[?\s*[\"']?{re.escape(section)}[\"']?\s*[\].]")
    starts = [i for i, line in enumerate(lines) if header.match(line)]
    if nth >= len(starts):
        return None
    for i in range(starts[nth] + 1, len(lines)):
        if re.match(r"\s*\[", lines[i]):
            break
        if keys and re.match(rf"\s*[\"']?{re.escape(keys[0])}[\"']?\s*[.=]", lines[i]):
            return i + 1
    return starts[nth] + 1


def _located(error: ValidationError, document: Mapping[str, Any]) -> Iterator[tuple[ErrorDetails, Location]]:
    """Every error with its place; not that a list is too short because its members are wrong."""
    details = error.errors(include_url=False)
    for detail in details:
        place = _place(detail, document)
        others = (other["loc"][: len(place)] for other in details if other is not detail)
        if detail["type"] != "too_short" or place not in others:
            yield detail, place


def _place(detail: ErrorDetails, document: Mapping[str, Any]) -> Location:
    """The part of pydantic's location that exists in the document; tags of unions are not part of it."""
    node: Any = document
    place: list[str | int] = []
    for part in detail["loc"]:
        inside = (isinstance(node, Mapping) and part in node) or (
            isinstance(node, list) and isinstance(part, int) and part < len(node)
        )
        if not inside:
            if detail["type"] == "missing":
                place.append(part)
            break
        node = node[part]
        place.append(part)
    return tuple(place)


def _sentence(detail: ErrorDetails, model: type[BaseModel], place: Location) -> tuple[str, dict[str, Any]]:
    """The message and its values for one error."""
    context = {name: value for name, value in detail.get("ctx", {}).items() if name != "error"}
    value = _shown(detail["input"])
    if detail["type"] in catalogue():  # raised by the models themselves
        return detail["type"], {"value": value, **context}
    if detail["type"] == "extra_forbidden":
        known = _keys_at(model, place[:-1])
        near = _nearest_key(model, place)
        if near is not None:
            return "manifest.unknown_key_near", {"nearest": near}
        return "manifest.unknown_key", {"known": ", ".join(known)}
    code = _CODES.get(detail["type"], "manifest.not_usable")
    fields: dict[str, Any] = {"value": value}
    if code == "manifest.not_one_of":
        fields["known"] = ", ".join(re.findall(r"'([^']*)'", str(context.get("expected", ""))))
    if code == "manifest.out_of_range":
        fields["bound"] = " ".join(f"{_SIGNS[name]} {bound:g}" for name, bound in context.items() if name in _SIGNS)
    return code, fields


def _nearest_key(model: type[BaseModel], place: Location) -> str | None:
    """The known key that an unknown one was meant to be."""
    return next(iter(get_close_matches(str(place[-1]).lower(), _keys_at(model, place[:-1]), n=1, cutoff=0.55)), None)


def _shown(value: object) -> str:
    """A value as short text."""
    try:
        text = str(value)
    except ValueError:  # a whole number that is too long to be written
        text = type(value).__name__
    return text if len(text) <= 60 else text[:57] + "..."


def _keys_at(model: type[BaseModel], place: Location) -> list[str]:
    """The keys allowed at `place`."""
    current: type[BaseModel] | None = model
    for part in place:
        if isinstance(part, str) and current is not None and part in current.model_fields:
            current = _model_in(current.model_fields[part].annotation)
    return list(current.model_fields) if current else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside ``X | None`` or ``tuple[X, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)
