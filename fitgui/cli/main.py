"""The command ``fitgui``: its commands, and how each of them ends.

A command's module is imported only when the command is used, so that ``fitgui --help`` answers at once.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click

from fitgui import __version__
from fitgui.cli.errors import FAILED, INTERRUPTED, OK, USAGE, CommandError, unknown
from fitgui.cli.plain import printable

OpenWindow = Callable[[str | None, bool, bool], int]
"""Opens the window: pallet, run at once, self-test; returns the exit status."""


@dataclass(frozen=True, slots=True)
class TalkWish:
    """What a talk is to show, and how."""

    runs: tuple[str, ...]
    """Whole names of runs of the journal."""
    speed: float | None = None
    """Seconds of the runs in a second; ``None`` leaves it to the window, if ``seconds`` is so too."""
    seconds: float | None = None
    """What the longest of the runs is to take."""
    look: str | None = None
    """``dark`` or ``light``; ``None`` follows the desktop."""
    windowed: bool = False
    """In a window instead of the whole screen."""


OpenTalk = Callable[[TalkWish], int]
"""Shows runs in large type; returns the exit status."""


@dataclass(frozen=True, slots=True)
class Openers:
    """What ``__main__`` hands in, because nothing else may import Qt."""

    window: OpenWindow
    talk: OpenTalk | None = None


PALLET_HELP = (
    "PALLET is a path (folder, tar, tar.gz, tgz, tar.xz, zip, JSON), a name in the library, the word "
    "`example`, or something of HEPData's: a DOI, record, INSPIRE or arXiv number. That is fetched if it is "
    "not in the library yet."
)
"""For the help of every command that takes one."""

_COMMANDS = {
    "run": ("fitgui.cli.run", "Fit the signal points of a pallet."),
    "reinterpret": ("fitgui.cli.reinterpret", "Signal yields of your own: are they excluded?"),
    "inspect": ("fitgui.cli.inspect", "Show what a pallet holds, and what is unusual about it."),
    "search": ("fitgui.cli.search", "Find published likelihoods."),
    "download": ("fitgui.cli.download", "Get a published likelihood from HEPData, and keep it."),
    "point": ("fitgui.cli.point", "Look at the fit of one signal point: pulls, impacts, yields."),
    "library": ("fitgui.cli.library", "What is kept on this machine: list, cite, verify, remove, add."),
    "runs": ("fitgui.cli.runs", "List, show, compare, export and cancel runs; write scripts."),
    "backends": (
        "fitgui.cli.backends",
        "Where points can be fitted: check, log in, endpoints, options.",
    ),
    "gui": ("fitgui.cli.window", "Open the window."),
    "talk": ("fitgui.cli.talk", "Show runs on the whole screen, in large type: for a talk."),
    "self-test": ("fitgui.cli.selftest", "Fit one point, check it, open one window: is all in place?"),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports them when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The commands, in the order of the help."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(_COMMANDS[cmd_name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; name the nearest where there is none."""
        if args and not args[0].startswith("-") and args[0] not in _COMMANDS:
            raise unknown("command", args[0], _COMMANDS)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in the help, without importing anything."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=f"""Fit published LHC likelihoods from HEPData and watch every signal point come in.

    {PALLET_HELP}""",
    epilog="Without a command, the window opens. Exit status: 0 all is well, 1 a fit or run failed, "
    "2 a mistake in the command, 130 interrupted.",
)
@click.version_option(__version__, prog_name="fitgui", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Without a command, the window opens."""
    if context.invoked_subcommand is None:
        context.exit(open_window(context, None))


def open_window(
    context: click.Context, pallet: str | None, *, run: bool = False, self_test: bool = False
) -> int:
    """Open the window through what ``__main__`` handed in: nothing else imports Qt."""
    openers: Openers = context.find_root().obj
    return openers.window(pallet, run, self_test)


def open_talk(context: click.Context, wish: TalkWish) -> int:
    """Show runs through what ``__main__`` handed in.

    Raises:
        CommandError: if it handed in nothing for that.
    """
    openers: Openers = context.find_root().obj
    if openers.talk is None:
        raise CommandError("this fitgui has no window to show runs in")
    return openers.talk(wish)


def run_cli(arguments: Sequence[str], opener: OpenWindow, talk: OpenTalk | None = None) -> int:
    """Carry out a command line.

    Args:
        arguments: what follows the name of the program.
        opener: opens the window.
        talk: shows runs in large type.

    Returns:
        The exit status. Nothing is raised: whatever goes wrong is one line on the standard error.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the shell, or never there, as in a window without a terminal
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        elif isinstance(stream, TextIOWrapper):
            # A terminal that lacks a sign shows a question mark; it must not end a run of hours.
            stream.reconfigure(errors="replace")
    try:
        status: Any = cli.main(
            list(arguments), prog_name="fitgui", standalone_mode=False, obj=Openers(opener, talk)
        )
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001 -- no traceback reaches a user
        return _explain(error)
    return status if isinstance(status, int) else OK


def _explain(error: BaseException) -> int:
    """One line about what ended a command; returns the exit status."""
    text, status = "", FAILED
    match error:
        case CommandError():
            text, status = str(error), error.status
        case click.exceptions.NoArgsIsHelpError():
            error.show()
            return USAGE
        case click.UsageError():
            command = error.ctx.command_path if error.ctx is not None else "fitgui"
            sentence = error.format_message().rstrip(".")
            text, status = f"{sentence[:1].lower()}{sentence[1:]} (see `{command} --help`)", USAGE
        case click.ClickException():
            text = error.format_message()
        case click.Abort() | KeyboardInterrupt():
            text, status = "interrupted", INTERRUPTED
        case BrokenPipeError() | SystemExit():  # click turns a broken pipe into an exit
            return _abandon_output()
        case OSError() if error.errno in (errno.ENOSPC, errno.EDQUOT):
            _abandon_output()
            text = (
                "the disk is full, so the output cannot be written: free some space, or choose another place"
            )
        case _:
            from fitgui.trouble import report  # noqa: PLC0415 -- not needed when all is well

            text = report(error)
    return _complain(text, status)


def _abandon_output() -> int:
    """The output takes nothing any more, because its reader has gone (as `head` does) or its disk is full."""
    # Python flushes at its end and would complain; so let it flush into nothing.
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED


def _complain(text: str, status: int) -> int:
    with suppress(OSError, ValueError):
        click.echo(f"fitgui: {printable(' '.join(text.split()))}", err=True)
    return status
