"""The command line: parse, call, print. One file per command; no analysis here."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> None:
    """Run ``circle`` and leave the process with an `circle.errors.ExitCode`.

    Parameters
    ----------
    argv
        The words after ``circle``; default: those of the process.

    Raises
    ------
    SystemExit
        Always, with the exit code.
    """
    import sys

    try:
        from circle.cli.frame import command_tree, leave, prepare_process
        from circle.cli.terminal import asked_language
        from circle.errors import ExitCode

        words = list(sys.argv[1:] if argv is None else argv)
        lang = asked_language(words)
        prepare_process(lang)
        commands = command_tree(lang)
    except KeyboardInterrupt:  # before there is anything to clean up, and a voice to say so
        from circle.errors import ExitCode

        sys.exit(ExitCode.INTERRUPTED)
    try:
        commands.main(words, prog_name="circle")
    except SystemExit as left:
        if argv is None:
            leave(left.code)
        raise
