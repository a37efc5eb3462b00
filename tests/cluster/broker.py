"""A private RabbitMQ: free ports, all state below one folder, started and ended as processes of ours."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.cluster.ports import LOOPBACK, answers, free_ports
from tests.cluster.processes import Service
from tests.cluster.trouble import StackError

START_SECONDS = 90.0


class Broker:
    """RabbitMQ at :attr:`url`."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Say where; :meth:`start` starts it.

        Args:
            folder: For its state.
            environment: Of its processes.
        """
        self._folder = folder
        self.port, distribution, self._epmd_port = free_ports(3)
        self.url = f"amqp://guest:guest@{LOOPBACK}:{self.port}/%2F"
        settings = {
            "HOME": folder / "home",
            "RABBITMQ_NODENAME": "fitgui@localhost",
            "RABBITMQ_CONFIG_FILE": folder / "rabbitmq.conf",
            "RABBITMQ_MNESIA_BASE": folder / "mnesia",
            "RABBITMQ_LOG_BASE": folder / "log",
            "RABBITMQ_PID_FILE": folder / "rabbit.pid",
            "RABBITMQ_ENABLED_PLUGINS_FILE": folder / "enabled_plugins",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_DIST_PORT": distribution,
            "ERL_EPMD_PORT": self._epmd_port,
            "ERL_EPMD_ADDRESS": LOOPBACK,
            # One scheduler that does not spin: the cores are for the workers.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none "
            "-kernel inet_dist_use_interface {127,0,0,1}",
        }
        self._environment = {**environment, **{name: str(value) for name, value in settings.items()}}
        self._epmd: Service | None = None
        self._server: Service | None = None

    def start(self) -> None:
        """Start it, again after :meth:`kill` with what it knew before.

        Raises:
            StackError: if it does not start.
        """
        for name in ("home", "mnesia", "log"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        (self._folder / "enabled_plugins").write_text("[].\n")
        (self._folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = {LOOPBACK}:{self.port}\n"
            "log.console = false\n"
            "vm_memory_high_watermark.absolute = 1GB\n"
            "disk_free_limit.absolute = 50MB\n"
        )
        log = self._folder / "log"
        # Erlang would leave a daemon of its own behind; this one ends with us.
        if self._epmd is None or not self._epmd.is_alive:
            command = [_epmd(), "-port", str(self._epmd_port), "-address", LOOPBACK]
            self._epmd = Service("epmd", command, self._environment, log / "epmd.log")
            self._epmd.wait_until(lambda: answers(self._epmd_port), 10)
        # Debian's command of that name changes to a user of its own; this is the one below.
        command = ["/usr/lib/rabbitmq/bin/rabbitmq-server"]
        self._server = Service("RabbitMQ", command, self._environment, log / "rabbitmq.log")
        self._server.wait_until(lambda: answers(self.port), START_SECONDS)

    def kill(self) -> None:
        """As a crash of the broker."""
        if self._server is not None:
            self._server.kill()

    def stop(self) -> None:
        """End it; what it holds is gone with its folder."""
        self.kill()
        if self._epmd is not None:
            self._epmd.stop()
        self._server = self._epmd = None


def _epmd() -> str:
    found = shutil.which("epmd") or next(Path("/usr/lib/erlang").glob("erts-*/bin/epmd"), None)
    if found is None:
        raise StackError("Erlang's epmd is missing: sh packaging/cluster-services.sh installs it.")
    return found
