"""One start of the application within a session that has a Secret Service; run by ``test_globus_courier``.

Prints as JSON what the courier says of the login, before and after doing what the second argument names.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import keyring

from fitgui_backends.remote.messages import Said
from tests.backends.couriers.globus_desk import desk


def main(url: str, act: str, folder: str) -> None:
    """Open a courier, do something, and say how it went."""
    told: dict[str, Any] = {"keyring": type(keyring.get_keyring()).__module__}
    with desk(url, Path(folder), keyring=True) as opened:
        told["before"] = opened.courier.ask("whoami")
        if act == "login":
            opened.log_in()
        elif act == "logout":
            opened.courier.ask("logout")
        elif act == "lock":
            backend: Any = keyring.get_keyring()
            backend.get_preferred_collection().lock()
            opened.log_in()
        told["after"] = opened.courier.ask("whoami")
        told["kept in"] = opened.courier.ask("health")["details"].get("login kept in", "")
        told["notices"] = [message.text for message in opened.all(Said)]
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
