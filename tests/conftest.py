"""What all tests share: the real pallets where they are, and small pallets that every machine can make."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.builders import as_bytes, make_patch_set, make_workspace
from tests.hepdata.standin import StandIn

REPOSITORY = Path(__file__).resolve().parent.parent
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")

# A shell starts its background jobs with Ctrl-C ignored, and whatever they start inherits that: commands
# that a test interrupts would not notice.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def nothing_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a test keeps without saying where does not go into the journal and the library of who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FITGUI_DATA", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def real_pallets() -> Path:
    """The folder with three published pallets; where it is missing, the test is skipped and says so."""
    folder = Path(os.environ.get("FITGUI_PALLETS") or REPOSITORY.parent / "shared" / "pallets")
    if not list(folder.glob("atlas-*.tar.gz")):
        pytest.skip(f"NO REAL PALLETS in {folder}: set FITGUI_PALLETS to the folder that holds them")
    return folder


@pytest.fixture
def small_pallet(tmp_path: Path) -> Path:
    """A folder with a workspace of two channels (three bins) and a patch set of three points."""
    folder = tmp_path / "small"
    folder.mkdir()
    workspace = make_workspace()
    (folder / "BkgOnly.json").write_text(json.dumps(workspace), encoding="utf-8")
    (folder / "patchset.json").write_text(json.dumps(make_patch_set(workspace)), encoding="utf-8")
    return folder


@pytest.fixture
def write_pallet(tmp_path: Path) -> Callable[..., Path]:
    """Writes a folder from file names and contents (bytes, text, or what JSON can express)."""

    def write(files: Mapping[str, object], name: str = "pallet") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for path, content in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(as_bytes(content))
        return folder

    return write


@pytest.fixture
def hepdata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """An empty stand-in for HEPData and doi.org that fitgui asks, here and in children; and a data folder."""
    with StandIn() as standin:
        monkeypatch.setenv("FITGUI_HEPDATA_TEST_SERVICE", standin.url)
        monkeypatch.setenv("FITGUI_DATA", str(tmp_path / "data"))
        for name in PROXIES:
            monkeypatch.delenv(name, raising=False)
        yield standin


@pytest.fixture
def hepdata_tls(tmp_path: Path) -> Iterator[StandIn]:
    """The same over https at ``localhost``, signed by ``.ca_file``; nothing points to it by itself."""
    with StandIn(tls=True, folder=tmp_path) as standin:
        yield standin
