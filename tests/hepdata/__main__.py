"""``python -m tests.hepdata`` serves the usual records until Ctrl-C, to try things by hand."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Sequence
from contextlib import suppress

import click

from tests.hepdata.standin import StandIn


def main(arguments: Sequence[str] | None = None) -> None:
    """Says how to reach the stand-in, and waits."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.hepdata",
        description="Serve records as HEPData does, on this machine only, until Ctrl-C. The variable that is "
        "printed points fitgui there.",
    )
    parser.add_argument("--port", type=_port, default=0, help="where to listen; a free port without it")
    port = parser.parse_args(arguments).port
    try:
        standin = StandIn(port=port)
    except OSError as error:
        parser.error(f"port {port} cannot be had: {error.strerror or error}")
    with standin, suppress(KeyboardInterrupt):
        standin.populate()
        click.echo(f"FITGUI_HEPDATA_TEST_SERVICE={standin.url}")
        threading.Event().wait()


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdigit() else 0
    if not 0 < port < 1 << 16:
        raise argparse.ArgumentTypeError(f"{text} is no port: name one from 1 to 65535")
    return port


if __name__ == "__main__":
    main()
