"""Words that cannot be taken: told in the reader's language, with what could be meant, and exit code 2."""

from __future__ import annotations

import re
from typing import Annotated

import pytest
import typer
import typer.main

from circle.cli.frame import COMMANDS, command_tree
from circle.cli.help_page import Command, Group
from circle.messages import catalogue
from tests.cli.conftest import in_a_process

CASES = [
    (["run", "--pdff"], "there is no option --pdff. Did you mean --pdf?", "没有选项 --pdff。是否想用 --pdf？"),
    (["--xyzzy"], "there is no option --xyzzy.", "没有选项 --xyzzy。"),
    (["chekc", "."], "there is no command chekc. Did you mean check?", "没有命令 chekc。是否想用 check？"),
    (["xyzzy"], "there is no command xyzzy. The commands are: run, batch, check, verify, ", "没有命令 xyzzy。可用的命令：run、batch、check、verify、"),
    (["run"], "REGION is missing.", "缺少参数 REGION。"),
    (["fetch", "x"], "DIR is missing.", "缺少参数 DIR。"),
    (["run", "x"], "the option --out is missing; this command needs it.", "缺少选项 --out，此命令必须给出该选项。"),
    (["run", "x", "--out"], "--out needs a value behind it.", "选项 --out 后面要写一个值。"),
    (["check", "x", "--json=3"], "--json takes no value.", "选项 --json 不带值。"),
    (["run", "a", "b c", "--out", "d"], "more words than this command takes: b c. ", "多出了参数：b c。"),
    (["check", "--lang", "fr", "x"], "--lang takes one of: zh, en.", "--lang 只能取以下之一：zh、en。"),
    (["sample", "x", "d", "--seed", "abc"], "--seed takes a whole number.", "--seed 要求整数。"),
    (["sample", "x", "d", "--junctions", "3"], "--junctions takes a whole number from 1,000 to 1,000,000.", "--junctions 要求 1,000 到 1,000,000 之间的整数。"),
    (["fetch", "x", "d", "--buffer", "wide"], "--buffer takes a number from 0 to 100,000.", "--buffer 要求 0 到 100,000 之间的数字。"),
    (["run", "x", "--out", "d", "--memory-limit", "0"], "--memory-limit takes a number from 0.1 on.", "--memory-limit 要求不小于 0.1 的数字。"),
    (["sample", "qingxi"], "DIR: say where to write it", "DIR：请指明写入的位置"),
]  # fmt: skip
PARSERS_OWN = re.compile(r"No such|Missing|Invalid|requires an|Did you mean '|Try '|Input should|Got unexpected|╭")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case[0]))
def test_what_is_wrong_is_said_in_the_readers_language(circle, monkeypatch, case, lang):
    """By the locale, for ``--lang`` is among the words that are wrong."""
    monkeypatch.setenv("LC_ALL", {"en": "C.UTF-8", "zh": "zh_CN.UTF-8"}[lang])
    words, english, chinese = case
    said = circle(*words)
    assert (said.code, said.out) == (2, "")
    first, *rest = said.err.splitlines()
    begins = "error: " if lang == "en" else "错误: "
    assert first.startswith(begins + (english if lang == "en" else chinese))
    assert rest[-1].endswith(" --help")
    assert not PARSERS_OWN.search(said.err)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_language_asked_for_counts_wherever_it_stands(circle, name):
    for words in ([name, "--xyzzy", "--lang", "zh"], ["--lang", "zh", name, "--xyzzy"]):
        said = circle(*words)
        assert said.code == 2
        assert said.err.splitlines()[0] == "错误: 没有选项 --xyzzy。"
        assert f"用法：circle {name} " in said.err
        assert said.err.splitlines()[-1] == f"详见：circle {name} --help"


def test_every_option_that_is_nearly_hit_is_named(circle):
    for name, command in command_tree("en").commands.items():
        for own in (option for parameter in command.params for option in parameter.opts if option.startswith("--")):
            assert f"Did you mean {own}?" in circle(name, f"{own}q").err


def test_a_process_of_its_own_leaves_with_2():
    said = in_a_process("runn", LC_ALL="zh_CN.UTF-8")
    assert said.returncode == 2
    assert "没有命令 runn。是否想用 run？" in said.stderr


def test_words_are_told_without_what_steers_a_terminal(circle):
    for words in (
        ["--a\x1b[31mb\u202ec"],
        ["check", "x", "y\x1b]0;z\x07"],
        ["\x1b[2Jx\nError: y"],
        ["run", "--" + "a" * 10_000],
    ):
        said = circle(*words)
        assert said.code == 2
        assert not set("\x1b\x07\u202e") & set(said.err)
        assert len(said.err.splitlines()) == 3
        assert len(said.err) < 500


def test_a_name_in_another_encoding_is_told(circle):
    said = circle("check", "x", "\udcc7\udce0")
    assert said.code == 2
    assert "��" in said.err


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_bounds_of_every_kind_are_told(capsys, lang):
    app = typer.Typer(cls=Group, add_completion=False)

    @app.callback()
    def _root() -> None: ...

    @app.command("make", cls=Command)
    def _make(
        a: Annotated[int, typer.Option("--a", min=3)] = 3,
        b: Annotated[int, typer.Option("--b", max=1_000)] = 3,
        c: Annotated[float | None, typer.Option("--c", max=0.5)] = None,
        d: Annotated[float | None, typer.Option("--d")] = None,
    ) -> None: ...

    wanted = {
        "--a=2": ("--a takes a whole number from 3 on.", "--a 要求不小于 3 的整数。"),
        "--b=1001": ("--b takes a whole number up to 1,000.", "--b 要求不大于 1,000 的整数。"),
        "--c=x": ("--c takes a number up to 0.5.", "--c 要求不大于 0.5 的数字。"),
        "--d=x": ("--d takes a number.", "--d 要求数字。"),
    }
    tree = typer.main.get_command(app)
    tree.lang = lang
    for word, said in wanted.items():
        with pytest.raises(SystemExit) as left:
            tree.main(["make", word], prog_name="p")
        assert left.value.code == 2
        assert said[lang == "zh"] in capsys.readouterr().err


def test_what_is_right_is_not_touched(circle):
    assert circle("--version").code == 0
    assert circle("run", "--help").code == 0


def test_no_two_sentences_are_the_same():
    told = [entry["en"] for key, entry in catalogue().items() if key.startswith("usage.")]
    assert len(told) == len(set(told)) > 15
