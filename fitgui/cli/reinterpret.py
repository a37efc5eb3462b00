"""``fitgui reinterpret``: signal yields on a published analysis, and whether they are excluded."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from fitgui.cli.asked import fit_options
from fitgui.cli.choice import open_source
from fitgui.cli.errors import CommandError, CommandUsageError
from fitgui.cli.following import place_options
from fitgui.cli.lists import ListCommand
from fitgui.cli.main import PALLET_HELP
from fitgui.cli.numbers import Number
from fitgui.cli.output import is_standard_output, say
from fitgui.cli.reinterpret_asked import ACCEPTABLE, Asked, asked_of
from fitgui.cli.writable import need_writable
from fitgui.pallets import Pallet
from fitgui.reinterpretation.model import SignalError
from fitgui.runs.journal import JournalError
from fitgui.runs.plan import RunError

if TYPE_CHECKING:
    from fitgui.cli.reinterpret_answers import Answer

_FILE = click.Path(path_type=Path)
_OF_TEMPLATES = ("pallets", "template", "analysis", "measurement", "scan")
"""What a template can be asked for with."""


class ReinterpretCommand(ListCommand):
    """A command some of whose options go on until the next one."""

    lists = ("--ignore", "--accept", "--drop", "--keep", "--set")


@click.command(
    cls=ReinterpretCommand,
    help=f"""Is a signal excluded? Fit signal yields on the analyses of PALLET.

    The yields are events, efficiencies or cross sections for each region: a table (CSV, JSON), or what
    SimpleAnalysis, CheckMATE, MadAnalysis 5 or SModels wrote, or a pyhf patch; many model points in a
    file, or a folder of outputs, are a scan. Several analyses are compared, and never combined.

    \b
    fitgui reinterpret example --template my.csv       a file to be filled in
    fitgui reinterpret example --yields my.csv         is it excluded?
    fitgui reinterpret stau.tar.gz --yields total_results.txt --show-map
    fitgui reinterpret stau.tar.gz --yields Ewk.txt --cross-section "12 fb" --luminosity "139 fb-1"
    fitgui reinterpret stau.tar.gz 1Lbb.tar.gz --yields scan.csv --limits --json

    Nothing is guessed: a region without a bin, an order, a unit, or yields that look wrong stop it with a
    sentence each, and an option says that it is right. docs/reinterpretation.md tells of all formats.

    {PALLET_HELP} Ctrl-C stops a scan and keeps what is done; `fitgui run --resume` goes on.""",
)
@click.argument("pallets", metavar="PALLET...", nargs=-1)
@click.option("--yields", metavar="FILE|FOLDER|-", help="The signal yields; - reads the standard input.")
@click.option("--format", "tool", metavar="TOOL", help="What wrote them [default: recognised by content].")
@click.option("--of", metavar="NAME", help="Which analysis of a file that speaks of several.")
@click.option("--analysis", metavar="NAME", help="Which analysis of the pallet [default: all that fit].")
@click.option("--measurement", metavar="NAME", help="Which measurement defines the POI [default: the first].")
@click.option("--cross-section", metavar="'12 fb'", help="Of the model: makes events of efficiencies.")
@click.option(
    "--luminosity",
    metavar="'139 fb-1'",
    help="Makes events of cross sections; with its unit, as that of the model.",
)
@click.option("--scale", type=Number(0, above=True), default=1.0, metavar="X", help="All yields times this.")
@click.option("--map", "map_file", type=_FILE, metavar="FILE", help="A region map: which bin each region is.")
@click.option("--ignore", multiple=True, metavar="REGION...", help="Regions to be left out.")
@click.option(
    "--missing",
    type=click.Choice(["zero", "drop"]),
    help="Signal regions without yields have no signal, or are left out of the fit.",
)
@click.option("--drop", multiple=True, metavar="CHANNEL...", help="Channels to be left out of the fit.")
@click.option(
    "--keep", multiple=True, metavar="CHANNEL...", help="Channels without yields that stay in the fit."
)
@click.option(
    "--signal-uncertainty",
    metavar="22%",
    help="Of all yields together, where they have no systematic uncertainty of their own.",
)
@click.option(
    "--no-luminosity-uncertainty", is_flag=True, help="Leave the uncertainty of the luminosity out."
)
@click.option(
    "--accept",
    multiple=True,
    metavar="CODE...",
    help=f"What was noticed and is right: {', '.join(ACCEPTABLE)}.",
)
@click.option("--show-map", is_flag=True, help="Show where the regions go, and stop.")
@click.option("--save-map", type=_FILE, metavar="FILE", help="Write the region map that is used to a file.")
@click.option(
    "--write-patch", type=_FILE, metavar="FILE", help="Write the signal as a pyhf patch, or patch set."
)
@click.option(
    "--template", type=_FILE, metavar="FILE", help="Write a table to be filled in (CSV, or .json), and stop."
)
@click.option("--scan", is_flag=True, help="With --template: for many model points, a line for each.")
@fit_options
@place_options
@click.option(
    "--output",
    type=_FILE,
    metavar="FILE",
    help="Write the results to this file: JSON, or a table if it ends in .csv; - is the same as --json.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the answers as JSON, and nothing else.")
@click.pass_context
def command(
    context: click.Context,
    /,
    pallets: tuple[str, ...],
    yields: str | None,
    output: Path | None,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Fit signal yields."""
    if not pallets:
        raise CommandUsageError(
            "which pallet? give a path, a DOI, a name from the library, or the word example"
        )
    _refuse_unused(context)
    if output is not None and is_standard_output(output):
        output, as_json = None, True
    for option in ("save_map", "write_patch", "template"):
        if chosen[option] is not None and is_standard_output(chosen[option]):
            name = option.replace("_", "-")
            raise CommandUsageError(f"--{name} writes a file: give it a name instead of {chosen[option]}")
    for path in (output, chosen["save_map"], chosen["write_patch"], chosen["template"]):
        if path is not None:
            need_writable(path)
    asked = asked_of(chosen)
    try:
        if chosen["template"] is not None:
            _write_template(pallets, asked, chosen)
            return
        if chosen["scan"]:
            raise CommandUsageError("--scan belongs to a template: add --template FILE, or leave it out")
        if yields is None:
            raise CommandUsageError(
                "which yields? give --yields FILE; `--template FILE` writes one that is to be filled in"
            )
        context.exit(_answer(pallets, yields, asked, chosen, output, as_json=as_json))
    except (RunError, JournalError) as error:
        raise CommandError(str(error)) from error
    except SignalError as error:
        raise CommandUsageError(str(error).rstrip(".")) from error


def _refuse_unused(context: click.Context) -> None:
    """What was typed beside an option that stops before it would be used.

    Raises:
        CommandUsageError: if there is such a thing.
    """
    typed = {
        str(option.name): option.opts[0]
        for option in context.command.params
        if context.get_parameter_source(str(option.name)) is ParameterSource.COMMANDLINE
    }
    if "template" in typed:
        unused = [option for name, option in typed.items() if name not in _OF_TEMPLATES]
        stopping, stops = "template", "--template writes a table to be filled in, and stops"
    elif "show_map" in typed:
        unused = [typed[name] for name in ("save_map", "write_patch", "output", "as_json") if name in typed]
        stopping, stops = "show-map", "--show-map shows where the regions go, and stops"
    else:
        return
    if unused:
        raise CommandUsageError(
            f"{stops}: leave {' and '.join(unused)} out, or ask again without --{stopping}"
        )


def _answer(
    pallets: Sequence[str],
    yields: str,
    asked: Asked,
    chosen: dict[str, Any],
    output: Path | None,
    *,
    as_json: bool,
) -> int:
    """Read the yields, fit them, and show the answers; return the exit status."""
    from fitgui.cli import reinterpret_signals as signals  # noqa: PLC0415 -- not for help and templates
    from fitgui.cli.reinterpret_answers import make_answer  # noqa: PLC0415
    from fitgui.cli.reinterpret_fitting import default_options, fit_answers  # noqa: PLC0415
    from fitgui.cli.reinterpret_looking import looked_through  # noqa: PLC0415
    from fitgui.cli.reinterpret_report import print_maps  # noqa: PLC0415

    default_options(chosen, single=False)  # what was typed is wrong before anything is read
    source = signals.content_of(yields)
    targets = signals.find_targets(_opened(pallets), asked)
    candidates = [looked_through(one, asked) for one in signals.read_on(source, targets, asked)]
    if chosen["show_map"]:
        print_maps(candidates)
        return 0
    answers = [make_answer(candidate, asked) for candidate in candidates]
    if all(answer.pallet is None for answer in answers):
        *others, last = signals.problems_of([answer.candidate for answer in answers])
        for problem in others:
            say(problem)
        raise CommandUsageError(last)
    _write_files(answers, chosen)
    return fit_answers(answers, chosen, output, as_json=as_json)


def _opened(pallets: Sequence[str]) -> list[Pallet]:
    opened = [open_source(pallet) for pallet in dict.fromkeys(pallets)]
    for pallet in opened:
        for problem in pallet.problems:
            say(f"note: {problem}")
    return opened


def _write_template(pallets: Sequence[str], asked: Asked, chosen: dict[str, Any]) -> None:
    """A file to be filled in, for one analysis."""
    from fitgui.cli.reinterpret_signals import find_targets  # noqa: PLC0415
    from fitgui.reinterpretation.formats.template import write_template  # noqa: PLC0415

    targets = find_targets(_opened(pallets), asked)
    if len(targets) > 1:
        names = ", ".join(target.analysis.name for target in targets)
        raise CommandUsageError(f"a template is for one analysis, choose it with --analysis: {names}")
    path: Path = chosen["template"]
    write_template(targets[0], path, scan=chosen["scan"])
    given = [(name, chosen[name]) for name in ("analysis", "measurement") if chosen[name] is not None]
    options = [word for name, value in given for word in (f"--{name}", value)]
    command_line = shlex.join(["fitgui", "reinterpret", *pallets, *options, "--yields", str(path)])
    say(f"{path} is to be filled in: `{command_line}` answers then")


def _write_files(answers: Sequence[Answer], chosen: dict[str, Any]) -> None:
    """The map and the patch, where they were asked for."""
    from fitgui.cli.reinterpret_writing import write_map_file, write_patch_file  # noqa: PLC0415

    for option, write in (("save_map", write_map_file), ("write_patch", write_patch_file)):
        if chosen[option] is None:
            continue
        usable = [answer for answer in answers if answer.pallet is not None]
        if len(usable) > 1:
            names = ", ".join(answer.candidate.target.analysis.name for answer in usable)
            raise CommandUsageError(
                f"--{option.replace('_', '-')} is for one analysis, choose it with --analysis: {names}"
            )
        write(usable[0], chosen[option])
        say(f"written: {chosen[option]}")
