"""The message catalogue: complete in both languages, used, and used with the values that its sentences name."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from circle.load.service_rules import Decisions
from circle.messages import LANGUAGES, PLURALS, Tally, Terms, catalogue, plural_form, text
from circle.reference import ServiceNames, table

PACKAGE = Path(__file__).resolve().parent.parent / "circle"
KEY = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")
SPEAKERS = {"text", "error", "warn", "note", "Problem", "refuse", "_refusal", "PydanticCustomError"}
WHERE = {"file", "layer", "row"}


class Use(NamedTuple):
    """A call that names an entry; `values` is None where they cannot be told from the code alone."""

    place: str
    key: str
    values: set[str] | None


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def places_of(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def uses_in(path: Path, tree: ast.Module) -> Iterator[Use]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        speaker = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = node.args[0]
        if speaker not in SPEAKERS or not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            continue
        if KEY.fullmatch(first.value):
            yield Use(f"{path.relative_to(PACKAGE)}:{node.lineno}", first.value, values_of(speaker, node))


def values_of(speaker: str, node: ast.Call) -> set[str] | None:
    """The names of the values given with a key, where the call shows them."""
    if speaker == "PydanticCustomError" or any(keyword.arg is None for keyword in node.keywords):
        return None
    named = {str(keyword.arg) for keyword in node.keywords}
    if speaker == "Problem":
        fields = node.args[2] if len(node.args) > 2 else None
        if fields is None:
            return set()
        known = isinstance(fields, ast.Dict) and all(isinstance(key, ast.Constant) for key in fields.keys)
        return {str(key.value) for key in fields.keys} if known else None  # type: ignore[attr-defined]
    return named if speaker == "text" else named - WHERE


USES = [use for path, tree in sources() for use in uses_in(path, tree)]
ENTRIES = sorted(catalogue())


def test_every_key_stands_once():
    keys = Counter(
        f"{area}.{name}"
        for path in (PACKAGE / "messages").glob("*.toml")
        for area, names in tomllib.loads(path.read_text(encoding="utf-8")).items()
        for name in names
    )
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_has_both_languages_with_the_same_places(key):
    entry = catalogue()[key]
    assert set(entry) == set(LANGUAGES)
    assert places_of(entry["en"]) == places_of(entry["zh"])
    assert all(sentence.strip() for sentence in entry.values())


@pytest.mark.parametrize("key", ENTRIES)
def test_chinese_is_chinese_and_english_is_english(key):
    entry = catalogue()[key]
    words = re.sub(r"\{[^}]*\}", "", entry["zh"])
    assert re.search(r"[一-鿿]", words) or not re.search(r"[A-Za-z]{2}", words)
    examples = r"“[^”]*”|\"[^\"]*\""  # values that a Chinese list holds may be shown in English too
    assert not re.search(r"[一-鿿]", re.sub(examples, "", entry["en"]))


def keys_of_the_map() -> set[str]:
    """The scripts of the map are handed all entries ``map.*`` as ``T``."""
    script = "".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "export").glob("map*.js"))
    return {f"map.{name}" for name in re.findall(r"\bT\.([a-z_]+)", script)}


def test_every_key_that_code_names_exists():
    assert [use for use in USES if use.key not in catalogue()] == []
    assert keys_of_the_map() <= set(catalogue())


def test_every_sentence_is_given_its_values():
    lacking = [
        (use.place, use.key, sorted(places_of(catalogue()[use.key]["en"]) - use.values))
        for use in USES
        if use.values is not None and use.key in catalogue()
    ]
    assert [lack for lack in lacking if lack[2]] == []


def test_no_entry_is_unused():
    """An entry is used if its key stands in code, or begins as an f-string does: ``f"status.{name}"``; or by area."""
    constants = keys_of_the_map()
    beginnings: set[str] = set()
    for _, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Tally", "Terms"):
                beginnings.add(f"{node.args[0].value}.")  # type: ignore[attr-defined]
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginning = str(node.values[0].value)
                if re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_]*", beginning):
                    beginnings.add(beginning)
    unused = [key for key in ENTRIES if key not in constants and not key.startswith(tuple(beginnings))]
    assert unused == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", ENTRIES)
def test_every_entry_can_be_filled(key, lang):
    """With numbers in all places: a full-width comma in ``{low:,}`` is no format."""
    sentence = catalogue()[key][lang]
    assert text(key, lang, **dict.fromkeys(places_of(sentence), 1)).strip()


SEVERAL = (
    "bands boundaries buildings bytes cells columns districts facilities features files groups lines objects pairs people "
    "pieces places points polygons rows seconds services sites things ways"
)
ONE_OF_MANY = re.compile(rf"\b1(?: of 1)? (?:[a-z]+ )?(?:{SEVERAL.replace(' ', '|')})\b")


@pytest.mark.parametrize("key", ENTRIES)
def test_one_is_not_several(key):
    """No English sentence says "1 rows" or "1 people"; some numbers are always several."""
    places = dict.fromkeys(places_of(catalogue()[key]["en"]), 1) | ALWAYS_SEVERAL.get(key, {})
    assert not ONE_OF_MANY.search(text(key, "en", **places))


ALWAYS_SEVERAL = {
    "answer.many": {"count": 2},
    "raster.several_bands": {"bands": 2},
    "check.network_in_pieces": {"pieces": 2},
}


def test_the_search_for_false_plurals_does_find_them():
    assert all(ONE_OF_MANY.search(said) for said in ("1 rows are", "1 of 1 places lie", "1 people", "1 ferry lines"))
    assert not any(ONE_OF_MANY.search(said) for said in ("1 row is", "1 of 1 place lies", "1 person lives", "1 km² in"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_form_of_a_word_belongs_to_some_number(lang):
    assert {plural_form(n, lang) for n in range(101)} == set(range(len(PLURALS[lang].categories)))


def test_a_count_decides_its_words():
    said = [text("roads.osm_truncated_ways", "en", count=count).split(";")[0] for count in (0, 1, 2)]
    assert said == ["0 ways run out of the data", "1 way runs out of the data", "2 ways run out of the data"]


def test_whatever_may_be_left_out_has_words():
    """Reasons come from the code of the readers and from the tag tables."""
    walk, features = table("osm_walk"), table("osm_features")
    reasons = {*walk["closed"], *(f"facility_{tag}" for tag in features["facilities"]["out"])}
    assert {f"left_out.{reason}" for reason in reasons} <= set(catalogue())


def test_the_search_for_uses_does_find_them():
    """Worked on a line of our own: the second value is forgotten."""
    tree = ast.parse('findings.error("table.column_missing", file="a.csv", wanted="x", found="y")')
    (use,) = uses_in(PACKAGE / "example.py", tree)
    assert use.key == "table.column_missing"
    assert places_of(catalogue()[use.key]["en"]) - (use.values or set()) == {"example"}


def test_a_value_with_braces_is_shown_as_it_is():
    assert text("file.missing", "en").endswith("relative to that file.")
    assert "{0}" in text("table.column_missing", "zh", wanted="{0}", found="{x}", example="-")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_list_of_nothing_is_told_in_words(lang):
    """Never as a dash behind a colon."""
    nothing = (Tally("left_out", {}), Tally("left_out", {"not_built": 0}), Terms("shape", ()), ServiceNames(()))
    for value in (*nothing, Decisions(())):
        assert value.in_language(lang) == text("words.none", lang)
        assert re.search(r"\w", value.in_language(lang))
