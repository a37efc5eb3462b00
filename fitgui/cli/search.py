"""``fitgui search``: find a published likelihood by anything that is known of it."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

from fitgui import words
from fitgui.cli.errors import FAILED, OK, CommandUsageError
from fitgui.cli.output import is_terminal, print_json, print_line, say
from fitgui.cli.search_online import Asking
from fitgui.cli.search_report import document, line, show
from fitgui.pallets.catalogue.bundled import load_catalogue
from fitgui.pallets.catalogue.filter import Facets, Index
from fitgui.pallets.catalogue.folding import query_words
from fitgui.pallets.catalogue.merging import Keys, identities
from fitgui.pallets.catalogue.shelf import Row, shelf
from fitgui.pallets.library.library import Library
from fitgui.pallets.published import Entry

_LONGEST = 80
"""Letters of what was typed that are repeated in a sentence."""


@click.command()
@click.argument("text", nargs=-1)
@click.option("--online", is_flag=True, help="Ask HEPData, too.")
@click.option(
    "--refresh",
    is_flag=True,
    help="First ask HEPData for all published likelihoods; take no answer from before.",
)
@click.option("--collaboration", metavar="NAME", help="Only of one, such as ATLAS.")
@click.option(
    "--final-state",
    "final_states",
    metavar="WORDS",
    multiple=True,
    help="Only with this in the final state, such as 'b jets'; several times: with all of them.",
)
@click.option("--with-points", is_flag=True, help="Only with a grid of signal points.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def command(
    context: click.Context,
    /,
    *,
    text: tuple[str, ...],
    online: bool,
    refresh: bool,
    collaboration: str | None,
    final_states: tuple[str, ...],
    with_points: bool,
    as_json: bool,
) -> None:
    """Find published likelihoods of which all words of TEXT are known; without TEXT, all of them.

    Looked through are titles, names, final states, analysis, arXiv, INSPIRE and record numbers, DOIs and
    more, in the catalogue and the library: at once, and without a network. The best come first.

    Exit status: 0 also if nothing was found; 1 if HEPData was to be asked and did not answer (what is known
    here is printed all the same).
    """
    query = "".join(letter if letter.isprintable() else " " for letter in " ".join(text))
    if online and not query.strip():
        raise CommandUsageError(
            "--online asks HEPData for a TEXT: give one, or take --refresh for all of them"
        )
    asking = Asking(fresh=refresh)
    try:
        catalogue = asking.refresh() if refresh else None
        found = asking.search(query) if online else ()
    finally:
        asking.close()
    catalogue = catalogue or load_catalogue()
    library = Library()
    index = Index(shelf(catalogue.entries, library.items(), found))
    for problem in (*catalogue.problems, *library.problems):
        say(problem)
    facets = Facets(
        collaboration=_named("collaboration", collaboration, index.counts("").collaborations),
        final_states=frozenset(
            name
            for given in final_states
            if (name := _named("final state", given, index.counts("").final_states)) is not None
        ),
        has_points=True if with_points else None,
    )
    rows = _hits(index, query, facets, found)
    if as_json:
        print_json([document(row) for row in rows])
    elif is_terminal(sys.stdout):
        show(rows, catalogue)
    else:
        for row in rows:
            print_line(line(row))
    if not rows:
        say(_nothing(query, facets, online=online and not asking.failed, elsewhere=len(index.match(query))))
    context.exit(FAILED if asking.failed else OK)


def _hits(index: Index, query: str, facets: Facets, found: Iterable[Entry]) -> list[Row]:
    """What matches here, then what only HEPData could find, in its order."""
    places = index.match(query, facets)
    left = set(index.match("", facets)).difference(places)
    keys = Keys()
    for place in left:
        keys.add(str(place), index.rows[place].entry)
    only_there = dict.fromkeys(keys.find(identities(entry)) for entry in found)
    return [index.rows[place] for place in (*places, *(int(place) for place in only_there if place))]


def _named(what: str, given: str | None, known: Iterable[str]) -> str | None:
    """The name as it is written in the catalogue; any way of writing it will do, or an unmistakable part."""
    if given is None:
        return None
    names = list(known)
    wanted = _plain(given)
    near = _near(wanted, names) or _near(wanted.removesuffix("s"), names)
    if len(near) != 1:
        choice = ", ".join(near or names)
        hint = f"choose one of {choice}" if choice else "there is none"
        raise CommandUsageError(f"there is no {what} {_cut(given) or 'without a name'}: {hint}")
    return near[0]


def _near(wanted: str, names: list[str]) -> list[str]:
    """The names that are written so, else those of which it is a part."""
    same = [name for name in names if _plain(name) == wanted]
    return same or [name for name in names if wanted and wanted in _plain(name)]


def _plain(name: str) -> str:
    """Without case, signs and blanks: ``belleii``."""
    return "".join(word.whole for word in query_words(name))


def _cut(text: str) -> str:
    """Enough of it to be recognised in a sentence."""
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"


def _nothing(query: str, facets: Facets, *, online: bool, elsewhere: int) -> str:
    """What to try when nothing was found."""
    if elsewhere and facets != Facets():
        return (
            f"nothing matches all that was chosen; {words.count(elsewhere, 'likelihood')} "
            f"{'matches' if elsewhere == 1 else 'match'} the text alone: leave out an option"
        )
    where = "the catalogue, the library and HEPData" if online else "the catalogue and the library"
    other = "fewer or other words, or a number of the paper"
    what = f"nothing in {where} matches {_cut(query)}" if query.strip() else f"there is nothing in {where}"
    return f"{what}: try {other}" if online else f"{what}: try {other}, or ask HEPData with --online"
