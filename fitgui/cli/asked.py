"""What ``fitgui run`` is asked to compute: its options, and whether the engine can do it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar

import click

from fitgui.cli.errors import CommandUsageError, unknown
from fitgui.cli.numbers import Number, Whole
from fitgui.runs.plan import Check
from fitgui_backends.contract import TEST_STATISTICS, FitOptions
from fitgui_backends.engines import FitError, available_engines, load_engine

DEFAULTS = FitOptions()
FIXED = (
    "engine",
    "limits",
    "toys",
    "seed",
    "test_statistic",
    "discovery",
    "non_negative",
    "tensor_backend",
    "optimizer",
)
"""Options of this module that belong to a run from its start; going on with it keeps them."""
CHECKED_POINTS = Check().points

_EXTRAS = {"jax": "jax", "minuit": "iminuit"}
_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--engine",
        metavar="NAME",
        help="How a point is fitted: newton (exact derivatives, several starts, milliseconds) or pyhf (the "
        f"reference: its own minimisers, seconds to minutes) [default: {DEFAULTS.engine}].",
    ),
    click.option(
        "--limits",
        flag_value=True,
        is_flag=True,
        default=None,
        help="Also upper limits on mu at 95 % CL, observed and expected.",
    ),
    click.option(
        "--toys",
        type=Whole(1),
        metavar="N",
        help="Also CLs from N pseudo-experiments of each hypothesis; with --limits, limits from them too.",
    ),
    click.option(
        "--seed",
        type=Whole(0),
        metavar="N",
        help=f"Of the pseudo-experiments [default: {DEFAULTS.seed}].",
    ),
    click.option(
        "--test-statistic",
        type=click.Choice(TEST_STATISTICS),
        help="q lets mu-hat be negative where the measurement's bounds do "
        f"[default: {DEFAULTS.test_statistic}].",
    ),
    click.option(
        "--discovery",
        flag_value=True,
        is_flag=True,
        default=None,
        help="Also the p-value of the background-only hypothesis, and what is expected with the signal.",
    ),
    click.option(
        "--non-negative",
        flag_value=True,
        is_flag=True,
        default=None,
        help="Where a sample's rate is negative at a minimum, also CLs with all rates at zero or more.",
    ),
    click.option(
        "--check",
        type=Whole(1),
        metavar="[N]",
        help="Afterwards fit N points again with the other engine, and compare CLs "
        f"[N: {CHECKED_POINTS} if it is left out].",
    ),
    click.option(
        "--check-seed",
        type=Whole(0),
        metavar="N",
        help=f"Chooses the points of the check [default: {Check().seed}].",
    ),
    click.option("--tensor-backend", type=click.Choice(["numpy", "jax"]), help="pyhf's tensor library."),
    click.option("--optimizer", type=click.Choice(["scipy", "minuit"]), help="pyhf's minimiser."),
    click.option(
        "--timeout",
        type=Number(0),
        metavar="SECONDS",
        help=f"Stop a point that takes longer; 0 waits for ever [default: {DEFAULTS.timeout_seconds:.0f}].",
    ),
)


def fit_options(command: _Command) -> _Command:
    """Give a command the options of this module."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def asked_options(chosen: dict[str, Any]) -> FitOptions:
    """What was typed, as a backend takes it; what is left out has its default.

    Raises:
        CommandUsageError: if the engine does not exist, or refuses an option, or a library is missing.
    """
    engine = chosen["engine"] or DEFAULTS.engine
    if engine not in available_engines():
        raise unknown("engine", engine, available_engines())
    for option in ("tensor_backend", "optimizer"):
        if chosen[option] is not None and engine != "pyhf":
            name = option.replace("_", "-")
            raise CommandUsageError(f"--{name} is a choice of pyhf: add --engine pyhf, or leave it out")
    for extra in (chosen["tensor_backend"], chosen["optimizer"]):
        if extra in _EXTRAS and find_spec(_EXTRAS[extra]) is None:
            raise CommandUsageError(f"{extra} is not installed: `pip install 'fitgui[{extra}]'`")
    if chosen["seed"] is not None and not chosen["toys"]:
        raise CommandUsageError("--seed belongs to pseudo-experiments: add --toys N, or leave it out")
    given = {name: chosen[name] for name in FIXED if name != "engine" and chosen[name] is not None}
    timeout = DEFAULTS.timeout_seconds if chosen["timeout"] is None else chosen["timeout"] or None
    options = FitOptions(engine=engine, timeout_seconds=timeout, **given)
    try:
        load_engine(engine).check_options(options)
    except FitError as error:
        sentence = str(error).rstrip(".")
        raise CommandUsageError(sentence[:1].lower() + sentence[1:]) from error
    return options


def asked_check(chosen: dict[str, Any]) -> Check | None:
    """The check that was typed.

    Raises:
        CommandUsageError: if there is a seed and no check.
    """
    if chosen["check"] is None:
        if chosen["check_seed"] is not None:
            raise CommandUsageError("--check-seed belongs to a check: add --check, or leave it out")
        return None
    return Check(points=chosen["check"], seed=chosen["check_seed"] or 0)
