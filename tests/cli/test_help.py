"""Every command and option is explained, in both languages, and nothing that does not exist is."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from circle.cli.frame import COMMANDS, command_tree
from circle.messages import catalogue

SHARED = {"lang", "version", "help", "no_cache"}


def entries_of_the_commands() -> set[str]:
    tree = command_tree("en")
    named = {"help.circle", *(f"help.{name}" for name in SHARED)}
    named |= {f"help.panel_{panel}" for panel in ("commands", "options", "arguments", "usage")}
    named |= {f"help.fact_{fact}" for fact in ("required", "default", "env_var")}
    for name, command in tree.commands.items():
        named.add(f"help.{name}")
        named |= {f"help.{name}_{parameter.name}" for parameter in command.params if parameter.name not in SHARED}
    return named


def test_the_commands_are_those_of_the_manual():
    assert set(COMMANDS) == {"run", "batch", "check", "verify", "route", "init", "fetch", "sample"}


def test_every_option_has_an_entry_and_every_entry_an_option():
    assert {key for key in catalogue() if key.startswith("help.")} == entries_of_the_commands()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", [None, *COMMANDS])
def test_help_is_in_the_readers_language(circle, name, lang):
    said = circle(*([name] if name else []), "--help", "--lang", lang)
    assert said.code == 0
    wanted = catalogue()[f"help.{name or 'circle'}"][lang]
    plain = "".join(said.out.split())
    assert "".join(wanted.split())[:20] in plain
    assert ("选项" in plain) == (lang == "zh")


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", [None, *COMMANDS])
def test_help_is_whole_at_every_width(circle, name, lang, width, monkeypatch):
    """Each sentence of the catalogue, to its end, in lines that fit."""
    monkeypatch.setenv("COLUMNS", str(width))
    said = circle(*([name] if name else []), "--help", "--lang", lang)
    assert max(cell_len(line) for line in said.out.splitlines()) <= width
    plain = "".join(said.out.split())
    tree = command_tree(lang)
    command = tree.commands[name] if name else tree
    for wanted in (command.help, *(parameter.help for parameter in command.params)):
        assert "".join(wanted.split()) in plain
    for own in getattr(command, "commands", {}).values():
        assert "".join(own.short_help.split()) in plain
    assert plain.count("…") == "".join(str(parameter.help) for parameter in command.params).count("…")


def test_facts_about_an_option_are_told_in_the_readers_language(circle):
    """What must be given, what is taken otherwise, which variable says it."""
    english, chinese = (circle("fetch", "--help", "--lang", lang).out for lang in ("en", "zh"))
    for said in ("[required]", "[default: 3000; 0<=x<=100000]", "[env var: CIRCLE_CACHE]"):
        assert said in english
    for said in ("[必填]", "[默认: 3000; 0<=x<=100000]", "[环境变量: CIRCLE_CACHE]"):
        assert said in chinese


def test_every_command_has_a_language_option():
    for command in command_tree("en").commands.values():
        assert any(parameter.name == "lang" for parameter in command.params)


def test_no_words_at_all_show_the_help(circle):
    for words, wanted in (([], "Commands"), (["--lang", "zh"], "命令")):
        said = circle(*words)
        assert said.code == 2
        assert wanted in said.out


def test_the_version_is_said(circle):
    said = circle("--version")
    assert said.code == 0
    assert said.out.startswith("circle ")


def test_the_language_may_stand_before_the_command_too(circle, tmp_path):
    for words in (["--lang", "zh", "check", tmp_path], ["check", "--lang=zh", tmp_path]):
        assert circle(*words).out.startswith("错误: ")
