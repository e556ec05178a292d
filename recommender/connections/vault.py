"""Token vault: encryption with a key from the environment, never from the database.

Fernet (AES-128 in CBC mode with HMAC-SHA-256) from `cryptography`; with several comma-separated keys the
first encrypts and all decrypt, so that keys can be rotated.
"""

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from recommender.errors import MusicError


def cipher(keys: str) -> MultiFernet:
    """Return what encrypts with keys of `Fernet.generate_key`, newest first, separated by commas.

    Raises `MusicError` for an invalid key.
    """
    try:
        return MultiFernet([Fernet(key.strip()) for key in keys.split(",")])
    except ValueError as error:
        raise MusicError(
            "SEGUE_TOKEN_KEY is no key: it needs 32 bytes in URL-safe base64. .env.example says how to "
            "make one."
        ) from error


class Vault:
    """Encrypts and decrypts tokens."""

    def __init__(self, keys: str) -> None:
        """Take keys as `cipher` does; raise `MusicError` for an invalid one."""
        self._fernet = cipher(keys)

    def seal(self, content: dict[str, Any]) -> bytes:
        """Return the content, encrypted."""
        return self._fernet.encrypt(json.dumps(content).encode())

    def open(self, sealed: bytes | None) -> dict[str, Any] | None:
        """Return the decrypted content, None without one or if no key fits."""
        if sealed is None:
            return None
        try:
            content: dict[str, Any] = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken:
            return None
        return content
