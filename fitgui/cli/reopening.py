"""What going on with an earlier run needs: the journal, and the pallet of the run."""

from __future__ import annotations

from fitgui.cli.choice import find_source, open_source
from fitgui.cli.errors import CommandError
from fitgui.cli.output import say
from fitgui.pallets import Pallet, PalletError
from fitgui.pallets.finding import open_item
from fitgui.pallets.library.library import Library
from fitgui.runs.journal import Journal
from fitgui.runs.plan import RunPlan


def open_again(plan: RunPlan, name: str) -> Pallet:
    """The pallet from where it was when the run was started, or the same from the library.

    Args:
        plan: of the run.
        name: of the run, as it was typed.

    Raises:
        CommandError: if it can be had nowhere.
    """
    reason = ""
    opened = None
    try:
        found = find_source(plan.pallet.source)
        if found.path is not None or Library().get(plan.pallet.digest) is None:  # else it need not be fetched
            opened = open_source(found)
            if opened.digest == plan.pallet.digest:
                return opened
    except CommandError as error:
        reason = str(error).rstrip(".")
    if (kept := _kept(plan)) is not None:
        if opened is not None or reason:
            what = "was changed" if opened is not None else "cannot be opened any more"
            say(f"{plan.pallet.source} {what}: going on with {plan.pallet.name} as the library keeps it")
        return kept
    if opened is not None:
        return opened  # what was changed may have nothing to do with this run: resuming compares
    raise CommandError(
        f"{reason}; if the pallet of this run was moved, give its new path: `fitgui run NEW --resume {name}`"
    )


def _kept(plan: RunPlan) -> Pallet | None:
    """The pallet of a run as the library keeps it."""
    library = Library()
    item = library.get(plan.pallet.digest)
    if item is None:
        return None
    try:
        opened = open_item(item, library)
    except PalletError:
        return None
    return opened if opened.digest == plan.pallet.digest else None


def open_journal() -> Journal:
    """The journal; what there is to say about it is said.

    Raises:
        JournalError: if it cannot be used.
    """
    journal = Journal()
    for notice in journal.notices:
        say(notice)
    return journal
