"""What a command shows and writes when its run, or the check of it, has come to an end."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from fitgui import words
from fitgui.cli.cluster_words import say_elsewhere
from fitgui.cli.errors import FAILED, INTERRUPTED, OK
from fitgui.cli.follow import Outcome
from fitgui.cli.output import is_terminal, print_json, print_line, say
from fitgui.cli.report import (
    MOST_ROWS,
    check_line,
    how_to_go_on,
    print_results,
    resume_command,
    summary_line,
    wall_line,
)
from fitgui.runs.check import Comparison, reference_plan, summary
from fitgui.runs.export import results_document, write_results
from fitgui.runs.plan import RunError
from fitgui.runs.rescue import rescue
from fitgui_backends.contract import Place, TaskState

NO_LIMITS = "limits are not recomputed"
"""What is said where limits were asked for and the check leaves them out (see ``reference_plan``)."""


class Ending:
    """Shows results as they were asked for.

    Args:
        output: the file that they are written to, besides.
        as_json: print one document, and nothing else.
    """

    def __init__(self, output: Path | None, *, as_json: bool) -> None:
        self.output = output
        self.as_json = as_json
        self.wanted = 0
        """How many points the check is to have."""

    @property
    def quiet(self) -> bool:
        """Whether nothing goes to the standard output while the run goes on."""
        return self.as_json

    def tell_results(self, outcome: Outcome) -> None:
        """Print the results, as a table or for machines."""
        if self.as_json:
            print_json(results_document(outcome.plan, outcome.snapshot))
        elif is_terminal(sys.stdout):
            print_results(Console(), outcome.plan, outcome.snapshot)
            if outcome.snapshot.total > MOST_ROWS:
                more = words.count(outcome.snapshot.total - MOST_ROWS, "more point")
                say(f"{more}: `fitgui runs export {outcome.run_id}` writes them all")

    def tell_run(self, outcome: Outcome, where: str) -> None:
        """Say in a line how the run ended.

        Args:
            outcome: of the run.
            where: words that say where the results are; empty if they were not written.
        """
        say(f"run {outcome.run_id}: {summary_line(outcome.snapshot)}{where}")

    def show(self, outcome: Outcome) -> int:
        """Show and write the results; return the exit status."""
        plan, snapshot = outcome.plan, outcome.snapshot
        counts = snapshot.counts
        whole = counts[TaskState.DONE] == snapshot.total and not outcome.output_lost
        status = OK if whole else FAILED
        where, written = self._write(outcome)
        status = status if written else FAILED
        if outcome.reader_gone:
            raise BrokenPipeError
        self.tell_results(outcome)
        self.tell_run(outcome, where)
        if spent := wall_line(snapshot):
            say(spent)
        if counts[TaskState.FAILED]:
            failed = [s for s in snapshot.points.values() if s.state is TaskState.FAILED]
            others = f" ({len(failed) - 1} more failed)" if len(failed) > 1 else ""
            say(f"{failed[0].name} failed: {failed[0].error}{others}")
        if outcome.unwritten:
            if not where and (rescued := rescue(outcome.controller, outcome.run_id)) is not None:
                where = f"; the results are in {rescued}"
            why = outcome.trouble or "it could not be written in time"
            say(f"{outcome.unwritten} events of the run are not in the journal: {why}{where}")
            status = FAILED
        elif outcome.elsewhere:
            self._say_elsewhere(outcome)
        elif hint := how_to_go_on(plan, snapshot, outcome.run_id, self.output):
            say(hint)
        elif outcome.interrupted and snapshot.check_text:  # the run was over just before
            self._say_given_up(outcome)
        found = summary(snapshot)
        if found.state == "done" and found.done:
            say(found.sentences[0])
        return INTERRUPTED if outcome.interrupted else status

    def show_first(self, outcome: Outcome) -> int:
        """The results while their check is still going on; a document for machines waits for it."""
        if self.as_json:
            self._write(outcome)
            status = OK
        else:
            status = self.show(outcome)
        snapshot = outcome.snapshot
        self.wanted = snapshot.check_wanted
        wanted = words.count(self.wanted, "point")
        with_engine = snapshot.check_engines[1]
        but = f" ({NO_LIMITS})" if _without_limits(outcome) else ""
        say(f"checking CLs of {wanted} with {with_engine}{but}; the results are kept (Ctrl-C ends the check)")
        return status

    def tell_checked(self, comparison: Comparison) -> None:
        """A point has been compared."""
        if not self.as_json:
            print_line(check_line(comparison))

    def show_check(self, outcome: Outcome, status: int) -> int:
        """What the check came to; return the exit status, which no verdict of a check changes."""
        if self.as_json:
            # Ending the check early is no interruption of the run.
            status = self.show(replace(outcome, interrupted=False))
        elif not self._write(outcome)[1]:
            status = FAILED
        if outcome.reader_gone:
            raise BrokenPipeError
        found = summary(outcome.snapshot)
        if found.state == "done":
            if found.done and not self.as_json:  # there it stands with the results
                say(found.sentences[0])
            return status
        if found.done:
            some = f"{found.done} of {words.count(max(self.wanted, found.done), 'point')} checked"
            say(f"{some}: {found.sentences[0]}")
        self._say_given_up(outcome)
        return status

    def _say_elsewhere(self, outcome: Outcome) -> None:
        """That the run goes on at the cluster, and how to hear of it again, or to end it."""
        place, counts = outcome.plan.plan.place, outcome.snapshot.counts
        kept_back = counts[TaskState.QUEUED] + counts[TaskState.RUNNING] - outcome.elsewhere
        if kept_back > 0:
            rest = words.count(kept_back, "point")
            say(f"{rest} had not been handed over yet: that is done when you fetch the results")
        say_elsewhere(outcome.run_id, outcome.elsewhere, place or Place(), self.output)

    def _say_given_up(self, outcome: Outcome) -> None:
        say(outcome.snapshot.check_text)
        say(f"go on with: {resume_command(outcome.run_id, self.output, '--check')}")

    def _write(self, outcome: Outcome) -> tuple[str, bool]:
        """Write the file; return the words that say where, and whether that went well."""
        if self.output is None:
            return "", True
        try:
            write_results(self.output, outcome.plan, outcome.snapshot)
        except RunError as error:
            say(str(error))
            return "", False
        return f"; the results are in {self.output}", True


def _without_limits(outcome: Outcome) -> bool:
    """Whether the run has upper limits, which its check is not asked for."""
    plan = outcome.plan.plan
    return plan.options.limits and not reference_plan(plan, ()).options.limits
