"""Make the bundled catalogue of published likelihoods from its hand-written source.

``catalogue/published.toml`` is what people edit: facts, and for each of them the source it is from.
``catalogue/opened.json`` is what opening the files that were at hand found. This script checks both
and writes ``catalogue/catalogue.json``, the only one of the three that fitgui reads. The same input
gives the same output, byte for byte. Run ``make catalogue`` after changing anything here.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
from pathlib import Path
from typing import Any

import msgspec

from fitgui.pallets import open_pallet
from fitgui.pallets.published import (
    AnalysisSummary,
    Entry,
    Format,
    Licence,
    Notation,
    PublishedFile,
    summarised,
)

FOLDER = Path(__file__).resolve().parent / "catalogue"
SCHEMA = 1
MEMORY = "memory"
"""The source of what nobody looked up: such fields are marked as unchecked."""
OPENED = "opened"
"""The source of what opening the published file showed."""

FINAL_STATES = frozenset(
    {
        *("0 leptons", "1 lepton", "2 leptons", "3+ leptons", "same-sign leptons", "soft leptons", "τ"),
        *("jets", "b jets", "boosted jets", "photons", "top", "W or Z", "Higgs"),
        *("missing momentum", "displaced", "flavour"),
    }
)
"""What entries may choose from, so that many share a word."""
OUR_OWN = frozenset({"nickname", "summary", "final_states"})
"""Fields that need no source: they are our wording."""
NOT_HS3 = "It is written as HS3, another format than the HistFactory JSON that fitgui fits."
"""Why a likelihood in HS3 cannot be fitted."""
LICENCES = {"CC0": Licence(name="CC0", url="https://creativecommons.org/publicdomain/zero/1.0/legalcode")}
WHOLE = re.compile(r"10\.17182/hepdata\.(?P<record>\d+)\.v(?P<version>\d+)/r\d+")
ARXIV = re.compile(r"(?P<year>\d\d)(?P<month>0[1-9]|1[0-2])\.\d{5}|[a-z-]+/\d{7}")
DOI = re.compile(r"10\.\d{4,9}/\S+")


class CatalogueError(Exception):
    """Something in the source is wrong; the text says what, and where."""


class WrittenFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A published file as the source has it; its version is read from its DOI."""

    name: str = ""
    doi: str = ""
    version: int | None = None
    resource: int | None = None
    description: str = ""
    type: str = ""
    likelihood: bool = True
    size: int | None = None
    licence: str = ""


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"sources": "from"}):
    """An entry as the source has it: the fields of ``Entry``, and where they are from."""

    title: str
    nickname: str
    summary: str
    collaboration: str
    sources: dict[str, tuple[str, ...]]
    """By name of the source: the fields that are from it."""
    analysis: str = ""
    arxiv: str = ""
    journal: str = ""
    journal_doi: str = ""
    year: int | None = None
    inspire: int | None = None
    record: int | None = None
    energy_tev: float | None = None
    luminosity_fb: float | None = None
    final_states: tuple[str, ...] = ()
    model: str = ""
    points: int | None = None
    workspaces: int | None = None
    labels: tuple[str, ...] = ()
    notation: tuple[Notation, ...] = ()
    format: Format = Format.UNKNOWN
    why_not: str = ""
    known_problems: tuple[str, ...] = ()
    files: tuple[WrittenFile, ...] = ()
    version: int | None = None


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of ``published.toml``."""

    checked: dt.date
    """When a person last went through it."""
    sources: dict[str, str]
    """What the names of sources mean."""
    likelihoods: dict[str, Written]


class Opened(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What opening a published file found."""

    file: str
    """Its DOI."""
    contents: tuple[AnalysisSummary, ...]


class Catalogue(msgspec.Struct, frozen=True):
    """The whole of ``catalogue.json``."""

    schema: int
    made: dt.date
    entries: tuple[Entry, ...]


def check(*, right: bool, where: str, sentence: str) -> None:
    """Refuse the source unless it is right.

    Raises:
        CatalogueError: naming the place and what is wrong there.
    """
    if not right:
        raise CatalogueError(f"{where}: {sentence}")


def check_identity(key: str, written: Written) -> None:
    """The numbers by which others find an entry are well-formed and fit together."""
    expected = f"ins{written.inspire}" if written.inspire is not None else f"hepdata.{written.record}"
    check(right=key == expected, where=key, sentence=f"by its numbers its key is {expected}.")
    digits = 7 <= len(str(written.inspire or 10**6)) <= 8
    check(right=digits, where=key, sentence=f"{written.inspire} is not the length of an INSPIRE id.")
    if written.journal_doi:
        whole = DOI.fullmatch(written.journal_doi) is not None
        check(right=whole, where=key, sentence=f"{written.journal_doi!r} is not a DOI.")
    if written.arxiv:
        match = ARXIV.fullmatch(written.arxiv)
        if match is None:
            raise CatalogueError(f"{key}: {written.arxiv!r} is not an arXiv number.")
        if written.year is not None and match["year"]:
            late = written.year - 2000 - int(match["year"])
            check(right=0 <= late <= 3, where=key, sentence=f"{written.year} does not fit {written.arxiv}.")


def check_words(key: str, written: Written) -> None:
    """What people read is there, in the shared vocabulary, and says why where something cannot be fitted."""
    for name in ("title", "nickname", "summary", "collaboration"):
        text: str = getattr(written, name)
        check(right=bool(text) and text == text.strip(), where=key, sentence=f"{name} is empty or untidy.")
    check(right=len(written.nickname) <= 60, where=key, sentence="the nickname is too long for a list.")
    strange = set(written.final_states) - FINAL_STATES
    check(right=not strange, where=key, sentence=f"final states that no one else has: {sorted(strange)}.")
    check(right=bool(written.final_states), where=key, sentence="no final state to choose it by.")
    measured = written.format is Format.MEASUREMENT
    check(right=not (measured and written.points), where=key, sentence="a measurement has no signal points.")


def check_notation(key: str, written: Written) -> None:
    """What is written on an axis belongs to a coordinate, and is whole."""
    for item in written.notation:
        where = f"{key}, notation of {item.label}"
        check(right=item.label in written.labels, where=where, sentence="there is no such coordinate.")
        check(right=bool(item.text and item.latex), where=where, sentence="text and latex are both needed.")
        check(right="$" not in item.latex, where=where, sentence="latex is written without dollar signs.")
    labels = [item.label for item in written.notation]
    check(right=len(labels) == len(set(labels)), where=key, sentence="a coordinate has two notations.")


def check_files(key: str, written: Written) -> None:
    """Every file belongs to the record and to a version that it has."""
    dois = [file.doi for file in written.files if file.doi]
    check(right=len(dois) == len(set(dois)), where=key, sentence="two files have the same DOI.")
    for file in written.files:
        where = f"{key}, file {file.name or file.doi}"
        check(right=bool(file.name or file.doi), where=where, sentence="neither a name nor a DOI.")
        known = not file.licence or file.licence in LICENCES
        check(right=known, where=where, sentence=f"{file.licence!r} is not among {sorted(LICENCES)}.")
        if file.doi:
            match = WHOLE.fullmatch(file.doi)
            if match is None:
                raise CatalogueError(f"{where}: {file.doi!r} is not the DOI of a file of HEPData.")
            same = int(match["record"]) == written.record
            check(right=same, where=where, sentence=f"{file.doi} is not of record {written.record}.")
            check(right=file.version is None, where=where, sentence="its version is in its DOI already.")
        version = version_of(file)
        late = version is not None and written.version is not None and version > written.version
        check(right=not late, where=where, sentence=f"the newest version is said to be {written.version}.")


def check_sources(key: str, written: Written, known: dict[str, str]) -> None:
    """Every fact that is there has a source, and every source has a fact."""
    stated = {name for name in written.__struct_fields__ if name != "sources" and is_stated(written, name)}
    claimed = {name for names in written.sources.values() for name in names}
    unknown = set(written.sources) - set(known)
    check(right=not unknown, where=key, sentence=f"sources that are not explained: {sorted(unknown)}.")
    missing = stated - claimed - OUR_OWN
    check(right=not missing, where=key, sentence=f"no source for {sorted(missing)}.")
    idle = claimed - stated
    check(right=not idle, where=key, sentence=f"a source, but no value for {sorted(idle)}.")


def is_stated(written: Written, name: str) -> bool:
    """Whether a field says something."""
    value = getattr(written, name)
    return value is not None and value not in ("", (), Format.UNKNOWN)


def version_of(file: WrittenFile) -> int | None:
    """The version of the record that a file belongs to."""
    match = WHOLE.fullmatch(file.doi)
    return int(match["version"]) if match else file.version


def published(file: WrittenFile) -> PublishedFile:
    """A file as the catalogue has it."""
    fields = {name: getattr(file, name) for name in file.__struct_fields__ if name != "licence"}
    return PublishedFile(**fields | {"version": version_of(file), "licence": LICENCES.get(file.licence)})


def entry(key: str, written: Written, checked: dt.date, opened: Opened | None) -> Entry:
    """An entry as the catalogue has it."""
    fields = {name: getattr(written, name) for name in written.__struct_fields__ if name != "sources"}
    elsewhere = {name for source, names in written.sources.items() if source != MEMORY for name in names}
    unchecked = [name for name in written.sources.get(MEMORY, ()) if name not in elsewhere]
    files = sorted(map(published, written.files), key=lambda file: -(file.version or 0))
    newest = written.version
    if newest is None and files and files[0].version is not None:  # there may be newer ones
        newest = files[0].version
        unchecked.append("version")
    return Entry(
        key=key,
        **fields
        | {
            "files": tuple(files),
            "version": newest,
            "why_not": written.why_not or (NOT_HS3 if written.format is Format.HS3 else ""),
            "contents": opened.contents if opened else (),
            "unchecked": tuple(sorted(unchecked)),
            "retrieved": checked.isoformat(),
        },
    )


def check_opened(key: str, written: Written, opened: Opened | None) -> None:
    """What is written agrees with what opening the file found."""
    claims = bool(written.sources.get(OPENED))
    check(right=opened is None or claims, where=key, sentence=f"was opened, so name {OPENED!r} as a source.")
    if opened is None:
        return
    known = opened.file in [file.doi for file in written.files]
    check(right=known, where=key, sentence=f"{opened.file} was opened, but is not among its files.")
    points = sum(len(analysis.points) for analysis in opened.contents)
    check(right=written.points == points, where=key, sentence=f"opening it found {points} points.")
    number = len(opened.contents)
    check(right=written.workspaces == number, where=key, sentence=f"opening it found {number} workspaces.")
    labels = {analysis.labels for analysis in opened.contents}
    check(right={written.labels} == labels, where=key, sentence=f"opening it found the labels {labels}.")


def newest_first(item: Entry) -> tuple[str, str]:
    """Sorts by the month in which the paper came out, as far as it is known."""
    return (f"20{item.arxiv}" if item.arxiv else str(item.year or 0), item.key)


def make(source: bytes, opened: bytes) -> bytes:
    """The catalogue from the texts of ``published.toml`` and ``opened.json``.

    Raises:
        CatalogueError: if the source contradicts itself; the text says where.
    """
    try:
        written = msgspec.toml.decode(source, type=Source)
        found = msgspec.json.decode(opened, type=dict[str, Opened])
    except msgspec.DecodeError as error:
        raise CatalogueError(f"The source cannot be read: {error}") from error
    stray = set(found) - set(written.likelihoods)
    check(right=not stray, where="opened.json", sentence=f"no such entries: {sorted(stray)}.")
    entries = []
    for key, item in written.likelihoods.items():
        check_identity(key, item)
        check_words(key, item)
        check_notation(key, item)
        check_files(key, item)
        check_sources(key, item, written.sources)
        check_opened(key, item, found.get(key))
        entries.append(entry(key, item, written.checked, found.get(key)))
    for name in ("arxiv", "record", "nickname"):
        values: list[Any] = [value for item in entries if (value := getattr(item, name))]
        twice = sorted({value for value in values if values.count(value) > 1})
        check(right=not twice, where=f"{name} of two entries", sentence=f"{twice}.")
    entries.sort(key=newest_first, reverse=True)
    return lines(Catalogue(schema=SCHEMA, made=written.checked, entries=tuple(entries)))


def lines(catalogue: Catalogue) -> bytes:
    """JSON with one line per entry, so that a change can be read."""
    entries = b",\n".join(msgspec.json.encode(item) for item in catalogue.entries)
    head = msgspec.json.encode({"schema": catalogue.schema, "made": catalogue.made})
    return head[:-1] + b',"entries":[\n' + entries + b"\n]}\n"


def open_all(folder: Path, files: dict[str, tuple[str, str]]) -> bytes:
    """What opening published files finds: the text of ``opened.json``.

    Args:
        folder: where they lie.
        files: key of the entry and DOI of the file, by file name.
    """
    found = {
        key: Opened(file=doi, contents=summarised(open_pallet(folder / name)))
        for name, (key, doi) in files.items()
        if (folder / name).exists()
    }
    items = [b'"%s":%s' % (key.encode(), msgspec.json.encode(found[key])) for key in sorted(found)]
    return b"{\n" + b",\n".join(items) + b"\n}\n"


AT_HAND = {
    "atlas-susy-2019-08-1Lbb.tar.gz": ("ins1755298", "10.17182/hepdata.90607.v3/r3"),
    "atlas-susy-2018-04-stau.tar.gz": ("ins1765529", "10.17182/hepdata.92006.v2/r2"),
    "atlas-susy-2018-06-3L-eRJR.tar.gz": ("ins1771533", "10.17182/hepdata.91127.v2/r3"),
}
"""The published files that the developers' folder of real pallets holds."""


def main() -> None:
    """Check the source and write the catalogue."""
    parser = argparse.ArgumentParser(description="Make the catalogue of published likelihoods.")
    parser.add_argument("--open", type=Path, metavar="FOLDER", help="look into the pallets there anew, first")
    parser.add_argument("--output", type=Path, default=FOLDER / "catalogue.json", help="file to write")
    arguments = parser.parse_args()
    if arguments.open:
        (FOLDER / "opened.json").write_bytes(open_all(arguments.open, AT_HAND))
    try:
        made = make((FOLDER / "published.toml").read_bytes(), (FOLDER / "opened.json").read_bytes())
    except CatalogueError as error:
        sys.exit(str(error))
    arguments.output.write_bytes(made)
    print(f"{arguments.output}: {len(made) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
