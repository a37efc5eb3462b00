"""What the tests of hostile and damaged archives share."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from fitgui.pallets import PalletError, open_pallet
from tests.builders import make_patch_set, make_workspace

WORKSPACE = make_workspace()
GOOD = {"BkgOnly.json": WORKSPACE, "patchset.json": make_patch_set(WORKSPACE)}


def refusal(tmp_path: Path, data: bytes, name: str = "pallet.tar.gz") -> str:
    """The sentence with which an archive is refused."""
    path = tmp_path / name
    path.write_bytes(data)
    return refused(path)


def refused(path: Path) -> str:
    with pytest.raises(PalletError) as caught:
        open_pallet(path)
    sentence = str(caught.value)
    assert sentence.startswith(path.name)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 500
    return sentence


def special(name: str = "x", *, kind: bytes = tarfile.REGTYPE, target: str = "") -> bytes:
    """A tar with a good pallet and one odd member."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for good, content in GOOD.items():
            data = json.dumps(content).encode()
            info = tarfile.TarInfo(good)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        odd = tarfile.TarInfo(name)
        odd.type = kind
        odd.linkname = target
        archive.addfile(odd)
    return buffer.getvalue()
