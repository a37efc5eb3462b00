"""Fixtures of the tests of couriers."""

from __future__ import annotations

from tests.backends.couriers.globus_fixtures import agent, counter, globus, open_counter

__all__ = ["agent", "counter", "globus", "open_counter"]
