"""What is said when the words on the command line cannot be taken: in the reader's language, and what could be meant.

The parser's own sentences are English. What it found is in the kind of its error and in the parameter concerned; what a
parameter takes stands in the signature of the command's function.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer

from circle.cli.terminal import err, plain, typed
from circle.errors import ExitCode
from circle.messages import text

UsageError: Any = typer.BadParameter.__mro__[1]
"""Of all that is wrong with words; typer shows only this child of it."""
_LONGEST = 60
"""Letters of a word that is told again."""


@contextmanager
def usage_told(tree: Any, lang: str) -> Iterator[None]:
    """Say in `lang` what is wrong with the words, and leave."""
    try:
        yield
    except UsageError as error:
        ctx = getattr(error, "ctx", None)
        command = tree if ctx is None else ctx.command
        said = err()
        said.print(f"{text('severity.error', lang)}: {sentence(error, tree, lang)}", style="red")
        path = "circle" if ctx is None else ctx.command_path
        if ctx is not None:
            usage = " ".join([path, *command.collect_usage_pieces(ctx)])
            said.print(text("help.panel_usage", lang, words=usage))
        said.print(text("usage.help", lang, command=path))
        raise typer.Exit(ExitCode.USAGE) from None


def sentence(error: Any, tree: Any, lang: str) -> str:
    """What is wrong, in one sentence or two."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    ctx = getattr(error, "ctx", None)
    command = tree if ctx is None else ctx.command
    if "NoSuchOption" in kinds:
        options = [name for own in command.params for name in own.opts if name.startswith("--")]
        return _unknown("option", error.option_name, [*options, "--help"], lang)
    if "BadOptionUsage" in kinds:
        flag = "does not take" in error.message
        return text(f"usage.value_{'none' if flag else 'missing'}", lang, name=_shown(error.option_name))
    if "MissingParameter" in kinds and error.param is not None:
        return text(f"usage.{error.param.param_type_name}_missing", lang, name=_name(error.param))
    if "BadParameter" in kinds:
        return _wrong_value(error, command, lang)
    return _wrong_words(error, command, lang)


def _wrong_words(error: Any, command: Any, lang: str) -> str:
    """Too many of them, or no command; of what else there may be, the parser's own sentence."""
    if getattr(error, "unknown_command", None) is not None:
        return _unknown("command", error.unknown_command, list(command.commands), lang)
    more = re.search(r"unexpected extra arguments?(?:\(s\))? \((.*)\)", error.message, re.DOTALL)
    if more:
        return text("usage.too_many", lang, words=_shown(more[1]))
    return _shown(str(error.format_message()), 10 * _LONGEST)


def _wrong_value(error: Any, command: Any, lang: str) -> str:
    """What a parameter takes; where the sentence is ours, that sentence."""
    if error.param is None:
        hint = error.param_hint or ""
        return text("usage.value_wrong", lang, name=hint, told=error.message) if hint else str(error.message)
    takes, facts = _taken(command, error.param.name)
    name = _name(error.param)
    if get_origin(takes) is Literal:
        return text("usage.choice", lang, name=name, known=_listed(map(str, get_args(takes)), lang))
    if takes in (int, float):
        kind = "integer" if takes is int else "number"
        bounds = {"low": facts.min, "high": facts.max} if facts is not None else {}
        known = {side: f"{bound:,}" for side, bound in bounds.items() if bound is not None}
        ending = {(): "", ("low", "high"): "_between", ("low",): "_from", ("high",): "_to"}[tuple(known)]
        return text(f"usage.{kind}{ending}", lang, name=name, **known)
    return text("usage.value_wrong", lang, name=name, told=_shown(error.message, 10 * _LONGEST))


def _taken(command: Any, name: str) -> tuple[Any, Any]:
    """The type of a parameter but for None, and what typer was told of it."""
    hints = get_type_hints(inspect.unwrap(command.callback), include_extras=True)
    takes, *facts = get_args(hints[name])
    if get_origin(takes) is not Literal and type(None) in get_args(takes):
        (takes,) = (kind for kind in get_args(takes) if kind is not type(None))
    return takes, next((fact for fact in facts if hasattr(fact, "min")), None)


def _unknown(kind: str, name: str, known: list[str], lang: str) -> str:
    """That there is no such option or command, with what is spelled most like it."""
    bare = {own.lstrip("-"): own for own in known}  # two dashes in common are no likeness
    near = get_close_matches(name.lstrip("-"), bare, n=1)
    if near:
        return text(f"usage.{kind}_near", lang, name=_shown(name), near=bare[near[0]])
    return text(f"usage.{kind}_unknown", lang, name=_shown(name), known=_listed(known, lang))


def _listed(names: Iterable[str], lang: str) -> str:
    return text("words.list_joint", lang).join(names)


def _name(parameter: Any) -> str:
    """As it stands in the usage line: ``REGION``, ``--out``."""
    if parameter.param_type_name == "option":
        return str(max(parameter.opts, key=len))
    return str(parameter.metavar or parameter.name.upper())


def _shown(word: str, longest: int = _LONGEST) -> str:
    """A word of the user's, without what steers a terminal."""
    safe = plain(typed(word)).replace("\n", " ")
    return safe if len(safe) <= longest else safe[: longest - 1] + "…"
