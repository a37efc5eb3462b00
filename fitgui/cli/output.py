"""Where words go: results to the standard output, everything else to the standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import click

from fitgui.cli.plain import printable
from fitgui.runs.export import to_json


def say(text: str) -> None:
    """One line for the user, on the standard error."""
    with suppress(OSError, ValueError):  # nobody may be there to read it
        click.echo(f"fitgui: {printable(' '.join(text.split()))}", err=True)


def print_line(text: str) -> None:
    """One line of results, at once, without control characters."""
    sys.stdout.write(printable(text) + "\n")
    sys.stdout.flush()


def print_json(document: Mapping[str, Any] | Sequence[Any]) -> None:
    """A document for machines."""
    sys.stdout.write(to_json(document, encoding=sys.stdout.encoding or "ascii") + "\n")
    sys.stdout.flush()


def is_standard_output(path: Path) -> bool:
    """Whether a file that was asked for is just another name for the standard output."""
    return str(path) in ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


def is_terminal(stream: TextIO) -> bool:
    """Whether a person looks at it who can be shown more than plain lines."""
    with suppress(ValueError):  # closed
        return stream.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")
    return False
