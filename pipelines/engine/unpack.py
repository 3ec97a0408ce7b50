"""Packed deliveries opened: gzip, Zstandard, or a zip with one member; bombs, torn and locked ones are refused."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Literal

from isal import isal_zlib

CHUNK = 1 << 20
MAX_RATIO = 100  # a packed file that grows more than this is a bomb; the floor lets tiny files pass
RATIO_FLOOR = 16 << 20
MEMBER = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._ -]{0,199}")
LOCKED = 0x1

Compression = Literal["none", "gzip", "zstd", "zip"]


class DeliveryError(Exception):
    """A delivery that cannot be loaded; the message says file, rule, found, expected and what to do."""


def unpacked(path: Path, packed: IO[bytes], compression: Compression) -> Iterator[bytes]:
    """The content of a packed file in pieces, its checksum verified; the messages name `path`."""
    pieces = {"gzip": _gzip, "zstd": _zstd, "zip": _zip, "none": _plain}[compression](path, packed)
    size, grown = path.stat().st_size, 0
    for piece in pieces:
        grown += len(piece)
        if compression != "none" and grown > max(MAX_RATIO * size, RATIO_FLOOR):
            raise DeliveryError(f"{path.name}: unpacks to more than {MAX_RATIO} times its size; refused")
        yield piece


def _plain(_: Path, packed: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: packed.read(CHUNK), b"")


def _gzip(path: Path, packed: IO[bytes]) -> Iterator[bytes]:
    """Every member."""
    unpacker, open_member = isal_zlib.decompressobj(wbits=31), False
    try:
        for chunk in _plain(path, packed):
            while chunk:
                plain = unpacker.decompress(chunk, MAX_RATIO * CHUNK)
                open_member = True
                yield plain
                chunk = unpacker.unconsumed_tail
                if unpacker.eof:
                    chunk, unpacker, open_member = unpacker.unused_data, isal_zlib.decompressobj(wbits=31), False
    except isal_zlib.error as error:  # ty: ignore
        raise DeliveryError(f"{path.name}: not valid gzip ({error}); send the file again") from None
    if open_member:
        raise DeliveryError(f"{path.name}: the gzip data end too early (truncated file); send the file again")


def _zstd(path: Path, packed: IO[bytes]) -> Iterator[bytes]:
    """Every frame."""
    import pyarrow as pa

    try:
        with pa.CompressedInputStream(pa.PythonFile(packed, mode="r"), "zstd") as stream:
            while piece := stream.read(CHUNK):
                yield piece
    except OSError as error:
        message = "the zstd data end too early (truncated file)" if "runcated" in str(error) else "not valid zstd"
        raise DeliveryError(f"{path.name}: {message} ({error}); send the file again") from None


def _zip(path: Path, packed: IO[bytes]) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(packed) as archive:
            members = archive.infolist()
            if len(members) != 1:
                found = f"a zip with {len(members)} members"
                raise DeliveryError(f"{path.name}: {found}; expected exactly one, send each file by itself")
            (member,) = members
            if not MEMBER.fullmatch(member.filename):
                found = f"its member is called {member.filename!r}"
                raise DeliveryError(f"{path.name}: {found}; expected a plain file name, without a folder")
            if member.flag_bits & LOCKED:
                raise DeliveryError(f"{path.name}: its member has a password; send it without one")
            with archive.open(member) as file:
                while piece := file.read(CHUNK):
                    yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise DeliveryError(f"{path.name}: not a valid zip ({error}); send the file again") from None
