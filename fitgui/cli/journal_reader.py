"""The journal for commands that only look."""

from __future__ import annotations

from fitgui.cli.errors import CommandError
from fitgui.cli.output import say
from fitgui.runs.journal import Journal, JournalError


class JournalReader:
    """Opens the journal, says what there is to say about it, and closes it.

    Raises:
        CommandError: if it cannot be opened, or not be read within the block.
    """

    def __enter__(self) -> JournalReader:
        try:
            self.journal = Journal()
        except JournalError as error:
            raise CommandError(str(error)) from error
        for notice in self.journal.notices:
            say(notice)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.journal.close()
        if isinstance(error, JournalError):
            raise CommandError(str(error)) from error
