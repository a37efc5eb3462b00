"""How points travel to a worker elsewhere, and answers back: JSON with packed parts.

Only the standard library is imported, and nothing of fitgui: the text of this module goes to workers that
have nothing but pyhf. JSON rather than pickles, so that the Pythons of both sides may differ.

A request::

    {"format": 1, "run": text, "measurement": text or null, "options": {...}, "patience": seconds,
     "workspace": {"digest": text, "packed": text or null}, "points": packed list of [name, patch as text]}

An answer::

    {"format": 1, "worker": "host:pid", "block": text, "versions": {...}, "began": seconds, "ended": seconds,
     "unpack": seconds, "answers": packed list, "lacks_workspace": bool, "stopped": bool, "notes": [text]}

``began`` and ``ended`` are ``time.time()`` of the worker; ``unpack`` ends when the first point can be begun.
An entry of ``answers`` is ``{"kind": "result", "name", "began": seconds after the task began, "result":
FitResult}`` or ``{"kind": "failure", "name", "began", "error", "seconds"}``, whatever is installed there.
Where ``stopped``, points at the end of the list have no entry; where ``lacks_workspace``, none has. ``notes``
are sentences that concern the worker, not a point.

The function ``stop`` takes ``{"format": 1, "runs": [text]}``, the ``run`` of requests that are not wanted any
more, and answers ``{"format": 1, "written": bool}``; ``check`` takes anything, and answers texts by name.
"""

from __future__ import annotations

import base64
import json
import zlib

FORMAT = 1
MOST_BYTES = 256 << 20
"""Of anything that is unpacked: a few megabytes could else become all memory of a machine."""


def pack(value: object) -> str:
    """JSON, compressed, as text without characters that JSON would escape. Not-a-number survives."""
    return pack_bytes(json.dumps(value, separators=(",", ":")).encode())


def unpack(text: str, most: int = MOST_BYTES) -> object:
    """The value of :func:`pack`, of at most so many bytes of JSON.

    Raises:
        ValueError: if it is no such text, or larger.
        zlib.error: if it is damaged.
    """
    return json.loads(unpack_bytes(text, most))


def pack_bytes(raw: bytes) -> str:
    """Compress; the same text for the same bytes."""
    return base64.b64encode(zlib.compress(raw, 6)).decode("ascii")


def unpack_bytes(text: str, most: int = MOST_BYTES) -> bytes:
    """The bytes of :func:`pack_bytes`, at most so many.

    Raises:
        ValueError: if it is no such text, cut off, or larger.
        zlib.error: if it is damaged.
    """
    unpacking = zlib.decompressobj()
    raw = unpacking.decompress(base64.b64decode(text), most)
    if not unpacking.eof:
        raise ValueError(f"what is packed is cut off, or larger than {most} bytes")
    return raw
