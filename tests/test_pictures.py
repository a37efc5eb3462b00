"""The pictures in the repository are shown somewhere, are there, and stay small together."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
MOST_BYTES = 8_000_000


def shown() -> set[Path]:
    """What the documents show."""
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    return {
        (document.parent / target).resolve()
        for document in documents
        for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", document.read_text(encoding="utf-8"))
        if "://" not in target
    }


def test_every_picture_that_a_document_shows_is_there() -> None:
    assert not [str(path) for path in shown() if not path.is_file()]


def test_no_picture_is_kept_that_nobody_sees() -> None:
    assert not [path.name for path in PICTURES.iterdir() if path.resolve() not in shown()]


def test_pictures_do_not_make_the_repository_heavy() -> None:
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < MOST_BYTES
