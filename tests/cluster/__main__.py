"""``python -m tests.cluster`` starts the whole stack until Ctrl-C, to try things by hand."""

from __future__ import annotations

import argparse
import shlex
import signal
import threading
from collections.abc import Sequence

import click

from tests.cluster.stack import Stack
from tests.cluster.trouble import StackError


def main(arguments: Sequence[str] | None = None) -> None:
    """Says how to reach it, and waits."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.cluster",
        description="Start a Globus Compute agent, RabbitMQ, Slurm and a stand-in for the Globus cloud on "
        "this machine only, until Ctrl-C. The variables that are printed point fitgui there.",
    )
    parser.add_argument(
        "--python",
        choices=["3.12", "3.13"],
        action="append",
        default=[],
        help="also workers with this Python, as the option 'environment' of the endpoint; may be given twice",
    )
    chosen = parser.parse_args(arguments)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, lambda *_: ended.set())
    stack = Stack()
    try:
        click.echo("Starting; the first time this takes some minutes.", err=True)
        stack.start()
        for version in chosen.python:
            stack.add_python(version)
    except StackError as error:
        stack.stop()
        parser.exit(1, f"{error}\n")
    try:
        for name, value in stack.environment.items():
            click.echo(f"export {name}={shlex.quote(value)}")
        click.echo(f"# endpoint {stack.endpoint_id}; everything below {stack.folder}")
        ended.wait()
    finally:
        stack.stop()


if __name__ == "__main__":
    main()
