"""What all commands share: how they are put together, speak the reader's language, fail and stop."""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Annotated, Any

import typer
import typer.main

from circle.cli import batch, check, fetch, init, route, run, sample, verify
from circle.cli.compiling import compiling_told
from circle.cli.help_page import Command, Group
from circle.cli.terminal import Lang, err, language, prepare_streams, show_problems
from circle.errors import CircleError, ExitCode
from circle.messages import text
from circle.stages import is_still_at_work

COMMANDS: dict[str, Callable[..., Any]] = {
    "run": run.run,
    "batch": batch.batch,
    "check": check.check,
    "verify": verify.verify,
    "route": route.route,
    "init": init.init,
    "fetch": fetch.fetch,
    "sample": sample.sample,
}


COLLECT_EVERY = 100_000
"""New objects between two looks for cyclic garbage: Python's 700 cost a short process more than the garbage would."""


def command_tree(lang: str) -> Any:
    """All commands with their help in the reader's language, ready to be run with a list of words."""
    app = typer.Typer(cls=Group, add_completion=False, rich_markup_mode="rich")
    app.callback(invoke_without_command=True)(root)
    for name, function in COMMANDS.items():
        app.command(name, cls=Command)(_guarded(function))
    tree: Any = typer.main.get_command(app)
    for name, command in tree.commands.items():
        _speak(command, name, lang)
    _speak(tree, "circle", lang)
    return tree


def _speak(command: Any, name: str, lang: str) -> None:
    """Give a command and its options their help texts: entries ``help.<command>`` and ``help.<command>_<option>``."""
    command.lang = lang
    command.help = text(f"help.{name}", lang)
    command.short_help = text(f"help.{name}", lang).split("\n", 1)[0]
    own_help = command.get_help_option(typer.Context(command))
    for parameter in [*command.params, own_help]:
        shared = parameter.name in ("lang", "version", "help", "no_cache")
        parameter.help = text(f"help.{parameter.name}" if shared else f"help.{name}_{parameter.name}", lang)
        if parameter.name == "lang":
            parameter.default = lang  # wherever it stands among the words


def _say_version(asked: bool) -> None:
    if asked:
        import circle

        typer.echo(f"circle {circle.__version__}")
        raise typer.Exit(ExitCode.OK)


def root(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", is_eager=True, callback=_say_version)] = False,
    lang: Lang = None,
) -> None:
    """Take the options that stand before a command, whose work is done while they are read; without one, show all."""
    del version, lang
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
        raise typer.Exit(ExitCode.USAGE)


def _guarded(function: Callable[..., Any]) -> Callable[..., None]:
    """Run a command so that what a user can cause ends in a sentence and an exit code, never in a traceback."""

    @functools.wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> None:
        lang = language(kwargs.get("lang"))
        try:
            with compiling_told(lang, quiet=kwargs.get("quiet", not err().is_terminal)):
                code = function(*args, **kwargs) or ExitCode.OK
            sys.stdout.flush()
        except CircleError as error:
            show_problems(error.problems, lang)
            code = error.exit_code
        except (KeyboardInterrupt, SystemError) as error:
            if not _was_interrupted(error):
                raise
            err().print(text("batch.interrupted" if function is batch.batch else "cli.interrupted", lang))
            code = ExitCode.INTERRUPTED
        except MemoryError:
            err().print(text("cli.out_of_memory", lang), style="red")
            code = ExitCode.RESOURCE
        except BrokenPipeError:
            _silence_stdout()
            code = ExitCode.OUTPUT
        raise typer.Exit(code)

    return guarded


def _was_interrupted(error: BaseException) -> bool:
    """Whether Ctrl-C is at the bottom of it: in the middle of machine code Python calls it an error of the system."""
    below: BaseException | None = error
    while isinstance(below, SystemError):
        below = below.__cause__ or below.__context__
    return isinstance(below, KeyboardInterrupt)


def _silence_stdout() -> None:
    """The reader of our output has gone: let nothing be said to it, not even by the interpreter at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def prepare_process(lang: str) -> None:
    """Characters, signals, memory and the last word on faults, for a process that belongs to the command line."""
    prepare_streams()
    gc.set_threshold(COLLECT_EVERY)
    sys.excepthook = functools.partial(_tell_of_a_fault, lang)
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):  # as on Ctrl-C: clean up, then go
            if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is signal.SIG_DFL:
                signal.signal(getattr(signal, name), _interrupt)


def leave(code: object) -> None:
    """End the process here, for it is the command's own, unless somebody waits to look at what is left of it.

    All files and messages are in order by now. Python would give back every object and library one by one, which takes
    as long as reading a small county, and would wait for a stage that computes on after an interruption.
    """
    if not isinstance(code, int) or _is_watched():
        return
    if not is_still_at_work():
        atexit._run_exitfuncs()  # those of other libraries: what they have open, they close
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _is_watched() -> bool:
    """Whether a profiler, a debugger or a prompt comes after the command."""
    if sys.flags.interactive or sys.gettrace() is not None or sys.getprofile() is not None:
        return True
    watchers = getattr(sys, "monitoring", None)  # from Python 3.12 on
    return watchers is not None and any(watchers.get_tool(number) is not None for number in range(6))


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _tell_of_a_fault(lang: str, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.__excepthook__(kind, error, trace)
    err().print(text("cli.fault", lang))
