"""Ports of the loopback interface."""

from __future__ import annotations

import socket
import time

import psutil

from tests.cluster.trouble import StackError

LOOPBACK = "127.0.0.1"


def free_ports(number: int) -> list[int]:
    """So many ports that nobody has at the moment."""
    sockets = [socket.create_server((LOOPBACK, 0)) for _ in range(number)]
    try:
        return [held.getsockname()[1] for held in sockets]
    finally:
        for held in sockets:
            held.close()


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as asking:
        asking.settimeout(0.5)
        return asking.connect_ex((LOOPBACK, port)) == 0


def require_free(port: int) -> None:
    """Make sure that a port that cannot be another one is to be had; what just ended may still hold it.

    Raises:
        StackError: who has it.
    """
    deadline = time.monotonic() + 5
    while answers(port):
        if time.monotonic() > deadline:
            raise StackError(f"Port {port} is taken{_holder(port)}; the Globus Compute SDK knows no other.")
        time.sleep(0.1)


def _holder(port: int) -> str:
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
            try:
                said = " ".join(psutil.Process(connection.pid).cmdline())[:120]
            except psutil.NoSuchProcess:
                return ""
            return f" by process {connection.pid} ({said})"
    return ""
