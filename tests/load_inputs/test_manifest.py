"""region.toml: encodings, Windows paths, and all faults at once with their places."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from circle.errors import Findings
from circle.load.manifest import Manifest, manifest_schema
from circle.load.manifest_file import read_manifest, read_standard, resolve_path
from circle.load.schema import line_of
from tests.load_inputs.conftest import codes

GOOD = """[region]
name = "青溪县"
[roads]
path = "data\\roads\\town.gpkg"
[[facilities]]
path = "data\\new schools.xlsx"
crs = "gcj02"
service = "primary_school"
[population]
path = 'data\\people.tif'
"""


def read(folder: Path, data: bytes | str, findings: Findings) -> Manifest | None:
    file = folder / "region.toml"
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_manifest(file, findings)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_any_editor_of_windows_may_have_saved_it(tmp_path, findings, encoding, newline):
    manifest = read(tmp_path, GOOD.replace("\n", newline).encode(encoding), findings)
    assert codes(findings) == ([] if encoding.startswith("utf-8") else ["manifest.encoding"])
    assert manifest is not None
    assert manifest.region.name == "青溪县"


def test_a_rule_between_keys_is_told_beside_a_key_that_is_not_known(tmp_path, findings):
    """Limits in the wrong order, a service twice over, two slips of the pen: four problems, one reading."""
    text = GOOD.replace('crs = "gcj02"', 'crss = "gcj02"\nservice_column = "类别"')
    text += "[analysis]\nwalking = 4\nlimits = [15, 10]\n"
    assert read(tmp_path, text, findings) is None
    assert {(problem.fields["setting"], problem.code) for problem in findings.problems} == {
        ("facilities[1].crss", "manifest.unknown_key_near"),
        ("facilities[1]", "manifest.give_one_of"),
        ("analysis.walking", "manifest.unknown_key_near"),
        ("analysis.limits", "manifest.limits_order"),
    }
    assert len(findings.problems) == 4


def test_a_standard_with_limits_in_the_wrong_order_is_refused(tmp_path, findings):
    rows = "[[rows]]\nservice = '*'\nlimit = 15\nsource = 's'\nclause = 'c'\nconfidence = 'verified'\n"
    text = f"name = 'n'\nen = 'e'\nzh = 'z'\nlimits = [15, 10]\n{rows}"
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    assert read_standard("own.toml", tmp_path, findings) is None
    assert codes(findings) == ["manifest.limits_order"]


def test_keys_in_chinese_without_quotes_are_told_with_the_right_line_each(tmp_path, findings):
    """And what comes after them is looked at as if they stood in quotes."""
    text = GOOD.replace('service = "primary_school"', 'service_column = "类别"\nmapping = { 小学 = "primary_school" }')
    text += "[analysis]\n限值 = [15, 10]\nlimits = [15, 10]\n"
    assert read(tmp_path, text, findings) is None
    told = [(problem.code, problem.row, problem.fields.get("corrected")) for problem in findings.problems]
    assert told[:2] == [
        ("manifest.key_unquoted", 9, 'mapping = { "小学" = "primary_school" }'),
        ("manifest.key_unquoted", 13, '"限值" = [15, 10]'),
    ]
    assert {code for code, _, _ in told[2:]} == {"manifest.unknown_key", "manifest.limits_order"}


def test_punctuation_of_a_chinese_keyboard_is_told_with_the_right_line(tmp_path, findings):
    assert read(tmp_path, GOOD.replace('name = "青溪县"', "name ＝ “青溪县”"), findings) is not None
    (problem,) = findings.problems
    assert (problem.code, problem.row) == ("manifest.full_width", 2)
    assert problem.fields["corrected"] == 'name = "青溪县"'


def test_backslashes_mean_what_they_show(tmp_path, findings):
    """In TOML the n of "data\\new" would be a line break and the t of "\\town" a tab."""
    manifest = read(tmp_path, GOOD, findings)
    assert manifest is not None
    assert manifest.facilities[0].path == "data\\new schools.xlsx"
    assert resolve_path(tmp_path, manifest.roads.path or "") == tmp_path / "data/roads/town.gpkg"
    assert manifest.population.paths == ("data\\people.tif",)


def test_proper_escapes_stay_escapes(tmp_path, findings):
    text = GOOD.replace('"青溪县"', r'"\u9752 \"A\" \\ B"')
    manifest = read(tmp_path, text, findings)
    assert manifest is not None
    assert manifest.region.name == '青 "A" \\ B'


def test_all_faults_are_told_at_once_each_with_key_and_line(tmp_path, findings):
    text = GOOD.replace("service =", "servise =").replace("[population]\n", "[population]\ntotal = 'many'\n")
    text += '[analysis]\nlimits = [15, 5]\n[elevations]\npath = "dem.tif"\n'
    assert read(tmp_path, text, findings) is None
    found = {problem.fields["setting"]: (problem.code, problem.row) for problem in findings.problems}
    assert codes(findings)
    assert found == {
        "facilities[1].servise": ("manifest.unknown_key_near", 8),
        "population.total": ("manifest.not_number", 10),
        "analysis.limits": ("manifest.limits_order", 13),
        "elevations": ("manifest.unknown_key_near", 14),
    }
    nearest = {problem.fields["setting"]: problem.fields.get("nearest") for problem in findings.problems}
    assert nearest["facilities[1].servise"] == "service"
    assert nearest["elevations"] == "elevation"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("name = ", "colour = 3\nname = "), "manifest.unknown_key"),
        (('path = "data\\roads\\town.gpkg"\n', ""), "manifest.give_one_of"),
        (('"data\\roads\\town.gpkg"', "7"), "manifest.not_text"),
        (('"青溪县"', '""'), "manifest.empty_text"),
        (("[roads]", "[roads]\nsource = 'osm'"), "manifest.give_one_of"),
        (('path = "data\\roads\\town.gpkg"', "source = 'osm'"), "manifest.osm_missing"),
        (('path = "data\\roads\\town.gpkg"', "source = 'web'"), "manifest.not_one_of"),
        (("[[facilities]]", "[facilities]"), "manifest.not_list"),
        (('"primary_school"', '"primary school"'), "manifest.service_name"),
        (
            ("[population]\npath = 'data\\people.tif'", "[population]\nsource = 'osm-buildings'"),
            "manifest.total_missing",
        ),
        (("[population]", "[population]\ntotal = 5"), "manifest.only_with"),
        (("[population]", "[analysis]\nwalking_speed_kmh = -4\n[population]"), "manifest.out_of_range"),
        (("[population]", "[districts]\nsource = 'osm'\n[population]"), "manifest.admin_level_missing"),
        (("name = ", "extent = [119, 28, 118, 29]\nname = "), "manifest.extent"),
        (("[population]", "[analysis]\nservices = 'clinic'\n[population]"), "manifest.not_list"),
        (("[population]", "[population]\ngroups = 3"), "manifest.not_section"),
        (("name = ", "name = = "), "manifest.toml_syntax"),
        (("[roads]", "[roads]\nclass_only = 3"), "manifest.not_true_or_false"),
        (('[region]\nname = "青溪县"\n', ""), "manifest.key_missing"),
    ],
)
def test_each_fault_has_its_own_sentence(tmp_path, findings, change, code):
    assert change[0] in GOOD
    manifest = read(tmp_path, GOOD.replace(*change), findings)
    assert (manifest is None) == (
        code != "manifest.unknown_key"
    )  # the files of a region with a strange key are looked at
    assert codes(findings) == [code]


def test_a_service_without_tags_cannot_come_from_osm(tmp_path, findings):
    text = GOOD.replace(
        "[[facilities]]",
        "[osm]\npath = 'a.osm.pbf'\n[[facilities]]\nsource = 'osm'\nservices = ['spa']\n[[facilities]]",
    )
    assert read(tmp_path, text, findings) is None
    assert codes(findings) == ["manifest.service_without_tags"]


def test_bytes_of_no_encoding_are_refused(tmp_path, findings):
    assert read(tmp_path, b"\xff\x00\x81\xff", findings) is None
    assert codes(findings) == ["file.encoding_unknown"]


def test_lines_are_found_in_the_right_section():
    text = "[roads]\npath = 1\n[[facilities]]\npath = 2\n[[facilities]]\npath = 3\n"
    assert line_of(text, ("facilities", 1, "path")) == 6
    assert line_of(text, ("facilities", 0, "path")) == 4
    assert line_of(text, ("districts",)) is None


def test_the_schema_describes_every_key():
    """Editors show these texts; a key without one helps nobody."""
    schema = manifest_schema()
    sections = [part for name, part in schema["$defs"].items() if name != "Manifest"]
    silent = [
        key for part in sections for key, value in part["properties"].items() if "description" not in json.dumps(value)
    ]
    assert sections
    assert silent == []


def test_a_standard_is_a_name_or_a_file_beside_the_region(tmp_path, findings):
    (tmp_path / "own.toml").write_text(
        'name = "own"\nen = "Own"\nzh = "自定"\nlimits = [20]\nrows = []\n', encoding="utf-8"
    )
    own = read_standard("own.toml", tmp_path, findings)
    assert own is not None
    assert own.limits == (20.0,)
    assert read_standard("walking-distance", tmp_path, findings) is not None
    assert read_standard("thirty-minute-drive", tmp_path, findings) is None
    assert codes(findings) == ["manifest.standard_unknown"]
