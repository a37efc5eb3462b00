"""All of it: RabbitMQ, Slurm, the stand-in for the Globus cloud, and the agent."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Self, TextIO

from tests.cluster import environments
from tests.cluster.agent import Agent
from tests.cluster.broker import Broker
from tests.cluster.client import StandInClient
from tests.cluster.ports import require_free
from tests.cluster.processes import MARK, Service, sweep
from tests.cluster.slurm import Slurm
from tests.cluster.standin.people import BATCH_CLIENT, SECRETS
from tests.cluster.trouble import StackError

PORT = 5000
"""The only one that the Globus Compute SDK knows for services on this machine."""
PROGRAMS = {
    "slurmctld": "slurmctld",
    "slurmd": "slurmd",
    "sbatch": "slurm-client",
    "munged": "munge",
    "/usr/lib/rabbitmq/bin/rabbitmq-server": "rabbitmq-server",
}
"""What must be there, and the Debian package that brings it."""
# The user's own settings of these must reach neither the agent nor the workers.
OURS = ("GLOBUS_", "FUNCX_", "SLURM", "SBATCH", "SQUEUE", "SINFO", "RABBITMQ_", "ERL_", "PARSL_", "PYTHON")


class Stack:
    """Starts everything; :meth:`stop` ends it and leaves nothing."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        """What each part took to start."""
        self.url = f"http://localhost:{PORT}"
        self.standin = StandInClient(self.url)
        self._guardian: subprocess.Popen[bytes] | None = None
        self._standin: Service | None = None
        self._held: list[TextIO] = []
        self.folder = Path()
        self.environment: dict[str, str] = {}
        """What an application needs in its environment to use this stack."""
        self.broker: Broker
        self.slurm: Slurm
        self.agent: Agent

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def login_environment(self) -> dict[str, str]:
        """As :attr:`environment`, without the client's secret: somebody has to log in."""
        secret = ("GLOBUS_COMPUTE_CLIENT_ID", "GLOBUS_COMPUTE_CLIENT_SECRET")
        return {name: value for name, value in self.environment.items() if name not in secret}

    @property
    def endpoint_id(self) -> str:
        """Of the endpoint that the agent serves."""
        return self.agent.endpoint_id

    def start(self) -> None:
        """Start all parts; minutes the first time, then seconds.

        Raises:
            StackError: what is missing, or did not start; nothing of it is left then.
        """
        require_programs()
        require_free(PORT)
        began = time.monotonic()
        pyhf = environments.agent_environment()
        fitgui = environments.worker_environment()
        self._held = [environments.hold(pyhf), environments.hold(fitgui)]
        self.seconds["environments"] = time.monotonic() - began
        self.folder = Path(tempfile.mkdtemp(prefix="fitgui-"))
        self.folder.chmod(0o711)
        environment = self._own_environment()
        self._guard(environment)
        try:
            self.broker = Broker(self.folder / "rabbitmq", environment)
            self.slurm = Slurm(self.folder / "slurm", environment)
            self.environment = self._for_applications()
            with ThreadPoolExecutor(2) as pool:
                cluster = pool.submit(self._timed, "slurm", self.slurm.start)
                self._timed("broker", self.broker.start)
                self._timed("stand-in", self.start_standin)
                cluster.result()
            self.agent = Agent(
                self.folder / "agent",
                environment,
                pyhf=pyhf,
                fitgui=fitgui,
                slurm=self.slurm.environment,
                auth=f"{self.url}/",
            )
            self._timed("agent", self.start_agent)
        except BaseException:
            self.stop()
            raise
        self.seconds["all"] = time.monotonic() - began

    def start_standin(self) -> None:
        """Start the stand-in; its books are empty then."""
        command = [sys.executable, "-m", "tests.cluster.standin", "--port", str(PORT), "--broker"]
        environment = {**self._own_environment(), "PYTHONPATH": str(environments.REPOSITORY)}
        self._standin = Service(
            "The stand-in", [*command, self.broker.url], environment, self.folder / "standin.log"
        )
        self._standin.wait_until(self.standin.alive, 60)

    def start_agent(self) -> None:
        """Start the agent, where it does not run; returns when its endpoint is online."""
        if self.agent.pid is not None:
            return
        before = self.standin.reports()
        self.agent.start()
        deadline = time.monotonic() + 60
        while not self._is_online_again(before):
            if time.monotonic() > deadline or self.agent.pid is None:
                raise StackError(f"The agent did not come online: {self.agent.said()}")
            time.sleep(0.1)

    def add_python(self, version: str) -> None:
        """Let the option ``environment`` of the endpoint be that version of Python, such as ``3.12``.

        Raises:
            MissingPythonError: if it is not on this machine.
            StackError: if its environment cannot be made.
        """
        folder = environments.worker_environment(version)
        self._held.append(environments.hold(folder))
        self.agent.add_environment(version, folder)

    def _is_online_again(self, before: dict[str, int]) -> bool:
        """Whether the endpoint has reported since then: just after a crash it still counts as online."""
        endpoint = self.agent.endpoint_id
        reports = self.standin.reports().get(endpoint, 0)
        return reports > before.get(endpoint, 0) and self.standin.is_online(endpoint)

    def stop(self) -> None:
        """End every part, whatever becomes of the others, and remove the folder; twice does no harm."""
        folder, self.folder = self.folder, Path()
        if not folder.name:
            return
        guardian, self._guardian = self._guardian, None
        with ExitStack() as ends:  # the last that is named here is ended first
            for held in self._held:
                ends.callback(held.close)
            ends.callback(shutil.rmtree, folder, ignore_errors=True)
            if guardian is not None:
                ends.callback(_dismiss, guardian)
            ends.callback(sweep, folder, but=[guardian.pid] if guardian is not None else [])
            if hasattr(self, "broker"):
                ends.callback(self.broker.stop)
            if self._standin is not None:
                ends.callback(self._standin.stop)
            if hasattr(self, "slurm"):
                ends.callback(self.slurm.stop)
            if hasattr(self, "agent"):
                ends.callback(self.agent.stop)

    def _guard(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.cluster.guardian", str(self.folder)]
        self._guardian = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            env={**environment, "PYTHONPATH": str(environments.REPOSITORY)},
            start_new_session=True,
        )

    def _own_environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return {**kept, MARK: str(self.folder), "NO_PROXY": "localhost,127.0.0.1"}

    def _for_applications(self) -> dict[str, str]:
        return {
            "FITGUI_GLOBUS_TEST_SERVICE": self.url,
            "GLOBUS_SDK_SERVICE_URL_AUTH": f"{self.url}/",
            "GLOBUS_COMPUTE_CLIENT_ID": BATCH_CLIENT,
            "GLOBUS_COMPUTE_CLIENT_SECRET": SECRETS[BATCH_CLIENT],
            "NO_PROXY": "localhost,127.0.0.1",
            "no_proxy": "localhost,127.0.0.1",
            **self.slurm.environment,
        }

    def _timed(self, name: str, start: object) -> None:
        began = time.monotonic()
        assert callable(start)
        start()
        self.seconds[name] = time.monotonic() - began


def _dismiss(guardian: subprocess.Popen[bytes]) -> None:
    assert guardian.stdin is not None
    guardian.stdin.write(b"done")
    guardian.stdin.close()
    guardian.wait(30)


def require_programs() -> None:
    """Make sure that what Debian brings is there.

    Raises:
        StackError: naming the command that installs it.
    """
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    missing = sorted(
        {package for program, package in PROGRAMS.items() if not shutil.which(program, path=path)}
    )
    if missing:
        said = f"{', '.join(missing)} missing: `sh packaging/cluster-services.sh` installs what the tests of "
        raise StackError(said + "clusters need (as root on Debian or Ubuntu; otherwise it says what does).")
