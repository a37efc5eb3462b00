"""In a terminal: a progress bar while it runs, a table at the end; the screen is left as it was."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import pytest

from tests.cli.cluster import GRID, NAMED, ClusterOnThisMachine
from tests.cli.conftest import REPOSITORY, SLOW

pty = pytest.importorskip("pty", reason="pseudo-terminals are a matter of Unix")

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def in_terminal(
    arguments: list[str],
    environment: dict[str, str],
    folder: Path,
    *,
    stdout: IO[bytes] | None = None,
    program: Sequence[str] = ("-m", "fitgui"),
) -> tuple[int, str]:
    """The exit status, and everything that was written to a terminal of 140 columns."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, *program, *arguments],
        env=environment,
        cwd=folder,
        stdin=slave,
        stdout=slave if stdout is None else stdout,
        stderr=slave,
    )
    os.close(slave)
    written = b""
    deadline = time.monotonic() + 120
    try:
        while time.monotonic() < deadline:
            if select.select([master], [], [], 0.5)[0]:
                try:
                    chunk = os.read(master, 65536)
                except OSError:  # Linux says so when the other side has been closed
                    break
                if not chunk:
                    break
                written += chunk
        return process.wait(30), written.decode()
    finally:
        process.kill()
        process.wait(30)
        os.close(master)


def test_a_point_with_many_toys_tells_how_far_it_is(environment: dict[str, str], long_pallet: Path) -> None:
    status, written = in_terminal(
        ["run", str(long_pallet), "--points", "sig_200_100", "--toys", "400", "--workers", "2"],
        environment,
        long_pallet.parent,
    )
    assert status == 0
    told = re.findall(r"0/1 +▸ 1 running \(fitting (\d+) %\) +(about|first)", CONTROL.sub("", written))
    parts = [int(part) for part, _ in told]
    assert parts == sorted(parts)
    assert parts
    assert all(0 < part < 100 for part in parts)
    assert {word for _, word in told} == {"about"}, "the time that is left follows from it"


def test_progress_bar_then_table(environment: dict[str, str], long_pallet: Path) -> None:
    status, written = in_terminal(
        ["run", str(long_pallet), *SLOW, "--workers", "2"], environment, long_pallet.parent
    )
    assert status == 0
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h") == 1, (
        "the cursor is hidden and given back"
    )
    plain = CONTROL.sub("", written)
    counts = [int(count) for count in re.findall(r"(\d+)/24 ", plain)]
    assert counts == sorted(counts)
    assert len(set(counts)) > 5
    assert "starting workers" in plain
    assert re.search(r"\d points/(s|min), about \d+(\.\d)? s left", plain)
    assert "▸ 2 running" in plain
    table = plain[plain.rindex("24/24") :].splitlines()
    [heading] = [line for line in table if line.startswith("point")]
    assert heading.split() == [
        "point",
        "m1",
        "m2",
        "CLs",
        "obs",
        "CLs",
        "exp",
        "mu-hat",
        "CLs",
        "toys",
        "state",
    ]
    rows = [line.split() for line in table if line.startswith("sig_")]
    assert len(rows) == 24
    assert rows[0][:3] == ["sig_100_50", "100", "50"]
    assert all(" ".join(row).count("✓ done") == 1 for row in rows)
    assert "24 points: 24 done" in table[-1]


def test_json_stays_clean_beside_the_bar(environment: dict[str, str], small_pallet: Path) -> None:
    output = small_pallet.parent / "out.json"
    arguments = ["run", str(small_pallet), "--points", "sig_300*", "--json"]
    with output.open("wb") as stdout:
        status, written = in_terminal(arguments, environment, small_pallet.parent, stdout=stdout)
    assert status == 0
    assert "starting workers" in written
    assert json.loads(output.read_text(encoding="utf-8"))["points"][0]["status"] == "done"


def test_a_terminal_that_cannot_do_much_gets_plain_lines(
    environment: dict[str, str], small_pallet: Path
) -> None:
    dumb = {**environment, "TERM": "dumb"}
    status, written = in_terminal(
        ["run", str(small_pallet), "--points", "sig_300*"], dumb, small_pallet.parent
    )
    assert status == 0
    assert "\x1b" not in written
    assert written.splitlines()[0].startswith("done      sig_300_100  CLs obs 0.")


def test_numbers_are_whole_in_a_narrow_terminal(environment: dict[str, str], small_pallet: Path) -> None:
    narrow = {**environment, "COLUMNS": "80"}
    arguments = ["run", str(small_pallet), "--limits", "--discovery", "--points", "sig_300*"]
    status, written = in_terminal(arguments, narrow, small_pallet.parent)
    assert status == 0
    [line] = [line for line in CONTROL.sub("", written).splitlines() if line.startswith("done ")]
    for heading in ("CLs obs", "exp", "mu-hat", "mu up obs", "mu up exp", "p0 obs"):
        assert re.search(rf"  {heading} \d[\d.e-]*(  |$)", line), heading


def test_a_name_that_strangers_gave_does_not_rule_the_terminal(
    environment: dict[str, str], logged_in: ClusterOnThisMachine, tmp_path: Path
) -> None:
    cluster = ("-c", "from tests.cli.cluster import main; main()")
    named = {**environment, "PYTHONPATH": str(REPOSITORY), NAMED: "mine\x1b]0;owned\x07 \x9b2J"}
    status, written = in_terminal(["backends", "endpoints"], named, tmp_path, program=cluster)
    assert status == 0, written
    assert "mine?]0;owned? ?2J" in CONTROL.sub("", written)
    assert "\x1b]" not in written
    assert "\x9b" not in written
    status, written = in_terminal(
        ["backends", "check", "--endpoint", "\x1b[2Jelsewhere"], named, tmp_path, program=cluster
    )
    assert status == 2
    assert "fitgui: there is no endpoint ?[2Jelsewhere of globus" in written
    assert "\x1b" not in written
    fits = ["backends", "check", "--try", "--endpoint", GRID]
    status, written = in_terminal(fits, named, tmp_path, program=cluster)
    assert (status, "\x1b" in written) == (0, False)
