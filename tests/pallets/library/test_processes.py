"""Several processes that change one library at once, and processes that are killed while they do."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from fitgui.pallets.library import workplace
from fitgui.pallets.library.errors import LibraryError
from fitgui.pallets.library.item import LibraryItem
from fitgui.pallets.library.library import Library
from tests.pallets.library.conftest import leftovers

Keep = Callable[..., LibraryItem]

CROWD = """
import random, sys
from pathlib import Path
from fitgui.pallets.library.errors import LibraryError
from fitgui.pallets.library.item import Origin
from fitgui.pallets.library.library import Library, now

folder, files, seed = Path(sys.argv[1]), sorted(Path(sys.argv[2]).iterdir()), int(sys.argv[3])
library, chance = Library(folder), random.Random(seed)
digests = []
for turn in range(30):
    path = chance.choice(files)
    item = library.add(path, origin=Origin(source=f"{path}#{seed}", when=now()))
    assert item.name and item.digest
    digests.append(item.digest)
    for change in (
        lambda: library.note(chance.choice(digests), refused=f"{seed}.{turn}"),
        lambda: library.remove(chance.choice(digests)) if turn % 3 == 0 else None,
    ):
        try:
            change()
        except LibraryError as error:
            assert "does not hold" in str(error) or "holds nothing" in str(error), error
    assert library.problems == (), library.problems
    names = [item.name for item in library.items()]
    assert len(names) == len(set(names)), names
for path in files:
    library.add(path, origin=Origin(source=f"{path}#{seed}", when=now()))
"""


def test_a_crowd_of_processes_does_no_harm(library: Library, tmp_path: Path) -> None:
    files = tmp_path / "files"
    (files / "folder").mkdir(parents=True)
    for number in range(3):
        (files / f"{number}.json").write_text(str(number) * 50_000, encoding="utf-8")
        (files / "folder" / f"{number}.json").write_text("{}", encoding="utf-8")
    (files / "0.zip").write_text("of the same name", encoding="utf-8")
    crowd = [
        subprocess.Popen(
            [sys.executable, "-c", CROWD, str(library.folder), str(files), str(seed)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in range(5)
    ]
    told = [process.communicate(timeout=120)[1] for process in crowd]
    assert [process.returncode for process in crowd] == [0] * 5, told
    items = library.items()
    assert sorted(item.name for item in items) == ["0", "0_2", "1", "2", "folder"]
    assert library.problems == ()
    assert all(library.verify(item.digest).ok for item in items)
    assert leftovers(library) == []


NAME = "1Lbb-likelihoods-hepdata"
MORTAL = """
import json, os, signal, sys
from itertools import count
from pathlib import Path
from fitgui.pallets.library.item import Origin
from fitgui.pallets.library.library import Library, now

ENOUGH = 400


def die_at(number, folder):
    '''End this process as kill -9 does, just before it touches the library for the n-th time.'''
    seen = count(1)

    def hook(event, arguments):
        touches = event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree")
        if touches and any(str(folder) in str(part) for part in arguments) and next(seen) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def origin(name):
    return Origin(source=name, when=now())


base, archive, other, act = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
for number in range(1, ENOUGH):
    folder = base / str(number)
    library = Library(folder)
    digest = library.add(archive, origin=origin("before")).digest if act != "add" else ""
    before = library.items()
    child = os.fork()
    if child == 0:
        mine = Library(folder)
        die_at(number, folder)
        if act in ("add", "merge"):
            mine.add(archive, origin=origin("during"))
        elif act == "folder":
            mine.add(other, origin=origin("during"))
        elif act == "note":
            mine.note(digest, refused="during")
        else:
            mine.remove(digest)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    items = library.items()
    sound = [library.verify(item.digest).ok for item in items] + [not library.problems]
    state = sorted([item.name, item.refused, [known.source for known in item.origins]] for item in items)
    library.add(archive, origin=origin("after"))
    left = [path.name for path in folder.iterdir() if path.name != ".lock" and len(path.name) != 64]
    left += [path.name for path in folder.glob("*/*") if path.name not in ("item.json", "content")]
    print(json.dumps([status, sound, state, left]), flush=True)
    if status == 0:
        break
"""


@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked and killed")
@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        ("add", [], [[NAME, "", ["during"]]]),
        ("folder", [[NAME, "", ["before"]]], [[NAME, "", ["before"]], ["small", "", ["during"]]]),
        ("merge", [[NAME, "", ["before"]]], [[NAME, "", ["during", "before"]]]),
        ("note", [[NAME, "", ["before"]]], [[NAME, "during", ["before"]]]),
        ("remove", [[NAME, "", ["before"]]], []),
    ],
)
def test_killed_at_any_moment_nothing_half_done_is_listed_and_the_next_change_cleans_up(
    act: str, before: list[object], after: list[object], tmp_path: Path, archive: Path, small_pallet: Path
) -> None:
    assert archive.name.startswith(NAME)
    ended = subprocess.run(
        [sys.executable, "-c", MORTAL, str(tmp_path / "libraries"), str(archive), str(small_pallet), act],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    deaths = [json.loads(line) for line in ended.stdout.splitlines()]
    assert len(deaths) > 5
    assert [status for status, *_ in deaths] == [9] * (len(deaths) - 1) + [0]
    states = [state for _, _, state, _ in deaths]
    assert all(state in (before, after) for state in states), states
    assert (states[0], states[-1]) == (before, after)
    assert all(all(sound) for _, sound, _, _ in deaths)
    assert [left for *_, left in deaths] == [[]] * len(deaths)


def test_an_add_that_is_going_on_is_not_cleaned_up(library: Library, archive: Path, keep: Keep) -> None:
    with library._workplace.incoming() as incoming:
        keep(archive)
        assert incoming.is_dir()
    assert leftovers(library) == []


def test_who_holds_the_library_for_ever_is_named_in_a_sentence(
    library: Library, archive: Path, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = keep(archive)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from filelock import FileLock\n"
            "with FileLock(sys.argv[1]): print('held', flush=True); sys.stdin.read()",
            str(library.folder / ".lock"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        monkeypatch.setattr(workplace, "WAITING_SECONDS", 0.2)
        before = time.monotonic()
        with pytest.raises(LibraryError, match="another fitgui has been changing the library"):
            library.remove(item.digest)
        assert time.monotonic() - before < 30
        assert library.items() == (item,)  # looking needs no lock
        assert library.verify(item.digest).ok
    finally:
        holder.communicate(timeout=30)
    library.remove(item.digest)
    assert library.items() == ()


def test_the_lock_is_free_when_nothing_is_changed(library: Library, archive: Path, keep: Keep) -> None:
    keep(archive)
    with FileLock(library.folder / ".lock", timeout=0) as lock:
        assert lock.is_locked
