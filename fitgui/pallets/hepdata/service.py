"""Where HEPData is, and which addresses may be asked: https and a few known hosts, at every hop."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec

from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError

TEST_VARIABLE = "FITGUI_HEPDATA_TEST_SERVICE"
"""Names a stand-in on this machine; only tests set it."""

MOST_HOPS = 6
"""Redirects from one request; a file's DOI takes two."""

# One grammar, stricter than any URL library: what does not match is never handed to one, so that two of them
# cannot disagree about which host is meant.
_ADDRESS = re.compile(r"(https?)://([a-z0-9.-]+)(?::([0-9]{1,5}))?(?=[/?#]|\Z)[!-\[\]-~]*", re.IGNORECASE)
_STAND_IN = re.compile(r"http://(127\.0\.0\.1:([0-9]{1,5}))/?")
_PUBLIC = "https://www.hepdata.net"
"""Where people look, whoever is asked."""
_DEFAULT_PORTS = {"https": "443", "http": "80"}


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """Where HEPData, the DOI resolver, and the registry of DOIs are."""

    hepdata: str = "https://www.hepdata.net"
    doi: str = "https://doi.org"
    """A DOI follows after a slash."""
    datacite: str = "https://api.datacite.org"
    """Where HEPData registers its DOIs, and what it tells of them."""
    hosts: frozenset[str] = frozenset(
        {
            "www.hepdata.net",
            "hepdata.net",
            "doi.org",
            "dx.doi.org",
            # Where doi.org sends those who do not ask for a web page.
            "data.crosscite.org",
            "data.datacite.org",
            "api.datacite.org",
        }
    )
    """May be asked by https, and nobody else."""
    stand_in: str = ""
    """``127.0.0.1:<port>`` of a stand-in, which may be asked by plain http; empty outside of tests."""

    def allows(self, url: str) -> bool:
        """Whether an address may be asked, be it typed, read in an answer, or the next hop of a redirect."""
        match = _ADDRESS.fullmatch(url)
        if match is None:
            return False
        scheme, host = match[1].lower(), match[2].lower()
        port = str(int(match[3])) if match[3] else _DEFAULT_PORTS[scheme]
        if scheme == "http":
            return bool(self.stand_in) and f"{host}:{port}" == self.stand_in
        return host in self.hosts and port == _DEFAULT_PORTS[scheme]

    def check(self, url: str) -> str:
        """The address, if it may be asked.

        Raises:
            HepDataError: of the kind ``FORBIDDEN_ADDRESS`` if not.
        """
        if not self.allows(url):
            known = ", ".join(sorted(self.hosts)) or self.stand_in
            raise HepDataError(
                ErrorKind.FORBIDDEN_ADDRESS,
                f"HEPData pointed to {_shown(url)}, which is not asked: fitgui only talks to {known}"
                f"{'' if self.stand_in else ' by https'}. Open the record in a browser if you trust it.",
            )
        return url

    def doi_url(self, doi: str) -> str:
        """Where a DOI is resolved."""
        return f"{self.doi}/{_quoted(doi)}"

    def page(self, url: str) -> str:
        """The page that shows people what an address gives to programs; always of the real HEPData.

        Args:
            url: of a search, of a record, of its files, or of one file, at HEPData or at the DOI resolver.
        """
        if url.startswith(f"{self.doi}/"):
            return f"https://doi.org/{url.removeprefix(f'{self.doi}/')}"
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query))
        if match := re.fullmatch(r"/record/resource/([0-9]+)", parts.path):
            return file_page(int(match[1]))
        if match := re.fullmatch(r"/record/resources/([0-9]+)/([0-9]+)", parts.path):
            return f"{_PUBLIC}/record/{match[1]}?version={match[2]}"
        kept = ("q", "page", "size") if parts.path.startswith("/search") else ("version",)
        query = urlencode({name: asked[name] for name in kept if name in asked})
        return f"{_PUBLIC}{parts.path}{'?' if query else ''}{query}"


def file_page(resource: int) -> str:
    """The page of a file for people, by HEPData's number of it."""
    return f"{_PUBLIC}/record/resource/{resource}?landing_page=true"


def record_page(name: str, version: int | None) -> str:
    """The page of a record for people.

    Args:
        name: its number at HEPData, or ``ins`` with that of INSPIRE.
        version: of the record; the newest if ``None``.
    """
    return f"{_PUBLIC}/record/{name}{'' if version is None else f'?version={version}'}"


def doi_page(doi: str) -> str:
    """Where a DOI leads people."""
    return f"https://doi.org/{_quoted(doi)}"


def _quoted(doi: str) -> str:
    return quote(doi, safe="/.:;()_-")


def service_from_environment(environment: Mapping[str, str] | None = None) -> Service:
    """The real service, or the stand-in that :data:`TEST_VARIABLE` names.

    Args:
        environment: instead of this process's.

    Raises:
        HepDataError: of the kind ``FORBIDDEN_ADDRESS`` if it names anything but ``http://127.0.0.1:<port>``.
    """
    chosen = (os.environ if environment is None else environment).get(TEST_VARIABLE, "")
    if not chosen:
        return Service()
    match = _STAND_IN.fullmatch(chosen)
    if match is None or not 0 < int(match[2]) < 65536:
        raise HepDataError(
            ErrorKind.FORBIDDEN_ADDRESS,
            f"{TEST_VARIABLE} is {_shown(chosen)}, but a stand-in for HEPData must be "
            "http://127.0.0.1:<port>; unset it to ask the real HEPData.",
        )
    address = f"127.0.0.1:{int(match[2])}"
    base = f"http://{address}"
    return Service(
        hepdata=base,
        doi=f"{base}/doi",
        datacite=f"{base}/api.datacite",
        hosts=frozenset(),
        stand_in=address,
    )


def _shown(url: str) -> str:
    """An address for a sentence: without control characters or a password, not too long."""
    plain = "".join(letter if letter.isprintable() else "�" for letter in url)
    plain = re.sub(r"(?<=//)[^/?#@]*@", "…@", plain)
    return f"“{plain[:100]}{'…' if len(plain) > 100 else ''}”"
