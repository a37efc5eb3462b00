"""A real Globus Compute agent, with the endpoint of ``tests/cluster/endpoint``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import psutil

from tests.cluster.processes import Service
from tests.cluster.standin.people import AGENT_CLIENT, SECRETS
from tests.cluster.trouble import StackError

TEMPLATES = Path(__file__).with_name("endpoint")
NAME = "fitgui"
START_SECONDS = 60.0


class Agent:
    """The agent; :attr:`endpoint_id` is known when it has been started once, and stays."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        *,
        pyhf: Path,
        fitgui: Path,
        slurm: Mapping[str, str],
        auth: str,
    ) -> None:
        """Write its configuration; :meth:`start` starts it.

        Args:
            folder: For its state, and the home of its workers.
            environment: Of its processes.
            pyhf: Virtual environment of the agent itself, and of workers that have nothing but pyhf.
            fitgui: Of workers with fitgui-backends.
            slurm: What commands of Slurm need.
            auth: Where Globus Auth is.
        """
        self._python = pyhf
        self._users = folder / "endpoints"
        self._place = self._users / NAME
        self._log = folder / "agent.log"
        self.home = folder / "home"
        """Of workers: their caches are below it."""
        self.home.mkdir(parents=True, exist_ok=True)
        # An agent of root starts user endpoints with nothing but what a file says.
        kept = ("FITGUI_CLUSTER", "PATH", "LANG", "TZ", "NO_PROXY", "no_proxy", "PYTHONDONTWRITEBYTECODE")
        inherited = {name: value for name, value in environment.items() if name in kept}
        workers = {**inherited, **slurm, "HOME": str(self.home)}
        workers["PATH"] = f"{pyhf}/bin:{environment.get('PATH', '')}"
        workers["CWD"] = str(self.home)
        workers["GLOBUS_COMPUTE_USER_DIR"] = str(self._users)
        workers["GLOBUS_SDK_SERVICE_URL_AUTH"] = auth
        self._workers = workers
        self._environment = {
            **environment,
            **workers,
            "GLOBUS_COMPUTE_CLIENT_ID": AGENT_CLIENT,
            "GLOBUS_COMPUTE_CLIENT_SECRET": SECRETS[AGENT_CLIENT],
        }
        self._service: Service | None = None
        self._paths = {"pyhf": pyhf, "fitgui": fitgui}
        self._configure()

    @property
    def endpoint_id(self) -> str:
        """Under which the service knows it."""
        document = json.loads((self._place / "endpoint.json").read_text(encoding="utf-8"))
        return str(document["endpoint_id"])

    @property
    def pid(self) -> int | None:
        return self._service.pid if self._service is not None and self._service.is_alive else None

    def start(self) -> None:
        """Start it; returns when it has registered.

        Raises:
            StackError: if it does not.
        """
        if self.pid is not None:
            return
        command = [self._python / "bin" / "globus-compute-endpoint", "start", NAME]
        self._service = Service("The agent", command, self._environment, self._log)
        self._service.wait_until(self._has_registered, START_SECONDS)

    def stop(self) -> None:
        """As a user does it: the endpoint is offline, its user endpoints and their jobs end."""
        if self._service is not None:
            self._service.stop(30)

    def kill(self) -> None:
        """As a crash of the login node: without a word, user endpoints too; jobs of Slurm stay."""
        if self._service is None or self.pid is None:
            return
        try:
            family = psutil.Process(self._service.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            family = []
        self._service.kill()
        for process in family:
            # What Slurm has started is no child of the agent.
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(family, timeout=10)
        # For a while they refuse to start beside another, perhaps elsewhere; who knows better removes this.
        for file in self._users.glob("*/daemon.pid"):
            file.unlink()

    def restart(self) -> None:
        """End it, and start it again under the same identifier."""
        self.stop()
        self.start()

    def _has_registered(self) -> bool:
        pid = self._place / "daemon.pid"
        ours = self._service is not None and str(self._service.pid)
        return (self._place / "endpoint.json").exists() and pid.exists() and pid.read_text().strip() == ours

    def said(self) -> str:
        """The end of its output."""
        return self._service.said() if self._service is not None else ""

    def add_environment(self, name: str, path: Path) -> None:
        """From now on the option ``environment`` of the endpoint may have that value."""
        self._paths[name] = path
        self._write_template()

    def _write_template(self) -> None:
        """The agent reads it whenever it starts a user endpoint."""
        if any(" " in str(path) for path in self._paths.values()):
            raise StackError("Commands that Slurm starts cannot lie in a folder with a space in its name.")
        template = (TEMPLATES / "user_config_template.yaml.j2").read_text(encoding="utf-8")
        paths = json.dumps({name: str(path) for name, path in self._paths.items()})
        template = template.replace("@ENVIRONMENTS@", paths)
        (self._place / "user_config_template.yaml.j2").write_text(template, encoding="utf-8")

    def _configure(self) -> None:
        self._place.mkdir(parents=True, exist_ok=True)
        self._place.chmod(0o700)
        for name in ("config.yaml", "user_config_schema.json"):
            shutil.copy(TEMPLATES / name, self._place / name)
        self._write_template()
        # JSON is YAML.
        environment = json.dumps(self._workers, indent=1)
        (self._place / "user_environment.yaml").write_text(environment, encoding="utf-8")
