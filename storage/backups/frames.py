"""Encrypted frames: a stream of bytes, compressed and encrypted a piece at a time.

A frame is a length (4 bytes, big-endian) and a Fernet token of: the backup's id, the frame's number, whether
it is the last, and compressed bytes.  So frames cannot be left out, moved or taken from another backup
unnoticed, and memory stays bounded, which Fernet alone does not do.
"""

import base64
import struct
import zlib
from collections.abc import Iterator
from typing import IO

from storage.backups import Cipher
from storage.errors import NotADatabaseError, StorageError

_PIECE = 1 << 20
_MOST = 4 << 20  # bytes of a token; a longer one is damage
_LENGTH = struct.Struct(">I")
_HEAD = struct.Struct(">16sQ?")  # id, number, whether it is the last


def seal(plain: IO[bytes], sealed: IO[bytes], cipher: Cipher, ident: bytes) -> None:
    """Compress and encrypt all of `plain` into `sealed`; `ident` has 16 bytes."""
    packer, number = zlib.compressobj(6), 0
    while True:
        piece = plain.read(_PIECE)
        packed = packer.compress(piece) if piece else packer.flush()
        token = cipher.encrypt(_HEAD.pack(ident, number, not piece) + packed)
        raw = base64.urlsafe_b64decode(token)  # a third shorter than the token's letters
        sealed.write(_LENGTH.pack(len(raw)) + raw)
        number += 1
        if not piece:
            return


def opened(sealed: IO[bytes], cipher: Cipher, ident: bytes) -> Iterator[bytes]:
    """Yield the bytes that were sealed.

    Raises StorageError if no key fits, NotADatabaseError if frames are missing or of another backup.
    """
    unpacker, number, last = zlib.decompressobj(), 0, False
    while not last:
        head = sealed.read(_LENGTH.size)
        size = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
        if not 0 < size <= _MOST:
            raise NotADatabaseError("The backup is damaged: it ends too early; choose another one.")
        content = _decrypted(sealed.read(size), cipher)
        owner, place, last = _HEAD.unpack_from(content)
        if (owner, place) != (ident, number):
            raise NotADatabaseError("The backup is damaged: its parts do not belong together.")
        packed = content[_HEAD.size :]
        while packed:
            yield unpacker.decompress(packed, _PIECE)
            packed = unpacker.unconsumed_tail
        number += 1
    yield unpacker.flush()


def _decrypted(raw: bytes, cipher: Cipher) -> bytes:
    from cryptography.fernet import InvalidToken  # noqa: PLC0415 - every store knows backups, few decrypt one

    try:
        return cipher.decrypt(base64.urlsafe_b64encode(raw))
    except InvalidToken as error:
        raise StorageError(
            "The backup cannot be decrypted: SEGUE_TOKEN_KEY is not the key that it was made with, or it is "
            "damaged."
        ) from error
