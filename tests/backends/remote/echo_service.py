"""A service for tests of the frame of couriers: its process is real, what it offers is not."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fitgui_backends.contract import Need
from fitgui_backends.remote.courier_process import ServiceError, Tell
from fitgui_backends.remote.messages import Arrived, Said, Send, Watch


class EchoService:
    """Answers tasks with their request; what it is told lands in messages."""

    def __init__(self, settings: Mapping[str, Any], tell: Tell) -> None:
        self._settings = settings
        self._tell = tell
        if settings.get("breaks"):
            raise RuntimeError("a secret that nobody may see")

    def versions(self) -> dict[str, str]:
        return {"echo": "1", "pid": str(os.getpid())}

    def call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        match method:
            case "echo":
                return dict(arguments)
            case "wait":
                time.sleep(float(arguments["seconds"]))
                return "late"
            case "refuse":
                raise ServiceError("You are not logged in: log in.", Need.LOGIN)
            case "break":
                raise RuntimeError("a secret that nobody may see")
            case "die":
                os._exit(3)
        raise ServiceError(f"There is no {method}.")

    def send(self, message: Send) -> None:
        for task in message.tasks:
            self._tell(Arrived(run=message.run, key=task.key, answer=task.request, size=task.size))

    def watch(self, message: Watch) -> None:
        self._tell(Said(level="info", text=f"watching {sorted(message.groups)}", run=message.run))

    def forget(self, run: str) -> None:
        self._tell(Said(level="info", text="forgotten", run=run))

    def close(self) -> None:
        if (path := self._settings.get("farewell")) is not None:
            Path(path).write_text("closed", encoding="utf-8")
        time.sleep(float(self._settings.get("hangs", 0.0)))


def make_service(settings: Mapping[str, Any], tell: Tell) -> EchoService:
    return EchoService(settings, tell)
