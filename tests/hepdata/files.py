"""The bytes of a file, sent by the function that HEPData sends them with."""

from __future__ import annotations

import io
from dataclasses import replace

from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.utils import send_file
from werkzeug.wrappers import Request

from tests.hepdata.answer import Answer, from_response
from tests.hepdata.records import TYPES, Resource


def file_answer(
    request: Request, file: Resource, whole: bytes, *, ranges: bool, etags: bool, dates: bool
) -> Answer:
    """What ``?view=true`` answers: the whole, a part, or that nothing changed.

    Args:
        request: With its conditions and ranges.
        file: What is asked for.
        whole: Its bytes, whatever the file itself has.
        ranges: Whether the server can send a part.
        etags: Whether it tells an ETag.
        dates: Whether it tells when the file was last modified.
    """
    try:
        response = send_file(
            io.BytesIO(whole),
            request.environ,
            mimetype=TYPES.guess_type(file.name)[0] or "application/octet-stream",
            as_attachment=True,
            download_name=file.name,
            conditional=ranges,
            etag=file.etag if etags else False,
            last_modified=file.modified if dates else None,
        )
    except RequestedRangeNotSatisfiable as error:
        return from_response(error.get_response(request.environ))
    if not ranges:
        response.make_conditional(request.environ)
    response.direct_passthrough = False
    return replace(from_response(response), whole=whole, is_file=True)
