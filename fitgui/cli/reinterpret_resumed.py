"""The end of a run of one's own signals that was gone on with: what an uninterrupted one ends with."""

from __future__ import annotations

from pathlib import Path

from fitgui.cli.ending import Ending
from fitgui.cli.follow import Outcome
from fitgui.cli.output import say
from fitgui.cli.reinterpret_report import print_said, print_states
from fitgui.pallets import Pallet
from fitgui.pallets.model import OWN_SIGNAL
from fitgui.pallets.poi import largest_mu
from fitgui.reinterpretation.answer.verdict import verdict
from fitgui.runs.plan import RunPlan


class ResumedSignals(Ending):
    """Ends such a run with the verdict of one point, or what became of the points of a scan.

    What was noticed in the yields and where their regions went was said when the run began, and is not
    kept with it.

    Args:
        plan: of the run.
        pallet: the signals, as they were kept.
        output: as for any run.
        as_json: print the results as for any run, and nothing else.
    """

    def __init__(self, plan: RunPlan, pallet: Pallet, output: Path | None, *, as_json: bool) -> None:
        super().__init__(output, as_json=as_json)
        self._pallet = pallet
        analysis = plan.analysis_in(pallet)
        self._largest = None if analysis is None else largest_mu(analysis, plan.measurement)
        self._single = len(plan.points) == 1

    @property
    def quiet(self) -> bool:
        """A single point is not announced before its verdict."""
        return self.as_json or self._single

    def tell_results(self, outcome: Outcome) -> None:
        """Print the answer."""
        if self.as_json or not self._single:
            super().tell_results(outcome)
        if self.as_json:
            return
        results = [status.result for status in outcome.snapshot.points.values()]
        said = [verdict(result, largest=self._largest) for result in results if result is not None]
        if not self._single:
            print_states(_where(outcome.plan), [each.state for each in said], len(results))
        elif said:
            print_said(said[0])

    def show(self, outcome: Outcome) -> int:
        """Show and write the answer; return the exit status."""
        status = super().show(outcome)
        if not self.as_json:
            say(f"kept as a pallet, for `fitgui run`, `point` and `gui`: {self._pallet.source}")
        return status


def _where(plan: RunPlan) -> str:
    """The pallet that the signals are on, and its analysis."""
    name = plan.analysis.name
    published = plan.analysis.own_signal.removeprefix(OWN_SIGNAL).partition(f", {name}: ")[0]
    return f"{published}: {name}"
