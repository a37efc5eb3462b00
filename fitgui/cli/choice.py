"""From what was typed to a pallet, its analysis and points; an unknown name is answered with known ones."""

from __future__ import annotations

from collections.abc import Sequence

from fitgui.cli.errors import CommandError, CommandUsageError, unknown
from fitgui.cli.output import say
from fitgui.cli.tables import tell_table
from fitgui.cli.taken import tell_taken
from fitgui.pallets import Analysis, Pallet, PalletError, SignalPoint
from fitgui.pallets.finding import Found, UnknownPalletError, find, find_naming, found_item, open_found
from fitgui.pallets.hepdata.references import Reference, parse_reference
from fitgui.pallets.library.errors import LibraryError
from fitgui.pallets.library.library import Library
from fitgui.pallets.library.matching import find_reference
from fitgui.pallets.selection import match_points


def find_source(source: str) -> Found:
    """What is meant by the name of a pallet; nothing is fetched or opened yet.

    Raises:
        CommandUsageError: if there is nothing of that name, or more than one thing.
    """
    library = Library()
    try:
        try:
            found, reference = find(source, library), parse_reference(source)
        except UnknownPalletError:
            if (named := _of_catalogue(source, library)) is None:
                raise
            found, reference = named
    except (UnknownPalletError, LibraryError) as error:
        raise CommandUsageError(str(error)) from error
    except PalletError as error:
        raise CommandError(str(error)) from error
    if found.path is None or found.item is not None:  # else it is a file, whatever it is called
        tell_table(source)
    if found.item is not None and reference is not None:
        tell_taken(found.item, reference, source)
    return found


def _of_catalogue(source: str, library: Library) -> tuple[Found, Reference] | None:
    """What the catalogue calls by that name, such as ``SUSY-2019-08``: kept, or to be fetched."""
    from fitgui.cli.wanted import of_catalogue  # noqa: PLC0415 -- seldom needed

    wanted = of_catalogue(source)
    if wanted is None or wanted.reference is None:
        return None
    reference = wanted.reference
    kept = find_reference(library.items(), reference) or find_naming(reference, library)
    found = Found(None, source, reference=reference) if kept is None else found_item(kept, reference)
    return found, reference


def open_source(source: str | Found) -> Pallet:
    """Open a pallet for a command, and keep it in the library; what lies nowhere is fetched from HEPData.

    Raises:
        CommandUsageError: if there is nothing of that name.
        CommandError: if it cannot be had or used.
    """
    found = find_source(source) if isinstance(source, str) else source
    library = Library()
    try:
        if found.path is None and found.reference is not None:
            from fitgui.cli.fetching import fetch  # noqa: PLC0415 -- most is here

            found = found_item(fetch(found.reference, library), found.reference)
        return open_found(found, library)
    except PalletError as error:
        raise CommandError(str(error)) from error


def choose_analysis(pallet: Pallet, name: str | None) -> Analysis:
    """The analysis of that name, or the only one that has signal points.

    Raises:
        CommandUsageError: if there is none of that name, or several and no name.
    """
    names = [analysis.name for analysis in pallet.analyses]
    if name is not None:
        exact = [analysis for analysis in pallet.analyses if analysis.name == name]
        alike = [analysis for analysis in pallet.analyses if analysis.name.casefold() == name.casefold()]
        if exact or len(alike) == 1:
            return (exact or alike)[0]
        raise unknown("analysis", name, names, where=f" in {pallet.name}")
    fittable = [analysis for analysis in pallet.analyses if analysis.points]
    if not fittable:
        raise CommandUsageError(
            f"{pallet.name} holds no signal points, so there is nothing to fit: `fitgui inspect "
            f"{pallet.source}` shows what it holds"
        )
    if len(fittable) > 1:
        listed = ", ".join(f"{analysis.name} ({len(analysis.points)} points)" for analysis in fittable)
        raise CommandUsageError(f"{pallet.name} holds several analyses, choose one with --analysis: {listed}")
    if len(names) > 1:
        say(f"taking {fittable[0].name}, the only analysis with signal points")
    return fittable[0]


def choose_measurement(analysis: Analysis, name: str | None) -> str | None:
    """The measurement of that name; without a name the first, which is said where there are several.

    Raises:
        CommandUsageError: if there is none of that name.
    """
    known = analysis.measurements
    if name is not None and name not in known:
        raise unknown("measurement", name, known, where=f" in {analysis.name}")
    if name is None and len(known) > 1:
        say(f"taking measurement {known[0]}, the first of {', '.join(known)}; --measurement chooses another")
    return name


def choose_points(
    analysis: Analysis, patterns: Sequence[str], patch_sets: Sequence[str]
) -> Sequence[SignalPoint]:
    """The points that match any pattern, in any of the patch sets; without patterns, all.

    Raises:
        CommandUsageError: if a patch set does not exist, or a pattern matches nothing.
    """
    points = analysis.points
    known = list(dict.fromkeys(patch_set.name for patch_set in analysis.patch_sets))
    for name in patch_sets:
        if name not in known:
            raise unknown("patch set", name, known, where=f" in {analysis.name}")
    if patch_sets:
        points = tuple(point for point in points if point.patch_set in patch_sets)
    elif len(known) > 1:
        say(f"taking all of {', '.join(known)}; --patch-set chooses among them")
    if not points:
        raise CommandUsageError(f"analysis {analysis.name} has no signal points, so there is nothing to fit")
    for pattern in patterns:
        if not match_points(points, [pattern]):
            names = [point.name for point in points]
            raise unknown("point", pattern, names, where=f" in {analysis.name}")
    return match_points(points, patterns) if patterns else points
