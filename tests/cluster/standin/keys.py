"""The key by which id tokens are signed."""

from __future__ import annotations

import json
import time
from functools import cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.cluster.standin.people import Person


class Keys:
    """One RSA key for the life of the stand-in, made when it is first needed."""

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def public(self) -> dict[str, Any]:
        """As a JSON Web Key Set."""
        return {"keys": [json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))]}

    def id_token(self, person: Person, client: str, issuer: str) -> str:
        now = int(time.time())
        claims = {
            "sub": person.identifier,
            "iss": issuer,
            "aud": client,
            "iat": now,
            "exp": now + 172_800,
            "name": person.name,
            "email": person.username,
            "preferred_username": person.username,
        }
        return jwt.encode(claims, self._key, "RS512")
