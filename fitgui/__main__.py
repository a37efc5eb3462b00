"""``python -m fitgui`` and the installed commands ``fitgui`` and ``fitgui-window``.

Worker processes import this module too, so it imports nothing at its top that takes time.
"""

from __future__ import annotations

import multiprocessing
import os
import sys


def main() -> None:
    """The command ``fitgui``."""
    multiprocessing.freeze_support()
    from fitgui.cli.main import run_cli  # noqa: PLC0415

    sys.exit(run_cli(sys.argv[1:], _open_window))


def window() -> None:
    """The command ``fitgui-window``: the same without a terminal."""
    multiprocessing.freeze_support()
    from fitgui.cli.main import run_cli  # noqa: PLC0415

    sys.exit(run_cli(["gui", *sys.argv[1:]], _open_window))


def _open_window(pallet: str | None, run: bool, self_test: bool) -> int:  # noqa: FBT001
    from fitgui.cli.errors import CommandError  # noqa: PLC0415

    if self_test:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    elif _has_no_display():
        raise CommandError(
            "there is no display to open the window on: use `fitgui run example` in the terminal, or log in "
            "with a graphical session (ssh -X)"
        )
    try:
        from fitgui.gui import app  # noqa: PLC0415
    except ImportError as error:
        raise CommandError(
            f"the window cannot be opened because Qt cannot be loaded ({error}): install what is "
            f"named there, or use `fitgui run example` in the terminal"
        ) from error
    return app.run(pallet, run=run, self_test=self_test)


def _has_no_display() -> bool:
    """Qt ends the process when it finds no display, so look before."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return False
    return not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    main()
