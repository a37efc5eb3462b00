"""``fitgui download``: have a published likelihood, and have it for ever."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shlex
import sys
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console

from fitgui import words
from fitgui.cli import caveats
from fitgui.cli.cells import cell
from fitgui.cli.download_views import make_download_view
from fitgui.cli.errors import CommandError, CommandUsageError
from fitgui.cli.fetching import Seen, get
from fitgui.cli.numbers import Whole
from fitgui.cli.output import is_standard_output, is_terminal, print_json, print_line, say
from fitgui.cli.tables import tell_table
from fitgui.cli.wanted import Wanted, understand
from fitgui.cli.writable import need_writable
from fitgui.pallets.library.item import LibraryItem, Origin
from fitgui.pallets.library.library import Library
from fitgui.pallets.library.matching import named_origin

SCHEMA = 1
_NUMBER = re.compile(r"r(\d+)", re.IGNORECASE)


@click.command()
@click.argument("name", metavar="DOI|ID|NAME")
@click.option("--version", "version", type=Whole(1), metavar="N", help="Of the record [default: the newest].")
@click.option("--file", "file", metavar="NAME|rN", help="Which file, if the record has several likelihoods.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Write a copy to this file or folder, too.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what is kept as JSON, and nothing else.")
@click.pass_context
def command(
    context: click.Context,
    /,
    name: str,
    *,
    version: int | None,
    file: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Download a published likelihood from HEPData and keep it in the library.

    It is named by the DOI of its file or record, by its record, INSPIRE or arXiv number, by an address of
    HEPData's, or by its name in the catalogue such as SUSY-2019-08. What is kept already is not downloaded
    again. Ctrl-C stops; the same command goes on from there.
    """
    if output is not None:
        _check_output(output)
    library = Library()
    wanted = understand(name, version, file, library)
    tell_table(name)
    seen = Seen(make_download_view(wanted.name))
    item = wanted.kept or get(
        wanted, library, seen, file=file, how_to_choose="--file rN chooses it, --version another version"
    )
    copied = None if output is None else _copy(item, output)
    named = _named(item, wanted, file)
    if not as_json:
        caveats.tell(item)
    if named is not None and named.by_hand:
        say(f"{item.name} was kept by `fitgui library add --as`, not compared with HEPData's file")
    if as_json:
        print_json(document(item, named, downloaded=seen.downloaded, copied=copied))
    elif is_terminal(sys.stdout):
        _show(item, named, seen, copied)
    else:
        for line in _lines(item, named, copied):
            print_line(line)
    context.exit(0)


def _check_output(output: Path) -> None:
    """Before anything is downloaded."""
    if is_standard_output(output):
        raise CommandUsageError(
            "--output needs a file or a folder: an archive is not for a terminal or a pipe"
        )
    need_writable(output / "part" if output.is_dir() else output)


def _copy(item: LibraryItem, output: Path) -> Path:
    """Copy it out of the library; a file that is there already stays until the new one is whole."""
    if item.path.is_dir():
        raise CommandError(f"{item.name} is a folder, so it is no file to write: it lies in {item.path}")
    target = (output / item.file_name if output.is_dir() else output).resolve()
    part = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        hasher = hashlib.sha256()
        with item.path.open("rb") as source, part.open("xb") as copy:
            while block := source.read(1 << 20):
                hasher.update(block)
                copy.write(block)
            copy.flush()
            os.fsync(copy.fileno())
        if hasher.hexdigest() != item.digest:
            raise CommandError(
                f"{item.name} in the library is not what was kept, so it was not copied: remove it there, "
                "and get it again"
            )
        part.replace(target)
    except OSError as error:
        raise CommandError(
            f"{target} cannot be written ({error.strerror or error}): choose another place; it is kept in "
            f"the library as {item.name}"
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return target


def how_to_run(item: LibraryItem) -> str:
    """The command that uses it."""
    with_points = [analysis for analysis in item.contents or () if analysis.points]
    verb = "run" if with_points else "inspect"
    parts = ["fitgui", verb, item.name]
    if len(with_points) > 1:
        parts += ["--analysis", with_points[0].name]
    return shlex.join(parts)


def _named(item: LibraryItem, wanted: Wanted, file: str | None) -> Origin | None:
    """As which published file it was asked for: versions of a record may hold the same file."""
    if wanted.reference is None:
        return next(iter(item.published), None)
    reference = wanted.reference
    if file is not None and (match := _NUMBER.fullmatch(file)):
        numbers = (
            msgspec.structs.replace(reference, version=origin.version, file_number=int(match[1]))
            for origin in item.published
            if reference.version in (None, origin.version)
        )
        for exact in numbers:
            if (origin := named_origin(item, exact)) is not None:
                return origin
    return named_origin(item, reference) or next(iter(item.published), None)


def document(
    item: LibraryItem, named: Origin | None, *, downloaded: bool, copied: Path | None
) -> dict[str, Any]:
    """What is kept, for machines.

    Args:
        item: What is kept.
        named: As which published file it was asked for.
        downloaded: Whether it came just now.
        copied: Where else it was written.
    """
    file = named.file if named is not None else None
    entry = (named.entry if named is not None else None) or item.entry
    return {
        "schema": SCHEMA,
        "name": item.name,
        "path": str(item.path),
        "file_name": item.file_name,
        "size": item.size,
        "digest": item.digest,
        "downloaded": downloaded,
        "output": None if copied is None else str(copied),
        "file_doi": file.doi if file is not None else "",
        "record_doi": entry.record_doi if entry is not None else "",
        "version": file.version if file is not None else None,
        "title": entry.title if entry is not None else "",
        "licence": file.licence.name if file is not None and file.licence is not None else "",
        "analyses": [
            {
                "name": analysis.name,
                "channels": analysis.channels,
                "bins": analysis.bins,
                "parameters": analysis.parameters,
                "poi": analysis.poi,
                "labels": list(analysis.labels),
                "points": len(analysis.points),
            }
            for analysis in item.contents or ()
        ],
        "run": how_to_run(item),
        **caveats.document(caveats.published_entry(item)),
    }


def _contents(item: LibraryItem) -> list[str]:
    return [
        f"{analysis.name}: {words.count(len(analysis.points), 'signal point')}, "
        f"{words.count(analysis.channels, 'channel')}, {words.count(analysis.bins, 'bin')}"
        for analysis in item.contents or ()
    ]


def _doi(named: Origin | None) -> str:
    return named.file.doi if named is not None and named.file is not None else ""


def _lines(item: LibraryItem, named: Origin | None, copied: Path | None) -> list[str]:
    """Plain lines for a pipe."""
    doi = _doi(named)
    return [
        f"pallet {item.name}",
        *([f"doi {doi}"] if doi else []),
        f"digest {item.digest}",
        f"path {item.path}",
        *([f"copy {copied}"] if copied is not None else []),
        *(f"analysis {line}" for line in _contents(item)),
        f"run with {how_to_run(item)}",
    ]


def _show(item: LibraryItem, named: Origin | None, seen: Seen, copied: Path | None) -> None:
    console = Console()
    state = "is in the library" if seen.downloaded else "was in the library already"
    console.print(cell(item.name, style="bold"), cell(f"{state}, {words.size(item.size)}"))
    if item.entry is not None and item.entry.title:
        console.print(cell(item.entry.title, style="dim"))
    for line in _contents(item):
        console.print(cell(f"  {line}"))
    if doi := _doi(named):
        console.print(cell(f"doi       {doi}"), soft_wrap=True)
    # Paths are whole, so that they can be marked and copied.
    console.print(cell(f"file      {item.path}"), soft_wrap=True)
    if copied is not None:
        console.print(cell(f"copy      {copied}"), soft_wrap=True)
    console.print(cell(f"run with  {how_to_run(item)}"), soft_wrap=True)
