"""Say whether a window can be opened here, and if not, why: one line on the standard error and the status 1.

``libraries`` asks for what tests and pictures need: Qt's libraries and a font, off-screen; where ``DISPLAY``
is set and Qt not told to stay off-screen, also whether Qt's part for X11 can be loaded. ``display`` opens
the display for which the environment asks. Qt ends its process where it finds no display, and waits for ever
for one that does not answer: so a child tries, with a time limit. Only the standard library is imported, so
that this runs where PySide6 does not.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

OPEN = """
import resource
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from PySide6.QtGui import QFontDatabase, QGuiApplication
QGuiApplication([])
raise SystemExit(None if QFontDatabase.families() else "there is no font")
"""
NO_PLUGIN = "no Qt platform plugin could be initialized"


def failure_of_qt(environment: Mapping[str, str], limit: float) -> str | None:
    """Why no Qt application starts with this environment; ``None`` if one does.

    Args:
        environment: of the child that tries.
        limit: seconds after which it is given up.
    """
    try:
        child = subprocess.run(  # noqa: S603 - this interpreter, and a program written above
            [sys.executable, "-c", OPEN],
            env=environment,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {limit:g} s"
    if child.returncode == 0:
        return None
    said = [line.strip() for line in child.stderr.splitlines() if line.strip()]
    if not said:
        return f"Qt ended with status {child.returncode}"
    return said[0] if any(NO_PLUGIN in line for line in said) else said[-1]


def failure_of_x11() -> str | None:
    """Which library keeps Qt's platform plugin for X11 from being loaded; ``None`` if nothing does."""
    package = importlib.util.find_spec("PySide6")
    if package is None or package.origin is None:
        return "PySide6 is not installed"
    plugin = Path(package.origin).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    if not plugin.exists():  # another Qt than that of the wheels: its packages bring what they need
        return None
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return str(error)
    return None


def check_libraries(limit: float) -> str | None:
    """What is missing of the libraries of a desktop, or ``None``."""
    failure = failure_of_qt({**os.environ, "QT_QPA_PLATFORM": "offscreen"}, limit)
    on_x11 = sys.platform == "linux" and os.environ.get("DISPLAY")
    if failure is None and on_x11 and os.environ.get("QT_QPA_PLATFORM") != "offscreen":
        failure = failure_of_x11()
    return f"Qt cannot start: {failure}" if failure else None


def check_display(limit: float) -> str | None:
    """Why there is no display for a window, or ``None``."""
    names = [name for name in ("WAYLAND_DISPLAY", "DISPLAY") if os.environ.get(name)]
    if sys.platform != "darwin" and not names:
        return "No display is set."
    failure = failure_of_qt(os.environ, limit)
    if failure is None:
        return None
    where = "".join(f" with {name}={os.environ[name]}" for name in names[:1])
    return f"No window can be opened{where}: {failure}"


def main() -> str | None:
    """The sentence of what is missing becomes the exit status 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["libraries", "display"])
    parser.add_argument("--limit", type=float, default=20.0, help="seconds to wait for an answer")
    chosen = parser.parse_args()
    return check_libraries(chosen.limit) if chosen.what == "libraries" else check_display(chosen.limit)


if __name__ == "__main__":
    sys.exit(main())
