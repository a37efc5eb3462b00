"""``fitgui library``: what is kept on this machine."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from fitgui import words
from fitgui.cli.errors import FAILED, OK, CommandError, CommandUsageError, unknown
from fitgui.cli.library_cite import known
from fitgui.cli.library_published import check, kept_as, understood
from fitgui.cli.library_report import detail_lines, document, row_lines, show_detail, show_rows
from fitgui.cli.output import is_terminal, print_json, print_line, say
from fitgui.cli.taken import tell_naming
from fitgui.folders import default_signals_folder
from fitgui.pallets import PalletError
from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.pallets.catalogue.shelf import shelf
from fitgui.pallets.finding import find, find_naming, keep_opened, open_found
from fitgui.pallets.hepdata.references import parse_reference
from fitgui.pallets.library.citation import bibtex
from fitgui.pallets.library.errors import LibraryError
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.library import Library, Verdict
from fitgui.pallets.library.matching import named_origin
from fitgui.pallets.published import Entry, PublishedFile

_SHORTEST_DIGEST = 8
_json = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


@click.group(invoke_without_command=True)
@_json
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """What is kept on this machine; without a further word, list it.

    Every pallet that is opened or downloaded is kept, once. NAME is its name in the list, its digest or the
    first eight digits of it, or what it was published as: the DOI of a file or record, a record, INSPIRE or
    arXiv number.
    """
    if context.invoked_subcommand is None:
        _list(as_json=as_json)
    elif as_json:
        raise CommandUsageError(f"write --json behind {context.invoked_subcommand}")


@command.command("list", short_help="All that is kept, the newest first.")
@_json
def list_kept(as_json: bool) -> None:
    """All that is kept, the newest first: name, size, points, where it is from."""
    _list(as_json=as_json)


@command.command("show", short_help="Everything that is known of NAME.")
@click.argument("name")
@_json
def show_kept(name: str, as_json: bool) -> None:
    """Everything that is known of NAME: contents, licence, where from and when, where it lies."""
    item = _meant(name)
    entry = _entries([item]).get(item.digest)
    if as_json:
        print_json(document(item, entry, _file(item, name)))
    elif is_terminal(sys.stdout):
        show_detail(item, entry)
    else:
        for line in detail_lines(item, entry):
            print_line(line)


@command.command("cite", short_help="BibTeX of NAME: paper and record.")
@click.argument("name", metavar="NAME|DOI|ID")
def cite(name: str) -> None:
    """How to cite NAME: BibTeX of the paper and of HEPData's record or file.

    It need not be kept: what the catalogue has is found by its DOI, by the record, INSPIRE or arXiv number of
    its record, or by what the analysis is called, such as SUSY-2018-04.
    """
    try:
        item = _meant(name)
    except CommandUsageError as not_kept:
        if not isinstance(not_kept, _NotKeptError) or (cited := known(name)) is None:
            raise
        for line in bibtex(cited.entry, cited.file).splitlines():
            print_line(line)
        return
    entry = _entries([item]).get(item.digest)
    text = bibtex(entry, _file(item, name)) if entry is not None else ""
    if not text:
        raise CommandError(
            f"it is not known where {item.name} was published, so there is no citation of it: "
            "`fitgui search` may find its record"
        )
    for line in text.splitlines():
        print_line(line)


@command.command("path")
@click.argument("name")
def path(name: str) -> None:
    """Where NAME lies on this machine."""
    # As bytes: a path may hold what no encoding knows.
    click.echo(bytes(_meant(name).path))


@command.command("add")
@click.argument("source", metavar="PATH")
@click.option(
    "--as",
    "published",
    metavar="DOI|ID",
    help="Which published file it is, so that it is found and cited as that.",
)
@_json
def add(source: str, published: str | None, as_json: bool) -> None:
    """Open the file or folder PATH, and keep a copy.

    A file that a web browser has saved is kept as the published one by --as, with its DOI or with the record,
    INSPIRE or arXiv number of its record; nobody is asked for that.
    """
    library = Library()
    as_published = None if published is None else understood(published, Path(source).name)
    try:
        found = find(Path(source), library)
        if found.path is None or found.item is not None:
            raise CommandUsageError(f"{source} need not be kept: fitgui has it already")
        pallet = open_found(found, library, keep=False)
        if as_published is not None:
            check(library, pallet, found.path, as_published)
        for problem in pallet.problems:
            say(f"note: {problem}")
        if (trouble := keep_opened(pallet, found.path, library)) is not None:
            raise CommandError(trouble)
    except LibraryError as error:
        raise CommandError(str(error)) from error
    except PalletError as error:
        kind = CommandError if Path(source).exists() else CommandUsageError
        raise kind(str(error)) from error
    item = library.get(pallet.digest)
    if item is None:
        raise CommandUsageError(f"{source} need not be kept: fitgui has it already")
    if as_published is not None:
        item = kept_as(library, item, source, as_published)
    if as_json:
        print_json(document(item, _entries([item]).get(item.digest)))
    else:
        print_line(item.name)


@command.command("remove", short_help="Remove NAME from this machine.")
@click.argument("name")
def remove(name: str) -> None:
    """Remove NAME from this machine; also what is damaged, by its digest."""
    library = Library()
    digest = _damaged(library, name)
    item = None if digest else _named(library, name)
    try:
        library.remove(digest or _named(library, name).digest)
    except LibraryError as error:
        raise CommandError(str(error)) from error
    if item is None:
        say(f"removed {digest[:12]}, which could not be used")
    else:
        say(f"removed {item.name}, {words.size(item.size)}")


@command.command("verify", short_help="Is NAME, or all, still what was kept?")
@click.argument("name", required=False)
@_json
@click.pass_context
def verify(context: click.Context, name: str | None, as_json: bool) -> None:
    """Read NAME, or all that is kept, once more: is it still what was kept?"""
    library = Library()
    if name is not None:
        digests = [_damaged(library, name) or _named(library, name).digest]
    else:
        digests = [*(item.digest for item in library.items()), *library.damaged()]
    verdicts: dict[str, Verdict] = {}
    for digest in digests:
        try:
            verdicts[digest] = library.verify(digest)
        except LibraryError:  # removed meanwhile
            continue
        if not as_json:
            print_line(verdicts[digest].sentence)
    unreadable = () if verdicts else library.problems
    for problem in unreadable:
        say(problem)
    if as_json:
        print_json([{"digest": digest, "ok": v.ok, "sentence": v.sentence} for digest, v in verdicts.items()])
    elif not verdicts and not unreadable:
        _say_empty()
    well = not unreadable and all(verdict.ok for verdict in verdicts.values())
    context.exit(OK if well else FAILED)


def _list(*, as_json: bool) -> None:
    library = Library()
    items = library.items()
    if as_json:
        entries = _entries(items)
        print_json([document(item, entries.get(item.digest)) for item in items])
    elif is_terminal(sys.stdout):
        show_rows(items)
    else:
        for line in row_lines(items):
            print_line(line)
    for problem in library.problems:
        say(problem)
    if items:
        size = words.size(sum(item.size for item in items))
        say(f"{words.count(len(items), 'pallet')}, {size}, in {library.folder}")
    elif not library.problems:
        _say_empty()
    _say_own_signals()


def _entries(items: Sequence[LibraryItem]) -> dict[str, Entry]:
    """Where these were published, by their digests; a file from elsewhere names its record itself."""
    rows = shelf(load_catalogue().entries, items)
    return {item.digest: row.entry for row in rows if row.published for item in row.items}


class _NotKeptError(CommandUsageError):
    """Nothing of that name is in the library."""


def _say_own_signals() -> None:
    """How much room signals of one's own take, which are in no library."""
    folder = default_signals_folder()
    sizes = []
    with suppress(OSError):  # a note beside what was asked for
        sizes = [path.stat().st_size for path in folder.glob("*.tar.gz")]
    if sizes:
        say(
            f"besides, {words.count(len(sizes), 'pallet')} of signals of your own, {words.size(sum(sizes))}, "
            f"in {folder}: files there may be removed unless their runs are to be gone on with or shown"
        )


def _say_empty() -> None:
    say("nothing is kept yet: `fitgui search` finds what is published, and whatever is opened is kept")


def _named(library: Library, name: str) -> LibraryItem:
    """What is kept under that name.

    Raises:
        CommandUsageError: if there is nothing, or more than one thing.
    """
    try:
        item = library.find(name)
    except LibraryError as error:
        raise CommandUsageError(str(error)) from error
    if item is None:
        names = [item.name for item in library.items()]
        if not names:
            raise _NotKeptError(f"there is no pallet {name} in the library: nothing is kept yet")
        raise _NotKeptError(str(unknown("pallet", name, names, where=" in the library")))
    return item


def _meant(name: str) -> LibraryItem:
    """What is kept under that name, or names as its own the record that was typed, which is said then.

    Raises:
        CommandUsageError: if there is nothing, or more than one thing.
    """
    library = Library()
    reference = parse_reference(name)
    try:
        kept = None
        if reference is not None and library.find(name) is None:
            kept = find_naming(reference, library)
    except LibraryError as error:
        raise CommandUsageError(str(error)) from error
    if kept is None or reference is None:
        return _named(library, name)
    tell_naming(kept, reference)
    return kept


def _file(item: LibraryItem, name: str) -> PublishedFile | None:
    """Which published file it was named as: versions of a record may hold the same."""
    reference = parse_reference(name)
    origin = named_origin(item, reference) if reference is not None else None
    return item.file if origin is None else origin.file


def _damaged(library: Library, name: str) -> str:
    """The digest of something damaged that is named by its beginning; empty if there is none."""
    begun = [digest for digest in library.damaged() if digest.startswith(name.lower())]
    return begun[0] if len(name) >= _SHORTEST_DIGEST and len(begun) == 1 else ""
