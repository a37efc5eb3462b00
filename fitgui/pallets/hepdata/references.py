"""What a user may type or paste to name a record or a file of HEPData; no network is asked."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

HEPDATA_PREFIX = "10.17182/hepdata."
_LONGEST = 2000
_IGNORECASE = re.ASCII | re.IGNORECASE

_NUMBER = "[1-9][0-9]{0,9}"
_HEPDATA_DOI = re.compile(
    rf"(?:10\.17182/)?hepdata\.({_NUMBER})(?:\.v({_NUMBER})(?:/(?:r({_NUMBER})|t{_NUMBER}))?)?/?", _IGNORECASE
)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", _IGNORECASE)
_ANY_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[!-~]+", re.ASCII)
_RECORD = re.compile(rf"(?:ins|inspire)[:\s]*({_NUMBER})|({_NUMBER})", _IGNORECASE)
_ARXIV = re.compile(
    r"((?:[0-9]{2}(?:0[1-9]|1[0-2])\.[0-9]{4,5})|(?:[a-z]{2,}(?:-[a-z]{2,})?(?:\.[a-z]{2})?/[0-9]{7}))"
    r"(?:v[0-9]{1,3})?(?:\.pdf)?(?:\s*\[[a-z.-]+\])?",
    _IGNORECASE,
)
_BETWEEN_DIGITS = re.compile("[0-9] [0-9]")
_WRAPPING = " \t\r\n<>\"'`“”‘’«»"
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


class Reference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a user means: a record, a version of it, or one file; unknown parts are ``None`` or empty."""

    record: int | None = None
    """HEPData's number of the record."""
    inspire: int | None = None
    arxiv: str = ""
    """Of the paper, without prefix and version, such as ``1909.09226`` or ``hep-ex/0501050``."""
    paper_doi: str = ""
    """Of the paper, in lower case."""
    version: int | None = None
    """Of the record."""
    file_number: int | None = None
    """The N of a file DOI's ``/rN``; it counts anew in every version."""
    resource: int | None = None
    """HEPData's number of a file."""
    text: str = ""
    """As it was typed."""

    @property
    def is_file(self) -> bool:
        """Whether it names one file."""
        return self.file_number is not None or self.resource is not None

    @property
    def key_hint(self) -> str:
        """The key that an entry of this record has, where that can be told without asking."""
        if self.inspire is not None:
            return f"ins{self.inspire}"
        return f"hepdata.{self.record}" if self.record is not None else ""

    @property
    def doi(self) -> str:
        """HEPData's DOI of what is meant, as far as its parts are known; else empty."""
        if self.record is None:
            return ""
        version = f".v{self.version}" if self.version is not None else ""
        number = f"/r{self.file_number}" if version and self.file_number is not None else ""
        return f"{HEPDATA_PREFIX}{self.record}{version}{number}"

    @property
    def shown(self) -> str:
        """For a sentence."""
        if self.doi:
            return self.doi
        version = f" version {self.version}" if self.version is not None else ""
        if self.inspire is not None:
            return f"ins{self.inspire}{version}"
        if self.arxiv:
            return f"arXiv:{self.arxiv}{version}"
        if self.resource is not None:
            return f"file {self.resource}"
        return self.paper_doi or self.text


def parse_reference(text: str) -> Reference | None:
    """Understand what was typed or pasted.

    Args:
        text: a DOI of HEPData's or of the paper, an address at HEPData, doi.org, arXiv or INSPIRE, a
            record's number, ``ins`` with an INSPIRE number, or an arXiv number.

    Returns:
        What it names, or ``None`` if it is free text to search for.
    """
    if len(text) > _LONGEST:
        return None
    bare = (
        unicodedata.normalize("NFKC", text)
        .translate(_INVISIBLE)
        .strip(_WRAPPING)
        .rstrip(".,;)")
        .strip(_WRAPPING)
    )
    bare = " ".join(bare.split())  # urlsplit() would take a line break out, and join two numbers
    found = _parse_without_blanks(bare) or _parse(bare)
    return msgspec.structs.replace(found, text=text.strip()) if found is not None else None


def file_reference(doi: str) -> Reference | None:
    """What a DOI of HEPData's names; ``None`` for any other text."""
    match = _HEPDATA_DOI.fullmatch(doi)
    if match is None:
        return None
    record, version, number = (int(part) if part else None for part in match.groups())
    return Reference(record=record, version=version, file_number=number, text=doi)


def _parse_without_blanks(bare: str) -> Reference | None:
    """An address or DOI that was broken where it was copied from, as lines of a PDF are.

    A blank between two digits may as well be where a second number begins, and a DOI of a paper may end in
    anything: neither is joined.
    """
    joined = bare.replace(" ", "")
    if joined == bare or _BETWEEN_DIGITS.search(bare) or joined.count("://") > 1:
        return None
    begun = joined.lower()
    if not (begun.startswith(_BEGINNINGS) or begun.partition("/")[0] in _HOSTS):
        return None
    found = _parse(joined)
    return None if found is not None and found.paper_doi else found


def _parse(bare: str) -> Reference | None:
    lowered = bare.lower()
    if lowered.startswith(_PATHS):
        return _from_hepdata(bare)
    for prefix, understand in _PREFIXES:
        if lowered.startswith(prefix):
            return understand(bare[len(prefix) :].strip())
    if lowered.partition("/")[0] in _HOSTS:
        return _from_address(bare)
    if match := _RECORD.fullmatch(bare):
        inspire, record = (int(part) if part else None for part in match.groups())
        return Reference(inspire=inspire, record=record)
    return _from_doi(bare) or _from_arxiv(bare)


def _from_doi(doi: str) -> Reference | None:
    doi = unquote(doi)
    if match := _ARXIV_DOI.fullmatch(doi):
        return _from_arxiv(match[1])
    if found := file_reference(doi):
        return found
    if doi.lower().startswith("10.17182/") or _ANY_DOI.fullmatch(doi) is None:
        return None
    return Reference(paper_doi=doi.lower())


def _from_arxiv(number: str) -> Reference | None:
    match = _ARXIV.fullmatch(number)
    return Reference(arxiv=match[1].lower() if "/" in match[1] else match[1]) if match else None


def _from_address(address: str) -> Reference | None:
    """From an address without its scheme; whatever else its host serves is not understood."""
    host, _, rest = address.partition("/")
    understand = _HOSTS.get(host.lower().removesuffix(":443").removesuffix(":80"))
    return understand("/" + rest) if understand else None


def _from_resolver(path: str) -> Reference | None:
    return _from_doi(_path_of(path).strip("/"))


def _from_arxiv_address(path: str) -> Reference | None:
    match = re.fullmatch(r"/(?:abs|pdf|html|format)/(.+?)/?", _path_of(path), _IGNORECASE)
    return _from_arxiv(match[1]) if match else None


def _from_inspire_address(path: str) -> Reference | None:
    match = re.match(rf"/(?:api/)?(?:literature|record)/({_NUMBER})(?:/|\Z)", _path_of(path), _IGNORECASE)
    return Reference(inspire=int(match[1])) if match else None


_IN_PATH = rf"(?:ins({_NUMBER})|({_NUMBER}))"
_RESOURCE_PATH = re.compile(rf"/record/resource/({_NUMBER})(?:/.*)?", _IGNORECASE)
_RECORD_PATHS = (
    re.compile(rf"/record/{_IN_PATH}(?:/metadata)?/?", _IGNORECASE),
    re.compile(rf"/record/resources/{_IN_PATH}/({_NUMBER})/?", _IGNORECASE),
    re.compile(rf"/record/data/{_IN_PATH}/{_NUMBER}/({_NUMBER})(?:/.*)?", _IGNORECASE),
    re.compile(rf"/download/submission/{_IN_PATH}/({_NUMBER})/.*", _IGNORECASE),
    re.compile(rf"/download/(?:submission|table)/{_IN_PATH}/.*", _IGNORECASE),
)


def _from_hepdata(address: str) -> Reference | None:
    path = _path_of(address)
    if match := _RESOURCE_PATH.fullmatch(path):
        return Reference(resource=int(match[1]))
    for pattern in _RECORD_PATHS:
        if match := pattern.fullmatch(path):
            inspire, record, *version = (int(part) if part else None for part in match.groups())
            return Reference(
                inspire=inspire, record=record, version=version[0] if version else _asked_version(address)
            )
    return None


def _path_of(address: str) -> str:
    return unquote(urlsplit(f"//host{address}").path)


def _asked_version(address: str) -> int | None:
    versions = parse_qs(urlsplit(f"//host{address}").query).get("version", [])
    return next((int(version) for version in versions if re.fullmatch(_NUMBER, version)), None)


_HOSTS = {
    **dict.fromkeys(("www.hepdata.net", "hepdata.net"), _from_hepdata),
    **dict.fromkeys(("doi.org", "www.doi.org", "dx.doi.org"), _from_resolver),
    **dict.fromkeys(
        ("arxiv.org", "www.arxiv.org", "export.arxiv.org", "arxiv-export.arxiv.org"), _from_arxiv_address
    ),
    **dict.fromkeys(("inspirehep.net", "www.inspirehep.net"), _from_inspire_address),
}
_PREFIXES = (
    ("https://", _from_address),
    ("http://", _from_address),
    ("doi:", _from_doi),
    ("arxiv:", _from_arxiv),
)
_PATHS = ("/record/", "/download/")
_BEGINNINGS = (*_PATHS, *(prefix for prefix, _ in _PREFIXES), HEPDATA_PREFIX, "hepdata.")
