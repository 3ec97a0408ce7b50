"""Encryption and keyed hashing under one master key: AES-256-GCM to keep a text, HMAC-SHA256 to find it again.

The master comes from `secrets.key` under the name `vault-<number>`; each purpose has a key of its own, derived by HKDF.
What was sealed begins with the number of its master, so that it can be opened while another one comes into force.
"""

import os
from dataclasses import dataclass, field
from functools import cache

from pipelines.engine.home import Home
from pipelines.engine.secrets import key

NUMBER_BYTES = 2
NONCE_BYTES = 12
HMAC_BLOCK = 64
TOKEN_DIGITS = 32  # half of the hash, as a UUID: joins are as fast as on integers


class SealError(Exception):
    """What was sealed cannot be opened with the key that is there."""


@dataclass(frozen=True)
class Seal:
    """A master key and its number."""

    number: int
    master: bytes = field(repr=False)

    @classmethod
    def of(cls, home: Home, number: int) -> "Seal":
        return cls(number, key(home, f"vault-{number}"))

    def derived(self, purpose: str) -> bytes:
        return _derived(self.master, purpose)

    def seal(self, content: bytes, purpose: str) -> bytes:
        """The content encrypted; it opens for the same purpose only."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self.derived(purpose)).encrypt(nonce, content, purpose.encode())
        return self.number.to_bytes(NUMBER_BYTES) + nonce + sealed

    def open(self, box: bytes, purpose: str) -> bytes:
        """What `seal` was given. Raises SealError for another key, another purpose, or a box that was changed."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce, sealed = box[NUMBER_BYTES : NUMBER_BYTES + NONCE_BYTES], box[NUMBER_BYTES + NONCE_BYTES :]
        try:
            return AESGCM(self.derived(purpose)).decrypt(nonce, sealed, purpose.encode())
        except (InvalidTag, ValueError):
            raise SealError(
                f"{purpose}: what was sealed with key 'vault-{number_of(box)}' does not open with the key "
                f"'vault-{self.number}' that is there now; put the key back, from the copy that was kept of it"
            ) from None


def number_of(box: bytes) -> int:
    """The number of the master key that sealed a box."""
    return int.from_bytes(box[:NUMBER_BYTES])


def hash_settings(name: str, secret: bytes) -> str:
    """The statement after which `hash_sql` of that name works; apart, because errors of DuckDB quote statements."""
    padded = secret.ljust(HMAC_BLOCK, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in padded).hex() for pad in (0x36, 0x5C))
    return f"set variable inner_{name} = unhex('{inner}'); set variable outer_{name} = unhex('{outer}')"


def hash_sql(name: str, value: str) -> str:
    """SQL of the first half of HMAC-SHA256 of a text, as a UUID."""
    inner = f"unhex(sha256(getvariable('inner_{name}') || encode({value})))"
    return f"left(sha256(getvariable('outer_{name}') || {inner}), {TOKEN_DIGITS})::uuid"


@cache
def _derived(master: bytes, purpose: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, salt=None, info=f"bassline {purpose}".encode()).derive(master)
