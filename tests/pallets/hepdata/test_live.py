"""The way from a search to points, with the stand-in always and with the real HEPData only when asked for.

``FITGUI_LIVE_HEPDATA=1 pytest tests/pallets/hepdata/test_live.py`` asks HEPData and doi.org, politely: one
search, one record with its list of files, one download of 90 kB, with pauses; and DataCite twice. It tells
whether the stand-in still is like the services it stands for.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from fitgui.pallets.acquire import acquire
from fitgui.pallets.finding import open_kept
from fitgui.pallets.hepdata.asking import Asker
from fitgui.pallets.hepdata.cache import AnswerCache, CachedAnswer
from fitgui.pallets.hepdata.client import HepData
from fitgui.pallets.hepdata.datacite import registered
from fitgui.pallets.hepdata.download import download
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.references import Reference, parse_reference
from fitgui.pallets.hepdata.service import Service, service_from_environment
from fitgui.pallets.hepdata.session import USER_AGENT
from fitgui.pallets.library.library import Library
from tests.hepdata.standin import StandIn

ASKED_FOR = os.environ.get("FITGUI_LIVE_HEPDATA") == "1"
PAUSE = 3.0
"""Seconds between two questions to the real service."""
READ: dict[str, frozenset[str]] = {
    "/search/": frozenset(
        {"total", "results", "results[].id", "results[].recid", "results[].inspire_id", "results[].title"}
        | {"results[].arxiv_id", "results[].journal_info", "results[].doi", "results[].year"}
        | {"results[].collaborations", "results[].abstract", "results[].version", "results[].hepdata_doi"}
        | {"results[].analyses[].type", "results[].analyses[].analysis", "results[].analyses[].filename"}
        | {"results[].resources[].url", "results[].resources[].description"}
        | {"results[].data_keywords.cmenergies[].gte", "results[].data_keywords.cmenergies[].lte"}
    ),
    "/record/91127": frozenset(
        {"recid", "version", "version_count", "record.title", "record.arxiv_id", "record.inspire_id"}
        | {"resources_with_doi[].filename", "resources_with_doi[].doi", "resources_with_doi[].description"}
    ),
    "/record/resources/91127/2": frozenset(
        f"submission_items[].{name}" for name in ("name", "type", "version", "id", "resources")
    )
    | frozenset(
        f"submission_items[].resources[].{name}"
        for name in ("id", "file_type", "file_description", "location", "doi", "data_license.name")
    ),
}
"""What fitgui reads of each answer."""


class Recorded(AnswerCache):
    """Keeps answers and remembers each."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.answers: dict[str, Any] = {}

    def put(self, url: str, body: bytes) -> CachedAnswer:
        self.answers[url] = json.loads(body)
        return super().put(url, body)


def keys(document: Any, path: str = "") -> set[str]:
    """``results[].title`` and the like: every name in a document."""
    if isinstance(document, list):
        return {path, *(key for inner in document for key in keys(inner, f"{path}[]"))}
    if isinstance(document, dict):
        prefix = f"{path}." if path else ""
        inside = {key for name, inner in document.items() for key in keys(inner, f"{prefix}{name}")}
        return {path, *inside} - {""}
    return {path}


def from_search_to_points(service: Service, folder: Path, pause: Callable[[], None]) -> None:
    """All that a user's session asks for, and what must come of it."""
    library = Library(folder / "library")
    cache = Recorded(folder / "answers")
    client = HepData(service, cache)
    try:
        found = client.search("1912.08479", size=5)
        [entry] = found.entries
        assert (found.total, entry.key, entry.record) == (1, "ins1771533", 91127)
        assert "chargino-neutralino" in entry.title
        assert [file.type for file in entry.files] == ["HistFactory"]
        pause()
        answer = client.record(named("10.17182/hepdata.91127.v2/r3"))
        assert answer.chosen is not None
        assert answer.chosen.name == "likelihoods_ANA-SUSY-2018-06_3L-RJ-mimic.tar.gz"
        assert (answer.version, answer.chosen.resource, answer.chosen.likelihood) == (2, 1404698, True)
        assert answer.chosen.licence is not None
        pause()
        got = download(client.session, client.service.doi_url(answer.chosen.doi), folder / "downloads")
        assert got.file_name == answer.chosen.name
        [analysis] = open_kept(got.path, library).analyses
        assert (analysis.labels, len(analysis.points)) == (("mn2", "mn1"), 64)
        assert analysis.digest_verified is True
        answers = {urlsplit(url).path: document for url, document in cache.answers.items()}
        assert answers.keys() == READ.keys()
        for path, read in READ.items():
            assert read <= keys(answers[path]), f"HEPData answers {path} otherwise than it did"
    finally:
        client.close()


REGISTERED = frozenset(
    {"doi", "titles[].title", "types.resourceType", "version", "url", "relatedIdentifiers[].relationType"}
    | {"relatedIdentifiers[].relatedIdentifier", "relatedIdentifiers[].relatedIdentifierType"}
    | {"creators[].name", "dates[].date", "dates[].dateType"}
)
"""What fitgui reads of DataCite's answer about a DOI; of a file the two below, too."""


def from_the_registry(service: Service, folder: Path) -> None:
    """What DataCite must tell where HEPData does not answer."""
    cache = Recorded(folder / "answers")
    asker = Asker(service, cache, None)
    try:
        answer = registered(asker, named("10.17182/hepdata.91127.v2/r3"), fresh=True)
    finally:
        asker.close()
    assert (answer.entry.key, answer.version, answer.versions >= 2) == ("ins1771533", 2, True)
    assert answer.chosen is not None
    assert answer.chosen.name == "likelihoods_ANA-SUSY-2018-06_3L-RJ-mimic.tar.gz"
    assert answer.chosen.resource == 1404698
    record, files = cache.answers.values()
    assert keys(record["data"]["attributes"]) >= REGISTERED
    of_file = {"descriptions[].description", "rightsList[].rights", "rightsList[].rightsUri"}
    for one in files["data"]:
        assert REGISTERED | of_file <= keys(one["attributes"])


def named(text: str) -> Reference:
    reference = parse_reference(text)
    assert reference is not None
    return reference


def test_with_the_stand_in(hepdata: StandIn, tmp_path: Path) -> None:
    hepdata.populate(real=False)
    from_search_to_points(service_from_environment(), tmp_path, lambda: None)
    assert [asked.route for asked in hepdata.requests] == [
        "search",
        "record",
        "resources",
        "doi",
        "datacite",
        "file",
    ]
    assert {asked.headers["User-Agent"] for asked in hepdata.requests} == {USER_AGENT}
    assert re.match(r"fitgui/\S+ \(", USER_AGENT)


def test_what_was_asked_is_kept_without_the_service(hepdata: StandIn, tmp_path: Path) -> None:
    """A second session with the same folders asks only for what it has not seen."""
    hepdata.populate(real=False)
    library = Library(tmp_path / "library")
    for _ in range(2):
        client = HepData(cache=AnswerCache(tmp_path / "answers"))
        item = acquire(named("10.17182/hepdata.91127.v2/r3"), None, library=library, client=client)
        client.close()
    assert library.items() == (item,)
    assert sorted(asked.route for asked in hepdata.requests) == ["file", "record", "resources"]


@pytest.mark.skipif(
    not ASKED_FOR, reason="NOT ASKING THE REAL HEPDATA: set FITGUI_LIVE_HEPDATA=1 on a machine with a network"
)
def test_with_the_real_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FITGUI_HEPDATA_TEST_SERVICE", raising=False)
    monkeypatch.setenv("FITGUI_DATA", str(tmp_path / "data"))
    try:
        from_search_to_points(Service(), tmp_path, lambda: time.sleep(PAUSE))
    except HepDataError as error:
        if error.kind is not ErrorKind.BROWSER:
            raise
        pytest.skip(f"THE REAL HEPDATA LETS ONLY BROWSERS IN, so nothing could be compared: {error.page}")


def test_the_registry_with_the_stand_in(hepdata: StandIn, tmp_path: Path) -> None:
    hepdata.populate(real=False)
    hepdata.site.registry = True
    from_the_registry(service_from_environment(), tmp_path)
    assert [asked.route for asked in hepdata.requests] == ["registered", "registry"]


@pytest.mark.skipif(
    not ASKED_FOR,
    reason="NOT ASKING THE REAL DATACITE: set FITGUI_LIVE_HEPDATA=1 on a machine with a network",
)
def test_the_real_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FITGUI_HEPDATA_TEST_SERVICE", raising=False)
    from_the_registry(Service(), tmp_path)
