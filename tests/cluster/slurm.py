"""A private Slurm: two nodes on this machine, two partitions, an account that one of them asks for.

Everything lies below one folder; what runs are processes of ours. A node is a name with a port: both are this
machine, and each claims more cores than there may be, so that several blocks run at once.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.cluster.ports import LOOPBACK, free_ports
from tests.cluster.processes import Service
from tests.cluster.trouble import StackError

NODES = ("node1", "node2")
CORES = 4
"""That each node claims."""
MEGABYTES = 2000
PARTITIONS = ("debug", "physics")
"""The first is the default; the second asks for :data:`ACCOUNT`. Both end jobs after an hour."""
ACCOUNT = "atlas"
SPARE_ADDRESS = "192.0.2.1/32"
"""Of the network that is kept for examples (RFC 5737)."""
ADDED = "address-was-added"

CONFIGURATION = """\
ClusterName=fitgui
SlurmctldHost={host}({loopback})
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_min_interval=200000,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
KillWait=2
MailProg=/bin/true
EnforcePartLimits=ALL
JobSubmitPlugins=lua
SlurmdParameters=config_overrides
"""
# Without a database of accounts Slurm cannot check one; this does, with the same answer.
JOB_SUBMIT = f"""\
function slurm_job_submit(job, partitions, uid)
   if job.partition == "{PARTITIONS[1]}" and job.account ~= "{ACCOUNT}" then
      return slurm.ESLURM_INVALID_ACCOUNT
   end
   return slurm.SUCCESS
end

function slurm_job_modify(job, record, partitions, uid)
   return slurm.SUCCESS
end
"""


@dataclass(frozen=True)
class Job:
    """As squeue tells it."""

    identifier: str
    state: str
    """``PENDING``, ``RUNNING``, ``COMPLETING`` ..."""
    partition: str
    account: str
    name: str
    nodes: int
    reason: str


def give_back_address(folder: Path) -> None:
    """Take from the loopback interface what the Slurm of that folder has added to it, if it has."""
    if (folder / ADDED).exists():
        subprocess.run(["ip", "address", "del", SPARE_ADDRESS, "dev", "lo"], check=False)
        (folder / ADDED).unlink()


class Slurm:
    """The cluster; clients find it by :attr:`environment`."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Say where; :meth:`start` starts it.

        Args:
            folder: For its state.
            environment: Of its processes.
        """
        self._folder = folder
        self.configuration = folder / "slurm.conf"
        self.environment = {"SLURM_CONF": str(self.configuration)}
        """What clients need."""
        self._environment = {**environment, **self.environment}
        self._services: list[Service] = []

    def start(self) -> None:
        """Start it; returns when its nodes are idle.

        Raises:
            StackError: if it does not start.
        """
        self._write()
        self._ensure_address()
        munge, log = self._folder / "munge", self._folder / "log"
        command = ["munged", "--foreground", "--force", f"--key-file={munge}/munge.key"]
        command += [f"--socket={munge}/munge.socket", f"--pid-file={munge}/munged.pid"]
        command += [f"--log-file={munge}/munged.log", f"--seed-file={munge}/munged.seed"]
        self._start("munged", command).wait_until((munge / "munge.socket").exists, 20)
        self._start("slurmctld", ["slurmctld", "-D", "-c", "-f", str(self.configuration)])
        for node in NODES:
            self._start(f"slurmd-{node}", ["slurmd", "-D", "-f", str(self.configuration), "-N", node])
        self._services[-1].wait_until(self._is_idle, 30)
        if any(not service.is_alive for service in self._services):
            raise StackError(f"A part of Slurm ended; {log} says why.")

    def stop(self) -> None:
        """End all jobs, then the daemons."""
        if len(self._services) == 2 + len(NODES) and self._services[1].is_alive:
            self._ask("scancel", "--signal=KILL", "--full", *self._everything())
            self._ask("scancel", *self._everything())
        for service in reversed(self._services):
            service.stop(5)
        self._services.clear()
        give_back_address(self._folder)

    def jobs(self) -> list[Job]:
        """All that wait or run."""
        said = self._ask("squeue", "--noheader", "--format=%i|%T|%P|%a|%j|%D|%r").stdout
        rows = [line.strip().split("|") for line in said.splitlines() if line.strip()]
        return [Job(*row[:5], int(row[5]), row[6]) for row in rows]

    def scancel(self, job: Job | str) -> None:
        """End a job."""
        self._ask("scancel", job.identifier if isinstance(job, Job) else job)

    def hold(self) -> None:
        """From now on jobs wait: nodes take no new ones."""
        self._ask("scontrol", "update", "nodename=" + ",".join(NODES), "state=drain", "reason=test")

    def release(self) -> None:
        """The end of :meth:`hold`."""
        self._ask("scontrol", "update", "nodename=" + ",".join(NODES), "state=resume")

    @staticmethod
    def job_of(pid: int) -> str:
        """The job that a process of this machine belongs to; empty if to none."""
        try:
            return psutil.Process(pid).environ().get("SLURM_JOB_ID", "")
        except psutil.Error:
            return ""

    def _write(self) -> None:
        for name in ("state", "log", "munge", *(f"spool-{node}" for node in NODES)):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        (self._folder / "munge").chmod(0o711)
        key = self._folder / "munge" / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(1024))
        host = socket.gethostname().partition(".")[0]
        port, *node_ports = free_ports(1 + len(NODES))
        text = CONFIGURATION.format(
            host=host,
            loopback=LOOPBACK,
            port=port,
            user=pwd.getpwuid(os.getuid()).pw_name,
            folder=self._folder,
        )
        for node, node_port in zip(NODES, node_ports, strict=True):
            text += f"NodeName={node} NodeHostname={host} NodeAddr={LOOPBACK} Port={node_port} "
            text += f"CPUs={CORES} RealMemory={MEGABYTES} State=UNKNOWN\n"
        for partition in PARTITIONS:
            text += f"PartitionName={partition} Nodes={','.join(NODES)} MaxTime=60 State=UP "
            text += f"OverSubscribe=FORCE:4 Default={'YES' if partition == PARTITIONS[0] else 'NO'}\n"
        self.configuration.write_text(text)
        (self._folder / "job_submit.lua").write_text(JOB_SUBMIT)

    def _ensure_address(self) -> None:
        """Slurm finds no address to listen at where there is none but that of the loopback interface."""
        try:
            flags = socket.AI_PASSIVE | socket.AI_ADDRCONFIG
            socket.getaddrinfo(None, 0, socket.AF_INET, socket.SOCK_STREAM, 0, flags)
        except socket.gaierror:
            command = ["ip", "address", "add", SPARE_ADDRESS, "dev", "lo"]
            if not shutil.which("ip") or subprocess.run(command, check=False).returncode:
                said = " ".join(command)
                message = f"This machine has no address but {LOOPBACK}, and Slurm needs another: {said}"
                raise StackError(message) from None
            (self._folder / ADDED).touch()

    def _start(self, name: str, command: list[str]) -> Service:
        service = Service(name, command, self._environment, self._folder / "log" / f"{name}.out")
        self._services.append(service)
        return service

    def _is_idle(self) -> bool:
        said = self._ask("sinfo", "--noheader", "--Node", "--format=%T").stdout.split()
        return len(said) >= len(NODES) and set(said) == {"idle"}

    def _everything(self) -> list[str]:
        return [f"--user={pwd.getpwuid(os.getuid()).pw_name}"]

    def _ask(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=False, timeout=60
        )
