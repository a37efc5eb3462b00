"""Who there is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """An identity of Globus Auth."""

    identifier: str
    username: str
    name: str


ALICE = Person("11111111-1111-4111-8111-111111111111", "alice@example.org", "Alice Example")
"""Whose endpoint the agent of the tests serves."""
BOB = Person("22222222-2222-4222-8222-222222222222", "bob@example.org", "Bob Example")
"""Has no endpoint; what is public he may see."""
PEOPLE = {"alice": ALICE, "bob": BOB}

AGENT_CLIENT = "aaaaaaaa-0000-4000-8000-000000000001"
BATCH_CLIENT = "aaaaaaaa-0000-4000-8000-000000000002"
SECRETS = {AGENT_CLIENT: "no-secret-of-the-agent", BATCH_CLIENT: "no-secret-of-the-batch"}
"""Clients with a secret; both act for Alice, so that what she or they send may run on her endpoint."""


def called(identifier: str) -> str:
    """Short name of an identity."""
    for name, person in PEOPLE.items():
        if person.identifier == identifier:
            return name
    return identifier
