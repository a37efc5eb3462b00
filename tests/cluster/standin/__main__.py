"""``python -m tests.cluster.standin`` serves until Ctrl-C; the whole stack is ``python -m tests.cluster``."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Sequence

import click

from tests.cluster.standin.standin import StandIn


def main(arguments: Sequence[str] | None = None) -> None:
    """Says where it is, and waits."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.cluster.standin",
        description="Play Globus Compute and Globus Auth on this machine only, until Ctrl-C.",
    )
    parser.add_argument("--port", type=int, default=5000, help="where to listen; the SDK always goes to 5000")
    parser.add_argument("--broker", help="AMQP address of a RabbitMQ; without it, tasks go nowhere")
    chosen = parser.parse_args(arguments)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        standin = StandIn(port=chosen.port, broker=chosen.broker)
    except OSError as error:
        parser.exit(1, f"The stand-in cannot start at port {chosen.port}: {error.strerror or error}.\n")
    with standin:
        click.echo(standin.url)
        ended.wait()


if __name__ == "__main__":
    main()
