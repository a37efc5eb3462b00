"""Which file of a record is meant: the one that was named, else its only likelihood."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fitgui.pallets.hepdata.recognising import is_hs3
from fitgui.pallets.model import PalletError
from fitgui.pallets.published import PublishedFile
from fitgui.pallets.reading.names import shown

if TYPE_CHECKING:
    from fitgui.pallets.hepdata.answers import RecordAnswer

_NUMBER = re.compile(r"r(\d+)", re.IGNORECASE)
_MOST_LISTED = 8


class FileChoiceError(PalletError):
    """It is not clear which file is meant, or there is none; the text is a sentence that lists them.

    Args:
        sentence: for a user.
        files: to choose from.
    """

    def __init__(self, sentence: str, files: Sequence[PublishedFile]) -> None:
        super().__init__(sentence)
        self.files = tuple(files)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (str(self), self.files)


def choose_file(
    answer: RecordAnswer,
    wanted: str | None,
    classify: Callable[[PublishedFile], PublishedFile],
    known: Sequence[PublishedFile] = (),
) -> PublishedFile:
    """The file that is to be downloaded.

    Args:
        answer: What HEPData says of the record.
        wanted: ``r3``, the file's number in its DOI, or its name; ``None`` where only the record was named.
        classify: Looks into a file that HEPData says nothing about, as it does of old records.
        known: Files that somebody else has found to be likelihoods, such as the catalogue's.

    Returns:
        The file, of the version that ``answer`` is about.

    Raises:
        FileChoiceError: if there is no such file, or no likelihood, or several and none was named.
    """
    if wanted is not None:
        return _named(answer, wanted)
    if answer.chosen is not None:
        return answer.chosen
    candidates = [file for file in answer.files if file.likelihood]
    if not candidates:
        unknown = [file for file in answer.files if file.likelihood is None]
        dois = {file.doi for file in known if file.doi and file.likelihood is not False}
        looked_into = [file for file in unknown if file.doi in dois] or [classify(file) for file in unknown]
        # What its first half megabyte does not tell, opening does.
        candidates = [f for f in looked_into if f.likelihood] or [
            f for f in looked_into if f.likelihood is None
        ]
    candidates = [file for file in candidates if not is_hs3(file)] or candidates
    if len(candidates) == 1:
        return candidates[0]
    record = _record(answer)
    if candidates:
        raise FileChoiceError(
            f"{record} has {len(candidates)} files with likelihoods; choose one: {_listed(candidates)}.",
            candidates,
        )
    if not answer.files:
        raise FileChoiceError(f"{record} has no files but its tables; choose another version.", ())
    raise FileChoiceError(
        f"{record} has no file that is known to hold likelihoods, only {_listed(answer.files)}; choose one "
        "of them if it does all the same, or another version.",
        answer.files,
    )


def _named(answer: RecordAnswer, wanted: str) -> PublishedFile:
    known = answer.files
    if match := _NUMBER.fullmatch(wanted):
        found = [file for file in known if file.doi.endswith(f"/r{int(match[1])}")]
    else:
        found = [file for file in known if file.name == wanted]
        found = found or [file for file in known if file.name.casefold() == wanted.casefold()]
    if len(found) == 1:
        return found[0]
    what = "several files called" if found else "no file"
    choice = f"choose one of {_listed(found or known)}" if known else "it has none but its tables"
    raise FileChoiceError(f"{_record(answer)} has {what} {shown(wanted, 60)}: {choice}.", found or known)


def label(file: PublishedFile) -> str:
    """``r3 likelihoods.tar.gz``: how a file can be named, in lists."""
    number = file.doi.rpartition("/")[2] if "/r" in file.doi else ""
    return " ".join(part for part in (number, shown(file.name, 80)) if part) or "a file without a name"


def _listed(files: Sequence[PublishedFile]) -> str:
    listed = ", ".join(label(file) for file in files[:_MOST_LISTED])
    more = len(files) - _MOST_LISTED
    return f"{listed} and {more} more" if more > 0 else listed


def _record(answer: RecordAnswer) -> str:
    entry = answer.entry
    name = entry.analysis or entry.record_doi or entry.key
    return f"{name}, version {answer.version} of {answer.versions}," if answer.versions > 1 else name
