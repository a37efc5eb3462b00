"""Where a command is to write, tried before it does anything."""

from __future__ import annotations

from pathlib import Path

from fitgui.cli.errors import CommandUsageError
from fitgui.runs.files import check_writable
from fitgui.runs.plan import RunError


def need_writable(path: Path) -> None:
    """Find out whether a file can be written there.

    Raises:
        CommandUsageError: if it cannot, in one sentence.
    """
    try:
        check_writable(path)
    except RunError as error:
        raise CommandUsageError(str(error)) from error
