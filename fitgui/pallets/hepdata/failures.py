"""What it means that a connection failed: a sentence for whatever the libraries raise."""

from __future__ import annotations

import requests
from urllib3.exceptions import NameResolutionError, ReadTimeoutError

from fitgui.pallets.hepdata.errors import ErrorKind, HepDataError


def connection_failed(error: BaseException, host: str) -> tuple[HepDataError, bool]:
    """What to say of a connection that failed.

    Args:
        error: of ``requests`` or ``urllib3``; its text is never shown, as it may tell a proxy's password.
        host: that was asked.

    Returns:
        The error, and whether trying again soon may help.
    """
    causes = list(_causes(error))
    if type(error) is OSError and "certificate" in str(error):  # requests has no class of its own for it
        return HepDataError(ErrorKind.OFFLINE, _NO_CERTIFICATES), False
    for kinds, kind, sentence, again in _FAILURES:
        if any(isinstance(cause, kinds) for cause in causes):
            return HepDataError(kind, sentence.format(host=host)), again
    return HepDataError(
        ErrorKind.OFFLINE, f"Offline: the connection to {host} fails or breaks. {_LOCAL_GOES_ON}"
    ), True


_LOCAL_GOES_ON = "What is on this machine can still be used; try again when there is a network."
_NO_CERTIFICATES = (
    "The file with certificates that this system is set to use does not exist: correct or unset "
    "REQUESTS_CA_BUNDLE."
)
_FAILURES: tuple[tuple[tuple[type[BaseException], ...], ErrorKind, str, bool], ...] = (
    (
        (requests.exceptions.SSLError,),
        ErrorKind.OFFLINE,
        "{host} could not prove that it is {host}: check this machine's clock, and whether your network "
        "needs a certificate of its own (REQUESTS_CA_BUNDLE).",
        False,
    ),
    (
        (requests.exceptions.ProxyError, requests.exceptions.InvalidProxyURL),
        ErrorKind.OFFLINE,
        "The proxy that this system is set to use cannot be reached, or refuses: check the proxy settings "
        f"(HTTPS_PROXY). {_LOCAL_GOES_ON}",
        False,
    ),
    (
        (requests.exceptions.InvalidSchema,),  # no other can occur: addresses are checked before
        ErrorKind.OFFLINE,
        "The proxy that this system is set to use speaks SOCKS, which fitgui does not: set HTTPS_PROXY to "
        f"one that speaks HTTP. {_LOCAL_GOES_ON}",
        False,
    ),
    (
        (NameResolutionError,),
        ErrorKind.OFFLINE,
        f"Offline: {{host}} is not found. {_LOCAL_GOES_ON}",
        False,
    ),
    (
        (requests.ConnectTimeout,),
        ErrorKind.OFFLINE,
        f"Offline: {{host}} does not answer. {_LOCAL_GOES_ON}",
        False,
    ),
    (
        (requests.ReadTimeout, ReadTimeoutError),
        ErrorKind.STALLED,
        "{host} was reached, but its answer does not come; try again later.",
        True,
    ),
    (
        (requests.exceptions.InvalidURL,),
        ErrorKind.FORBIDDEN_ADDRESS,
        "HEPData pointed to something that is no address; look at the record in a browser.",
        False,
    ),
)


def _causes(error: BaseException) -> list[BaseException]:
    """An error and all that it wraps; requests puts urllib3's into the arguments."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting and len(found) < 20:
        current = waiting.pop(0)
        if not isinstance(current, BaseException) or current in found:
            continue
        found.append(current)
        waiting += [*current.args, current.__cause__, current.__context__, getattr(current, "reason", None)]
    return found
