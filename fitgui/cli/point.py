"""``fitgui point``: one signal point from the inside, fitted in this process."""

from __future__ import annotations

import os
import sys

import click
from click.core import ParameterSource

from fitgui.cli.choice import choose_analysis, choose_measurement, open_source
from fitgui.cli.compact_json import compact_json
from fitgui.cli.errors import CommandError, CommandUsageError, unknown
from fitgui.cli.main import PALLET_HELP
from fitgui.cli.numbers import Number, Whole
from fitgui.cli.output import is_terminal, print_line, say
from fitgui.cli.point_document import document
from fitgui.cli.point_report import plain_lines, show
from fitgui.pallets import Analysis, Pallet, SignalPoint
from fitgui.pallets.poi import outside_bounds
from fitgui.pallets.selection import match_points
from fitgui.runs.plan import RunError
from fitgui_backends.contract import FitOptions, FitPoint
from fitgui_backends.engines import FitError
from fitgui_backends.machine import SINGLE_THREADED

_FITS = ("free", "background", "signal")


@click.command(
    help=f"""Look at the fit of the signal point NAME of PALLET from all sides.

    CLs and upper limits, best fit, profile likelihood and intervals of the signal strength, pulls,
    constraints, impacts on the signal strength, yields before and after the fit, strong correlations. NAME
    may be a pattern that only one point matches.

    A pull is how far a nuisance parameter was moved from where it was measured, in units of its uncertainty
    before the fit; a constraint is its uncertainty after the fit in the same units. An impact is how far the
    best signal strength moves when the parameter is held one standard deviation off and all else is fitted
    again; "linear" is its estimate from the covariance.

    {PALLET_HELP}"""
)
@click.argument("pallet")
@click.argument("name")
@click.option(
    "--analysis", "analysis_name", metavar="NAME", help="Which analysis, if several have the point."
)
@click.option("--measurement", metavar="NAME", help="Which measurement defines the POI [default: the first].")
@click.option(
    "--mu",
    type=Number(0, above=True),
    default=1.0,
    show_default=True,
    help="The signal strength that is tested.",
)
@click.option(
    "--fit",
    type=click.Choice(_FITS),
    default="free",
    show_default=True,
    help="Which fit to look at: with mu free, with mu = 0, or with the tested mu.",
)
@click.option(
    "--top",
    type=Whole(0),
    default=10,
    show_default=True,
    help="Rows of each ranking; 0 shows all.",
)
@click.option(
    "--no-impacts", is_flag=True, help="Leave the impacts out: two to four fits for each parameter."
)
@click.option(
    "--loose-bounds", is_flag=True, help="Let mu go beyond its bounds, also below zero, in the free fit."
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, with the full correlations.")
@click.option(
    "--python",
    "as_python",
    is_flag=True,
    help="Print a script instead, which computes CLs of the point with pyhf alone.",
)
def command(
    pallet: str,
    name: str,
    *,
    analysis_name: str | None,
    measurement: str | None,
    mu: float,
    fit: str,
    top: int,
    no_impacts: bool,
    loose_bounds: bool,
    as_json: bool,
    as_python: bool,
) -> None:
    """Look at one signal point."""
    if as_json and as_python:
        raise CommandUsageError("--json and --python contradict each other: leave one out")
    if loose_bounds and fit != "free":
        raise CommandUsageError(f"--loose-bounds is about the free fit: leave out --fit {fit}")
    opened = open_source(pallet)
    analysis, point = _find(opened, analysis_name, name)
    chosen = choose_measurement(analysis, measurement)
    typed = click.get_current_context().get_parameter_source("mu") is not ParameterSource.DEFAULT
    if typed and (problem := outside_bounds(analysis, point, chosen, mu)) is not None:
        raise CommandUsageError(f"--mu {mu:g} {problem}")
    if as_python:
        _print_script(opened, analysis, point, chosen, mu)
        return
    options = FitOptions(poi_test=mu, limits=True, discovery=True, non_negative=True)
    # Before numpy loads: more threads than one make these small fits slower.
    os.environ.update(SINGLE_THREADED)
    import threadpoolctl  # noqa: PLC0415

    from fitgui_backends.engines.detail import look_into  # noqa: PLC0415

    try:
        with threadpoolctl.threadpool_limits(limits=1):
            detail = look_into(
                analysis.workspace,
                chosen,
                FitPoint(name=point.name, operations=point.operations),
                options,
                mu={"free": None, "background": 0.0, "signal": mu}[fit],
                impacts=not no_impacts,
                loose_bounds=loose_bounds,
            )
    except FitError as error:
        raise CommandError(f"{point.name} in {analysis.name}: {error}") from error
    if as_json:
        everything = document(opened, analysis, point, detail, measurement=chosen, options=options)
        sys.stdout.write(compact_json(everything, encoding=sys.stdout.encoding or "ascii") + "\n")
        sys.stdout.flush()
    elif is_terminal(sys.stdout):
        show(opened, analysis, point, detail, options=options, top=top)
    else:
        for line in plain_lines(opened, analysis, point, detail, options=options, top=top):
            print_line(line)
    if detail.impacts is not None and detail.impacts.mu_at_bound and not loose_bounds:
        say("--loose-bounds lets the signal strength go beyond its bound, to see impacts on both sides")


def _print_script(
    pallet: Pallet, analysis: Analysis, point: SignalPoint, measurement: str | None, mu: float
) -> None:
    """The point as a script for pyhf."""
    from fitgui.pallets.library.library import Library  # noqa: PLC0415 -- seldom wanted
    from fitgui.takeaway.provenance import provenance  # noqa: PLC0415
    from fitgui.takeaway.script import ScriptPoint, make_script  # noqa: PLC0415

    origin = provenance(pallet.source, pallet.digest, Library())
    about = ScriptPoint(pallet, analysis, point, FitOptions(poi_test=mu), origin, measurement)
    try:
        text = make_script(about)
    except (FitError, RunError) as error:
        raise CommandError(f"{point.name} in {analysis.name}: {error}") from error
    sys.stdout.write(text)
    sys.stdout.flush()


def _find(pallet: Pallet, analysis_name: str | None, name: str) -> tuple[Analysis, SignalPoint]:
    """The point of that name, in the analysis of that name or in the only one that has the point.

    Raises:
        CommandUsageError: if there is no such point, or more than one.
    """
    holding = [analysis for analysis in pallet.analyses if match_points(analysis.points, [name])]
    if analysis_name is None and len(holding) == 1:
        analysis = holding[0]
    elif analysis_name is None and len(holding) > 1:
        listed = ", ".join(analysis.name for analysis in holding)
        raise CommandUsageError(
            f"several analyses of {pallet.name} have a point {name}, choose one with --analysis: {listed}"
        )
    else:
        analysis = choose_analysis(pallet, analysis_name)
    found = match_points(analysis.points, [name])
    if not found:
        raise unknown("point", name, [point.name for point in analysis.points], where=f" in {analysis.name}")
    if len(found) > 1:
        some = ", ".join(point.name for point in found[:3]) + (", ..." if len(found) > 3 else "")
        raise CommandUsageError(
            f"{name} matches {len(found)} points of {analysis.name} ({some}): name one of them"
        )
    return analysis, found[0]
