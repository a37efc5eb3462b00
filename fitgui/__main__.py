"""``python -m fitgui`` and the installed commands ``fitgui`` and ``fitgui-window``.

Worker processes import this module too, so it imports nothing at its top that takes time.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from fitgui.cli.main import TalkWish

_INTERRUPTED = 130


def main() -> None:
    """The command ``fitgui``."""
    _run(sys.argv[1:])


def window() -> None:
    """The command ``fitgui-window``: the same without a terminal."""
    _run(["gui", *sys.argv[1:]])


def _run(arguments: list[str]) -> None:
    """Carry out a command line; ends the process."""
    try:
        _hold_standard_streams()
        import multiprocessing  # noqa: PLC0415

        multiprocessing.freeze_support()
        from fitgui.cli.main import run_cli  # noqa: PLC0415

        status = run_cli(arguments, _open_window, _open_talk)
    except KeyboardInterrupt:  # while the above is imported; from there on run_cli answers it
        if sys.stderr is not None:
            sys.stderr.write("fitgui: interrupted\n")
        status = _INTERRUPTED
    sys.exit(status)


def _hold_standard_streams() -> None:
    """Open what the shell has closed (``>&-``) on nothing.

    Otherwise the next pipe, say to a worker process, gets the number of the standard output or error, and is
    broken by whatever writes or redirects there.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)  # noqa: FBT003 -- the workers inherit numbers 0 to 2
    os.close(number)


def _open_window(pallet: str | None, run: bool, self_test: bool) -> int:  # noqa: FBT001
    if self_test:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    else:
        _need_display("open the window on", "fitgui run example")

    def open_it() -> int:
        from fitgui.gui import app  # noqa: PLC0415

        return app.run(pallet, run=run, self_test=self_test)

    return _explained(open_it)


def _open_talk(wish: TalkWish) -> int:
    _need_display("show a talk on", "fitgui runs show")

    def open_it() -> int:
        from fitgui.gui.talk.start import run_talk  # noqa: PLC0415

        return run_talk(
            wish.runs, speed=wish.speed, seconds=wish.seconds, look=wish.look, windowed=wish.windowed
        )

    return _explained(open_it)


def _explained(open_it: Callable[[], int]) -> int:
    """What loads Qt and opens a window, with one sentence where that cannot be."""
    from fitgui.cli.errors import CommandError  # noqa: PLC0415
    from fitgui.runs.journal import JournalError  # noqa: PLC0415
    from fitgui_backends.machine import SINGLE_THREADED  # noqa: PLC0415

    # Before numpy loads. A window computes contours on a thread while workers fit on the same cores: threads
    # of the linear algebra that wait for each other, spinning, made that stand still for seconds.
    os.environ.update(SINGLE_THREADED)
    try:
        return open_it()
    except ImportError as error:
        raise CommandError(
            f"the window cannot be opened because Qt cannot be loaded ({error}): install what is "
            f"named there, or use `fitgui run example` in the terminal"
        ) from error
    except JournalError as error:
        raise CommandError(str(error)) from error


def _need_display(purpose: str, otherwise: str) -> None:
    if _has_no_display():
        from fitgui.cli.errors import CommandError  # noqa: PLC0415

        raise CommandError(
            f"there is no display to {purpose}: use `{otherwise}` in the terminal, or log in "
            "with a graphical session (ssh -X)"
        )


def _has_no_display() -> bool:
    """Qt ends the process when it finds no display, so look before."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return False
    return not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    main()
