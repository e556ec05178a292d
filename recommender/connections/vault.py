"""Tokens at rest: encrypted with a key that is in the environment and never in the database.

Fernet (AES-128 in CBC mode with an HMAC-SHA-256 over it) of `cryptography`; several keys with commas between
them let a new key be used while old tokens are still read.
"""

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from recommender.errors import MusicError


class Vault:
    """Seals and opens what only the person and their service are to know."""

    def __init__(self, keys: str) -> None:
        """Take keys as `Fernet.generate_key` makes them, the newest first; `MusicError` if one is none."""
        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.split(",")])
        except ValueError as error:
            raise MusicError(
                "SEGUE_TOKEN_KEY is no key: it needs 32 bytes in URL-safe base64. .env.example says how to "
                "make one."
            ) from error

    def seal(self, content: dict[str, Any]) -> bytes:
        """Return the content, unreadable without the key."""
        return self._fernet.encrypt(json.dumps(content).encode())

    def open(self, sealed: bytes | None) -> dict[str, Any] | None:
        """Return the content, None where there is none or the key is another one by now."""
        if sealed is None:
            return None
        try:
            content: dict[str, Any] = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken:
            return None
        return content
