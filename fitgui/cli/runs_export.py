"""``fitgui runs export``: the results of a run as a file, a table, contours or a submission for HEPData."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from fitgui import words
from fitgui.cli.errors import CommandError, CommandUsageError
from fitgui.cli.history import find_run
from fitgui.cli.journal_reader import JournalReader
from fitgui.cli.output import is_standard_output, print_json, say
from fitgui.cli.writable import need_writable
from fitgui.runs.export import results_csv, results_document, to_json, write_results
from fitgui.runs.files import write_whole
from fitgui.runs.journal import RunRecord
from fitgui.runs.plan import RunError
from fitgui.runs.recorded import snapshot_of
from fitgui.runs.snapshot import RunSnapshot

_KINDS = ("json", "csv", "contours", "hepdata")


@click.command("export")
@click.argument("run")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Instead of the standard output: a file; of a submission a new folder, which it needs.",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(_KINDS),
    help="By default what the name of the file ends in, else JSON.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
def export_run(run: str, output: Path | None, kind: str | None, as_json: bool) -> None:
    """The results of RUN: as JSON, as a table in CSV, as contours, or as a submission for HEPData.

    --format contours writes the exclusion contours, every piece of each of them, as JSON, or as CSV if the
    name of the file ends in that. --format hepdata makes a folder of tables in YAML that HEPData takes.
    """
    if as_json and kind not in (None, "json"):
        raise CommandUsageError(f"--json and --format {kind} contradict each other: leave one out")
    if kind == "hepdata" and (output is None or is_standard_output(output)):
        raise CommandUsageError("a submission for HEPData is a folder: name a new one with --output")
    with JournalReader() as reader:
        record = find_run(reader.journal, run)
        snapshot = snapshot_of(reader.journal, record)
    if kind == "hepdata" and output is not None:
        _submit(record, snapshot, output)
    elif kind == "contours":
        _export_contours(record, snapshot, output)
    else:
        _export_results(record, snapshot, output, "json" if as_json else kind)


def _submit(record: RunRecord, snapshot: RunSnapshot, folder: Path) -> None:
    from fitgui.pallets.library.library import Library  # noqa: PLC0415 -- only who submits pays for these
    from fitgui.takeaway.hepdata import check_folder, save_submission  # noqa: PLC0415
    from fitgui.takeaway.provenance import provenance  # noqa: PLC0415

    try:
        check_folder(folder)
    except RunError as error:
        raise CommandUsageError(str(error)) from error
    pallet = record.plan.pallet
    try:
        tables = save_submission(
            folder, record, snapshot, provenance(pallet.source, pallet.digest, Library())
        )
    except RunError as error:
        raise CommandError(str(error)) from error
    say(f"a submission of {words.count(tables, 'table')} is in {folder}")


def _export_contours(record: RunRecord, snapshot: RunSnapshot, output: Path | None) -> None:
    from fitgui.takeaway.contours import contours_csv, contours_document, find_contours  # noqa: PLC0415
    from fitgui.takeaway.tables import choose  # noqa: PLC0415

    chosen = choose(snapshot.points)
    contours = find_contours(record.plan, chosen, {})
    if contours.exclusion.problem:
        say(f"there are no contours: {contours.exclusion.problem.rstrip('.')}")
    for sentence in chosen.left_out:
        say(sentence)
    document = contours_document(record.plan, contours, chosen.left_out, run=record.id)
    if output is None or is_standard_output(output):
        print_json(document)
        return
    is_csv = output.suffix.lower() == ".csv"
    _write(output, contours_csv(contours) if is_csv else to_json(document) + "\n")
    say(f"contours written to {output}")


def _export_results(record: RunRecord, snapshot: RunSnapshot, output: Path | None, kind: str | None) -> None:
    if output is None or is_standard_output(output):
        if kind == "csv":
            sys.stdout.write(results_csv(record.plan, snapshot))
        else:
            print_json(results_document(record.plan, snapshot))
        return
    _check(output)
    try:
        write_results(output, record.plan, snapshot, kind=kind)
    except RunError as error:
        raise CommandError(str(error)) from error
    say(f"results written to {output}")


def _write(output: Path, text: str) -> None:
    _check(output)
    try:
        write_whole(output, text)
    except RunError as error:
        raise CommandError(str(error)) from error


def _check(output: Path) -> None:
    need_writable(output)
