"""Looking at the first bytes of a file of an old record, of which HEPData does not tell anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from fitgui.pallets.hepdata.documents import web_page
from fitgui.pallets.hepdata.file_names import file_name
from fitgui.pallets.hepdata.recognising import HISTFACTORY, HS3
from fitgui.pallets.hepdata.refusals import refused
from fitgui.pallets.hepdata.sniffing import FIRST_BYTES, MORE_BYTES, Sniffed, sniff
from fitgui.pallets.published import PublishedFile

if TYPE_CHECKING:
    from fitgui.pallets.hepdata.session import Answer, Session

_ACCEPT = "application/x-tar, application/zip, application/json, application/octet-stream, */*;q=0.9"


class Content(msgspec.Struct, frozen=True):
    """What the first bytes of a file told."""

    sniffed: Sniffed
    size: int | None
    """Of the whole file, in bytes."""
    name: str


def look_inside(session: Session, file: PublishedFile, url: str) -> Content:
    """Ask for the beginning of a file and tell what it is; for more of it only if that does not tell.

    Raises:
        HepDataError: if it cannot be had.
    """
    content = _look(session, file, url, FIRST_BYTES)
    if content.sniffed is Sniffed.UNKNOWN and (content.size is None or content.size > FIRST_BYTES):
        content = _look(session, file, url, MORE_BYTES)
    return content


def _look(session: Session, file: PublishedFile, url: str, cap: int) -> Content:
    what = file.name or "the file"
    # "identity": a server that packs for the way would change which bytes a range means.
    headers = {"Range": f"bytes=0-{cap - 1}", "Accept-Encoding": "identity"}
    got = session.get(url, what=what, accept=_ACCEPT, headers=headers, cap=cap, cut=True)
    if got.status == 416:  # of an empty file there is no first byte
        return Content(Sniffed.OTHER, 0, file.name)
    if got.status not in (200, 206):
        raise refused(got.status, what)
    if "html" in got.content_type:
        raise web_page(got.content_type, what)
    size = _size(got)
    name = file_name(got.headers.get("content-disposition"), file.name, "")
    return Content(sniff(got.body, name, whole=got.whole and size == len(got.body)), size, name)


def with_content(file: PublishedFile, content: Content) -> PublishedFile:
    """A file with what its content told."""
    likelihood, kind = _VERDICTS.get(content.sniffed, (None, ""))
    return msgspec.structs.replace(
        file,
        likelihood=likelihood,
        type=kind or file.type,
        size=content.size if content.size is not None else file.size,
        name=file.name or content.name,
    )


_VERDICTS: Mapping[Sniffed, tuple[bool | None, str]] = {
    Sniffed.HISTFACTORY: (True, HISTFACTORY),
    Sniffed.HS3: (True, HS3),
    Sniffed.OTHER: (False, ""),
}


def _size(got: Answer) -> int | None:
    if match := re.fullmatch(r"bytes\s+0-[0-9]+/([0-9]{1,15})", got.headers.get("content-range", "")):
        return int(match[1])
    if got.status != 200:
        return None
    length = got.headers.get("content-length", "")
    if re.fullmatch("[0-9]{1,15}", length):
        return int(length)
    return len(got.body) if got.whole else None
