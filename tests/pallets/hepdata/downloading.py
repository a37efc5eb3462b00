"""What the tests of downloads share: files to publish, and a way to download them."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from fitgui.pallets.hepdata.download import Downloaded, Patience, download
from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError
from fitgui.pallets.hepdata.progress import Progress
from fitgui.pallets.hepdata.service import service_from_environment
from fitgui.pallets.hepdata.session import Patience as SessionPatience
from fitgui.pallets.hepdata.session import Session
from fitgui.pallets.hepdata.transfer import Opener
from tests.hepdata.records import Resource
from tests.hepdata.standin import StandIn

NAME = "likelihoods.json.gz"
QUICK = Patience(first_pause=0.001, longest_pause=0.01, tries=4)
"""Nobody waits for a stand-in."""


def packed(size: int = 700_000, seed: int = 1) -> bytes:
    """A gzip file that does not get smaller by it."""
    return gzip.compress(random.Random(seed).randbytes(size), mtime=0)


@dataclass
class Downloader:
    """Downloads from the stand-in into one folder, as a user does again and again."""

    hepdata: StandIn
    session: Opener
    folder: Path
    seen: list[Progress] = field(default_factory=list)

    def __call__(self, resource: Resource, **options: Any) -> Downloaded:
        progress: Callable[[Progress], object] = options.pop("progress", lambda _: None)

        def report(now: Progress) -> None:
            self.seen.append(now)
            progress(now)

        return download(
            self.session,
            self.hepdata.address(resource),
            self.folder,
            name_hint=resource.name,
            progress=report,
            **{"patience": QUICK, **options},
        )

    def fails(self, resource: Resource, kind: ErrorKind, **options: Any) -> str:
        """The sentence with which it fails."""
        with pytest.raises(HepDataError) as caught:
            self(resource, **options)
        assert caught.value.kind is kind, caught.value
        sentence = str(caught.value)
        assert sentence.endswith((".", "?"))
        assert "\n" not in sentence
        assert len(sentence) < 400
        return sentence

    def ranges(self, resource: Resource) -> list[str | None]:
        """What was asked for, in order; ``None`` for all of it."""
        return [asked.range for asked in self.hepdata.asked(resource)]

    def left(self) -> list[str]:
        """Files that lie there and could be mistaken for a download."""
        return sorted(path.name for path in self.folder.rglob("whole/*"))

    def part(self) -> Path:
        """The only part that lies there."""
        [part] = self.folder.rglob("part")
        return part


def session_for(patience: SessionPatience | None = None) -> Session:
    """A session with what the environment names."""
    return Session(service_from_environment(), patience)
