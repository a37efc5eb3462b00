"""What a test may set."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTES_10 = 10 * 1024 * 1024


@dataclass
class Settings:
    """Bounds and habits of the service; each field can be set through ``/_standin/settings``."""

    payload_limit: int = MEGABYTES_10
    """Bytes of a request; more is refused with 413."""
    rate_limit: bool = True
    """20 requests of a user in 10 seconds; more is refused with 429."""
    token_seconds: int = 172_800
    """For how long new access tokens are good."""
    consent: str = "alice"
    """Who logs in on the page of the login, at once; ``denied``: whoever it is refuses."""
    asks_again: bool = True
    """Whether waiting tasks make the service ask an agent that comes back to start their user endpoints."""
