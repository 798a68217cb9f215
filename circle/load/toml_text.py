"""TOML as people type it: Windows paths, keys in Chinese, the punctuation of a Chinese keyboard."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from circle.errors import Findings

# Comments and the four kinds of strings of TOML; only the basic string of one line is of interest.
_TOKENS = re.compile(r'#[^\n]*|"""(?s:.*?)"""|\'\'\'(?s:.*?)\'\'\'|\'[^\'\n]*\'|"(?P<basic>(?:[^"\\\n]|\\[^\n])*)"')
_ESCAPES_KEPT = re.compile(r'\\\\|\\"|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}')


def literal_backslashes(text: str) -> str:
    r"""Double the backslashes of strings that hold a Windows path, so that ``"data\towns.csv"`` means what it shows.

    TOML would read ``\t`` as a tab and refuse ``\s``. Strings whose backslashes are all proper escapes of a
    backslash, a quote or a code point stay as they are.

    Examples
    --------
    >>> literal_backslashes(r'path = "data\towns.csv"  # "a\b"')
    'path = "data\\\\towns.csv"  # "a\\b"'
    >>> literal_backslashes(r'path = "data\\towns.csv"')
    'path = "data\\\\towns.csv"'
    """

    def repaired(match: re.Match[str]) -> str:
        basic = match["basic"]
        if basic is None or "\\" not in _ESCAPES_KEPT.sub("", basic):
            return match[0]
        doubled = basic.replace("\\", "\\\\")
        return f'"{doubled}"'

    return _TOKENS.sub(repaired, text)


_WIDE = str.maketrans("＝，“”‘’［］｛｝", "=,\"\"''[]{}")
_BARE_KEY = re.compile(
    r"""(?P<kept>"(?:[^"\\]|\\.)*"|'[^']*'|\#.*)"""  # strings and comments
    r"""|(?P<key>[^\s"'=,.{}\[\]#]*[^\x00-\x7f\s][^\s"'=,.{}\[\]#]*)(?=\s*[.=\]])"""
)


def parse_toml(text: str, shown: str, findings: Findings) -> dict[str, Any] | None:
    """The document; slips whose meaning is plain are recorded with the right line and read on, to find the others.

    Returns
    -------
    dict or None
        None where a line cannot be understood.

    Examples
    --------
    >>> findings = Findings()
    >>> parse_toml('名称 = "青溪"', "region.toml", findings)
    {'名称': '青溪'}
    >>> findings.problems[0].code, findings.problems[0].row, findings.problems[0].fields["corrected"]
    ('manifest.key_unquoted', 1, '"名称" = "青溪"')
    """
    lines = text.split("\n")
    while True:
        try:
            return tomllib.loads(literal_backslashes("\n".join(lines)))
        except tomllib.TOMLDecodeError as error:
            position = re.search(r"at line (\d+), column (\d+)", str(error))
            number = min(max(int(position[1]) if position else len(lines), 1), len(lines))
        line = lines[number - 1]
        slip = next(((code, mended) for code, mended in _mendings(line) if mended != line), None)
        if slip is None:
            findings.error("manifest.toml_syntax", file=shown, row=number, line=line.strip()[:80])
            return None
        findings.error(slip[0], file=shown, row=number, corrected=slip[1].strip())
        lines[number - 1] = slip[1]


def _mendings(line: str) -> list[tuple[str, str]]:
    """What the line may have been meant to be, each with the message for it."""
    plain = line.translate(_WIDE)
    return [
        ("manifest.key_unquoted", quoted_keys(line) if plain == line else line),
        ("manifest.full_width", quoted_keys(plain) if plain != line else line),
    ]


def quoted_keys(line: str) -> str:
    """The line with quotes around its keys that need them.

    Examples
    --------
    >>> print(quoted_keys('mapping = { 小学 = "小学 = 1", "初中" = "x" }  # 注 = 1'))
    mapping = { "小学" = "小学 = 1", "初中" = "x" }  # 注 = 1
    >>> quoted_keys("[区域]")
    '["区域"]'
    """
    return _BARE_KEY.sub(lambda match: match[0] if match["kept"] else f'"{match["key"]}"', line)
