"""``python -m tests.hepdata`` serves the usual records until Ctrl-C, to try things by hand."""

from __future__ import annotations

import threading
from contextlib import suppress

import click

from tests.hepdata.standin import StandIn


def main() -> None:
    """Says how to reach the stand-in, and waits."""
    with StandIn() as standin, suppress(KeyboardInterrupt):
        standin.populate()
        click.echo(f"FITGUI_HEPDATA_TEST_SERVICE={standin.url}")
        threading.Event().wait()


if __name__ == "__main__":
    main()
