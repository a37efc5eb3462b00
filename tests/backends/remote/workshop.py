"""A small service that runs the real functions of workers, and keeps their answers in a folder.

It lives in a real courier. Tasks go on when it ends, as at a cluster: each is a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from fitgui_backends.contract import PlaceInfo
from fitgui_backends.remote.backend import RemoteBackend
from fitgui_backends.remote.courier_process import ServiceError, Tell
from fitgui_backends.remote.functions import source_of
from fitgui_backends.remote.messages import Accepted, Arrived, Send, States, Surroundings, Watch

PROGRAM = """
import json, os, sys, time
folder, name = sys.argv[1:3]
space = {}
exec(open(os.path.join(folder, name + ".py"), encoding="utf-8").read(), space)
with open(os.path.join(folder, name + ".request"), encoding="utf-8") as stream:
    request = json.load(stream)
while os.path.exists(os.path.join(folder, "held")):
    time.sleep(0.02)
answer = space[sys.argv[3]](request)
part = os.path.join(folder, name + ".part")
with open(part, "w", encoding="utf-8") as stream:
    json.dump(answer, stream)
os.rename(part, os.path.join(folder, name + ".answer"))
"""
POLL_SECONDS = 0.05


class WorkshopBackend(RemoteBackend):
    """The backend under test, with this service."""

    name = "workshop"
    title = "The workshop"
    factory = "tests.backends.remote.workshop:make_service"
    survives = True
    most_payload = None

    def missing(self) -> None:
        return None


class Workshop:
    """Starts a process for each task, and looks for its answer."""

    def __init__(self, settings: Mapping[str, Any], tell: Tell) -> None:
        self._folder = Path(settings["folder"])
        self._folder.mkdir(parents=True, exist_ok=True)
        self._tell = tell
        self._open: dict[str, tuple[str, str]] = {}
        """Run and key, by task."""
        self._lock = threading.Lock()
        threading.Thread(target=self._look, daemon=True).start()

    def versions(self) -> dict[str, str]:
        return {}

    def call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        if method == "places":
            return [msgspec.to_builtins(PlaceInfo(identifier="bench", name="The bench", status="online"))]
        raise ServiceError(f"There is no {method} in the workshop.")

    def send(self, message: Send) -> None:
        tasks = {}
        for task in message.tasks:
            name = uuid.uuid4().hex
            source, entry = source_of(message.function)
            (self._folder / f"{name}.py").write_text(source, encoding="utf-8")
            (self._folder / f"{name}.request").write_text(json.dumps(task.request), encoding="utf-8")
            command = [sys.executable, "-c", PROGRAM, str(self._folder), name, entry]
            subprocess.Popen(command, start_new_session=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
            tasks[task.key] = name
        self._tell(Accepted(run=message.run, group="g", tasks=tasks, sent_bytes=1, seconds=0.01))
        self._tell(Surroundings(place=message.place.identifier, status="online", workers=len(tasks)))
        self._tell(States(run=message.run, phases=dict.fromkeys(tasks, "running")))
        with self._lock:
            self._open.update({name: (message.run, key) for key, name in tasks.items()})

    def watch(self, message: Watch) -> None:
        with self._lock:
            names = [name for names in message.groups.values() for name in names]
            self._open.update({name: (message.run, name) for name in names})

    def forget(self, run: str) -> None:
        with self._lock:
            self._open = {name: of for name, of in self._open.items() if of[0] != run}

    def close(self) -> None:
        """There is nothing to release."""

    def _look(self) -> None:
        while True:
            threading.Event().wait(POLL_SECONDS)
            with self._lock:
                waiting = dict(self._open)
            for name, (run, key) in waiting.items():
                path = self._folder / f"{name}.answer"
                if path.exists():
                    text = path.read_text(encoding="utf-8")
                    self._tell(Arrived(run=run, key=key, answer=json.loads(text), size=len(text)))
                elif not (self._folder / f"{name}.request").exists():
                    self._tell(Arrived(run=run, key=key, trouble="gone", error="The workshop was cleared."))
                else:
                    continue
                with self._lock:
                    self._open.pop(name, None)


def make_service(settings: Mapping[str, Any], tell: Tell) -> Workshop:
    return Workshop(settings, tell)
