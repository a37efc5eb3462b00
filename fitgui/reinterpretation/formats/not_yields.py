"""Files that hold no yields, or not in a form that can be read, and what to do instead."""

from __future__ import annotations

import re

from fitgui.pallets.reading.names import claims_archive

_UNPACK = (
    "is packed: unpack it, and choose what is inside (the folder, if there is a file for each model point)."
)
_MAGIC = (
    (
        b"root",
        "is a ROOT file: SimpleAnalysis writes the same acceptances as text beside it (.txt); take that one.",
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "is an old Excel file: save the sheet as CSV, or copy its cells and paste them.",
    ),
    (b"\x1f\x8b", _UNPACK),
    (b"BZh", _UNPACK),
    (b"\xfd7zXZ", _UNPACK),
    (b"7z\xbc\xaf", _UNPACK),
    (b"\x28\xb5\x2f\xfd", _UNPACK),
    (b"%PDF", "is a PDF: copy the table out of it and paste it, or take its source."),
    (b"\x89PNG", "is a picture, not a table."),
    (b"\xff\xd8\xff", "is a picture, not a table."),
    (b"\x89HDF", "is an HDF5 file: write the yields of its regions as CSV or JSON."),
    (b"SQLite format", "is a database: write the yields of its regions as CSV or JSON."),
)
_TEXT = (
    (re.compile(rb"\s*<LesHouchesEvents"), "holds simulated events: run an analysis on them first."),
    (re.compile(rb"\s*HepMC::"), "holds simulated events: run an analysis on them first."),
    (re.compile(rb"\s*BEGIN YODA_"), "holds histograms of Rivet, not yields of the regions of a search."),
    (
        re.compile(rb"\s*(?:<!DOCTYPE html|<html)", re.IGNORECASE),
        "is a web page: take the file behind the link.",
    ),
    (
        re.compile(rb"(?:\s*#[^\n]*\n)*\s*BLOCK\s+\w+", re.IGNORECASE),
        "is a spectrum (SLHA): it has masses and couplings, not yields.",
    ),
)
_MAP = "says which regions are which bins, and has no yields: choose it where regions are mapped."
_MAPS = (
    re.compile(rb'"kind"\s*:\s*"fitgui region map"'),
    re.compile(rb"^\s*(?:jsonFiles|datasetOrder)\s*:", re.MULTILINE),  # globalInfo.txt of SModels
    re.compile(rb"<(?:pyhf|region)\s[^>]*\bid\s*="),  # .info of MadAnalysis 5
    re.compile(rb'"SR_dict"\s*:'),  # pyhf_conf.json of CheckMATE
)
_SHEETS = (b"xl/workbook", b"opendocument.spreadsheet", b"xl/worksheets", b"[Content_Types].xml")
_HEAD = 4096


def what_else(data: bytes, name: str) -> str:
    """The sentence about a file that cannot hold yields; empty if it might.

    Args:
        data: The content of the file.
        name: Of the file, for the sentence; a tar archive is only told by it where its mark is missing.
    """
    if data.startswith(b"PK\x03\x04"):
        if any(mark in data[:_HEAD] or mark in data[-_HEAD:] for mark in _SHEETS):
            return f"{name} is a spreadsheet: save the sheet as CSV, or copy its cells and paste them."
        return f"{name} {_UNPACK}"
    for mark, sentence in _MAGIC:
        if data.startswith(mark):
            return f"{name} {sentence}"
    if data[257:262] == b"ustar" or (claims_archive(name) and b"\0" in data[:_HEAD]):
        return f"{name} {_UNPACK}"
    for pattern, sentence in _TEXT:
        if pattern.match(data[:_HEAD]):
            return f"{name} {sentence}"
    return f"{name} {_MAP}" if any(pattern.search(data[:_HEAD]) for pattern in _MAPS) else ""
