"""Fitting signals of one's own: the path of ``fitgui run``, for one analysis after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from fitgui.cli.asked import DEFAULTS, asked_check, asked_options
from fitgui.cli.backends_common import make_backend
from fitgui.cli.backends_where import choose_place
from fitgui.cli.ending import Ending
from fitgui.cli.errors import FAILED, INTERRUPTED, OK, CommandUsageError
from fitgui.cli.follow import Outcome, follow
from fitgui.cli.following import follow_to_the_end, refuse_workers, remember_place
from fitgui.cli.interrupts import Interrupts
from fitgui.cli.output import print_json, say
from fitgui.cli.reinterpret_answers import Answer
from fitgui.cli.reinterpret_document import document
from fitgui.cli.reinterpret_report import print_comparison, print_scan, print_verdict
from fitgui.cli.reopening import open_journal
from fitgui.cli.report import summary_line
from fitgui.cli.views import make_views
from fitgui.folders import default_signals_folder
from fitgui.reinterpretation.patching.own_pallet import keep_own
from fitgui.runs.backends import backend_names, default_workers
from fitgui.runs.controller import RunController
from fitgui.runs.plan import Check, RunPlan, make_plan
from fitgui.runs.snapshot import RunSnapshot
from fitgui_backends.contract import FitOptions, Place


class SignalEnding(Ending):
    """Ends the run of signals on one analysis: the verdict of one point, or the table of a scan.

    Args:
        answer: brought up to date here.
        output: as for any run.
        as_json: print the answer as a document.
        among_others: whether there are other analyses, after all of which something is printed.
    """

    def __init__(
        self, answer: Answer, output: Path | None, *, as_json: bool, among_others: bool = False
    ) -> None:
        super().__init__(output, as_json=as_json)
        self._answer = answer
        self._among_others = among_others
        self._single = len(answer.points) == 1 and not answer.candidate.left_out

    @property
    def quiet(self) -> bool:
        """A single point is not announced before its verdict."""
        return self.as_json or self._single

    def tell_results(self, outcome: Outcome) -> None:
        """Print the answer."""
        answer = self._answer
        answer.snapshot, answer.run_id = outcome.snapshot, outcome.run_id
        if self._among_others:
            if not self.quiet:
                super().tell_results(outcome)
        elif self.as_json:
            print_json(document([answer]))
        elif self._single:
            print_verdict(answer)
        else:
            super().tell_results(outcome)
            print_scan(answer)

    def tell_run(self, outcome: Outcome, where: str) -> None:
        """Say in a line how the run ended: among others, of which analysis it is and what it is kept as."""
        pallet = self._answer.pallet
        if pallet is None or not self._among_others:
            super().tell_run(outcome, where)
            return
        kept = "" if self.as_json else f"; kept as {Path(pallet.source).name}"
        name = self._answer.candidate.target.analysis.name
        say(f"{name}: run {outcome.run_id}: {summary_line(outcome.snapshot)}{where}{kept}")

    def show(self, outcome: Outcome) -> int:
        """Show and write the answer; return the exit status."""
        status = super().show(outcome)
        if self._answer.pallet is not None and not self.as_json and not self._among_others:
            source = self._answer.pallet.source
            say(f"kept as a pallet, for `fitgui run`, `point` and `gui`: {source}")
        if status == OK and self._answer.candidate.left_out:
            return FAILED
        return status


def default_options(chosen: Mapping[str, Any], *, single: bool) -> FitOptions:
    """What is computed: of a single point limits as well, unless pseudo-experiments would make them long.

    Raises:
        CommandUsageError: as :func:`~fitgui.cli.asked.asked_options`.
    """
    wanted = dict(chosen)
    if single and wanted["limits"] is None and not wanted["toys"]:
        wanted["limits"] = True
    return asked_options(wanted)


def fit_answers(
    answers: Sequence[Answer], chosen: Mapping[str, Any], output: Path | None, *, as_json: bool
) -> int:
    """Keep the signals, fit them and show what comes out; return the exit status.

    Args:
        answers: those with a problem are only shown.
        chosen: the options of the command.
        output: the file for the results.
        as_json: print one document.

    Raises:
        SignalError: if signals cannot be kept.
        RunError: if they cannot be fitted.
        CommandError: if they cannot be fitted there.
    """
    wanted = [answer for answer in answers if answer.pallet is not None]
    total = max(len(answer.points) + len(answer.candidate.left_out) for answer in wanted)
    options = default_options(chosen, single=total == 1)
    check = asked_check(dict(chosen))
    if len(answers) > 1 and (check is not None or output is not None):
        option = "--check" if check is not None else "--output"
        raise CommandUsageError(
            f"{option} is for one analysis: choose it with --analysis, or leave {option} out"
        )
    if options.limits and options.engine != DEFAULTS.engine:
        say(
            f"upper limits by {options.engine} take minutes for each point of a published search: they need "
            f"dozens of fits (--engine {DEFAULTS.engine} needs seconds in all); Ctrl-C stops it"
        )
    name = chosen["backend"] or backend_names()[0]
    with ExitStack() as stack:
        workers = chosen["workers"]
        if workers is None and name in backend_names():
            usual = default_workers(name)
            workers = None if usual is None else min(usual, total)
        backend = make_backend(name, workers=workers, engine=options.engine)
        stack.callback(backend.close)
        refuse_workers(backend, name, chosen["workers"])
        backend.warm_up()
        place = choose_place(name, backend, chosen["endpoint"], chosen["given"])
        for answer in wanted:
            _plan(answer, options, backend=name, workers=workers, place=place, check=check)
        controller = RunController(open_journal(), {name: backend})
        stack.callback(controller.close)
        if len(answers) > 1:
            outcomes = _follow_all(controller, wanted, name, place, quiet=as_json or total == 1)
            controller.close()
            return _end_all(answers, outcomes, as_json=as_json)
        [answer] = wanted
        plan = _plan_of(answer)

        def start() -> str:
            run_id = controller.start(plan)
            remember_place(name, place)
            return run_id

        ending = SignalEnding(answer, output, as_json=as_json)
        return follow_to_the_end(controller, plan, start, RunSnapshot(plan.points), ending)


def _plan(
    answer: Answer,
    options: FitOptions,
    *,
    backend: str,
    workers: int | None,
    place: Place | None,
    check: Check | None,
) -> None:
    """Keep the signals of an analysis, and plan their fits."""
    if answer.pallet is None:
        return
    answer.pallet = keep_own(answer.pallet)
    [analysis] = answer.pallet.analyses
    answer.plan = make_plan(
        answer.pallet,
        analysis,
        analysis.points,
        options,
        backend=backend,
        workers=workers,
        place=place,
        measurement=answer.candidate.target.measurement,
        check=check,
    )


def _plan_of(answer: Answer) -> RunPlan:
    if answer.plan is None:
        raise AssertionError("it was planned before")
    return answer.plan


def _follow_all(
    controller: RunController, answers: Sequence[Answer], name: str, place: Place | None, *, quiet: bool
) -> list[tuple[Answer, Outcome]]:
    """One analysis after the other, until somebody interrupts."""
    outcomes = []
    with Interrupts() as interrupts:
        for answer in answers:
            plan = _plan_of(answer)

            def start(plan: RunPlan = plan) -> str:
                run_id = controller.start(plan)
                remember_place(name, place)
                return run_id

            views = make_views(plan, quiet=quiet)
            outcome = follow(controller, plan, start, RunSnapshot(plan.points), views, interrupts=interrupts)
            outcomes.append((answer, outcome))
            if outcome.interrupted or outcome.reader_gone:
                break
    return outcomes


def _end_all(answers: Sequence[Answer], outcomes: Sequence[tuple[Answer, Outcome]], *, as_json: bool) -> int:
    """Show each run, and then what they say together."""
    statuses = []
    for answer, outcome in outcomes:
        ending = SignalEnding(answer, None, as_json=as_json, among_others=True)
        statuses.append(ending.show(replace(outcome, reader_gone=False)))
    if any(outcome.reader_gone for _, outcome in outcomes):
        raise BrokenPipeError
    if not as_json:
        kept = "a pallet" if len(outcomes) == 1 else "pallets"
        folder = default_signals_folder().absolute()
        say(f"kept as {kept}, for `fitgui run`, `point` and `gui`, in {folder}")
    if as_json:
        print_json(document(answers))
    elif INTERRUPTED not in statuses:
        print_comparison(answers)
    if INTERRUPTED in statuses:
        say("analyses that were not begun have no run: give the same command again to have them all")
        return INTERRUPTED
    return FAILED if FAILED in statuses else OK
