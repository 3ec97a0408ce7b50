"""A landed file as clean UTF-8 lines: opened without following links, hashed, unpacked, transcoded, newlines equal."""

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipelines.engine.unpack import CHUNK, Compression, DeliveryError, unpacked

BOM = b"\xef\xbb\xbf"
UNREADABLE = b"\xff"  # put before a line that the declared encoding cannot read, so that the parser rejects that line
NUL_ESCAPE = b"\\u0000"  # how JSON writes it
UTF8_HAN = re.compile(
    rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){5}"
)  # five Han characters in UTF-8; by chance once in 10^12 bytes


@dataclass(frozen=True)
class Text:
    """A text file made readable: where its lines are now, and what was found on the way.

    `head` is the first line, `has_rows` says whether anything follows it, `is_ended` whether the last line has its end.
    """

    path: Path
    sha256: str
    bytes: int
    head: str
    has_nul: bool
    has_rows: bool
    is_ended: bool
    has_quote: bool
    trailer: re.Match[str] | None


def open_landed(path: Path) -> IO[bytes]:
    """The file opened for reading; links, pipes, devices and folders are refused."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise DeliveryError(f"{path.name}: cannot be opened ({error.strerror}); a plain file is expected") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise DeliveryError(f"{path.name}: not a regular file; send the file itself, no link, folder or pipe")
    return os.fdopen(handle, "rb")


def hash_file(path: Path) -> tuple[str, int]:
    """SHA-256 and size of a landed file."""
    digest, size = _hashed(path)
    return digest.hexdigest(), size


def _hashed(path: Path) -> "tuple[hashlib._Hash, int]":
    digest, size = hashlib.sha256(), 0
    with open_landed(path) as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest, size


def read_text(
    path: Path, spill: Path, *, compression: Compression, encoding: str, trailer: re.Pattern[str] | None
) -> Text:
    """The file's lines in UTF-8: the landed file itself where it is clean already, else a copy under the spill path."""
    reading = Reading(path, compression, encoding)
    if compression == "none" and encoding in ("utf-8", "ascii") and trailer is None:
        if reading.is_clean():
            return reading.text(path, None)
        reading = Reading(path, compression, encoding)
    with spill.open("wb") as out:
        for chunk in reading.lines():
            out.write(chunk)
    return reading.text(spill, _cut_trailer(spill, path.name, trailer) if trailer else None)


class Reading:
    """One pass over a landed file, remembering its hash, its size and its first line."""

    def __init__(self, path: Path, compression: Compression, encoding: str) -> None:
        self.path, self.compression, self.encoding = path, compression, encoding
        self.digest, self.size, self.head, self.has_nul = hashlib.sha256(), 0, b"", False
        self.length = self.unreadable = self.foreign = 0
        self.last, self.has_quote = b"\n", False

    def text(self, path: Path, trailer: re.Match[str] | None) -> Text:
        first, _, rest = self.head.removeprefix(BOM).partition(b"\n")
        head, has_rows = first.decode(errors="replace"), bool(rest) or self.length > len(self.head)
        is_ended = trailer is not None or self.last[-1:] in (b"\n", b"\r")
        return Text(
            path, self.digest.hexdigest(), self.size, head, self.has_nul, has_rows, is_ended, self.has_quote, trailer
        )

    def is_clean(self) -> bool:
        """True when the parser can read the landed file as it is: no carriage return in it."""
        carriage_return = False
        for chunk in self._raw():
            self._notice(chunk)
            carriage_return = carriage_return or b"\r" in chunk
        return not carriage_return

    def lines(self) -> Iterator[bytes]:
        """Chunks of UTF-8 with bare newlines."""
        chunks = self._raw() if self.compression == "none" else self._unpacked()
        if self.encoding not in ("utf-8", "ascii"):
            chunks = self._transcoded(chunks)
        held, first = b"", True
        for chunk in chunks:
            whole = held + chunk
            held = b"\r" if whole.endswith(b"\r") else b""
            whole = whole.removesuffix(b"\r")
            if b"\r" in whole:
                whole = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            if first:
                whole, first = whole.removeprefix(BOM), False
            self._notice(whole)
            yield whole
        if held:
            self._notice(b"\n")
            yield b"\n"

    def _notice(self, chunk: bytes) -> None:
        self.length += len(chunk)
        if b"\n" not in self.head and len(self.head) < CHUNK:
            self.head += chunk
        self.has_quote = self.has_quote or b'"' in chunk
        seam = self.last + chunk[:5]
        self.has_nul = self.has_nul or b"\0" in chunk or NUL_ESCAPE in chunk or NUL_ESCAPE in seam
        self.last = (self.last + chunk[-5:])[-5:]

    def _raw(self) -> Iterator[bytes]:
        with open_landed(self.path) as file:
            while chunk := file.read(CHUNK):
                self.digest.update(chunk)
                self.size += len(chunk)
                yield chunk

    def _unpacked(self) -> Iterator[bytes]:
        self.digest, self.size = _hashed(self.path)
        with open_landed(self.path) as file:
            yield from unpacked(self.path, file, self.compression)

    def _transcoded(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Line by line where the encoding allows it, so that one bad line does not spoil the file."""
        if self.encoding.startswith(("utf-16", "utf-32")):
            whole = b"".join(chunks)
            try:
                yield whole.decode(self.encoding).encode()
            except UnicodeDecodeError as error:
                message = f"{self.path.name}: not {self.encoding} at byte {error.start}; the contract declares it"
                raise DeliveryError(message) from None
            return
        carry = b""
        for chunk in chunks:
            block, newline, rest = (carry + chunk).rpartition(b"\n")
            carry = rest
            yield from self._block(block + newline)
        yield from self._block(carry)
        if self.unreadable > 1 and self.unreadable == self.foreign:
            message = (
                f"none of the {self.foreign} lines with such characters is {self.encoding}, as the contract declares"
            )
            raise DeliveryError(f"{self.path.name}: {message}; send the file in that encoding or change the contract")

    def _block(self, block: bytes) -> Iterator[bytes]:
        """UTF-8 passes for GB18030 and comes out as other characters, hence the second look at what was readable."""
        try:
            text = block.decode(self.encoding).encode()
            if not UTF8_HAN.search(block):
                self.foreign += not block.isascii()
                yield text
                return
        except UnicodeDecodeError:
            pass
        for line in block.splitlines(keepends=True):
            self.foreign += not line.isascii()
            try:
                text = line.decode(self.encoding).encode()
                readable = not UTF8_HAN.search(line)
            except UnicodeDecodeError:
                readable = False
            self.unreadable += not readable
            yield text if readable else UNREADABLE + line


def trailer_pattern(template: str) -> re.Pattern[str]:
    """The pattern of a trailer line declared like `#TRAILER,rows={rows},sum_duration_s={duration_s}`."""
    parts = re.split(r"\{(\w+)\}", template)
    named = [re.escape(part) if n % 2 == 0 else rf"(?P<{part}>-?\d+(?:\.\d+)?)" for n, part in enumerate(parts)]
    return re.compile("".join(named))


def _cut_trailer(path: Path, name: str, pattern: re.Pattern[str]) -> re.Match[str]:
    """Remove the last line from the file and return what it says."""
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        start = max(0, size - 4096)
        file.seek(start)
        tail = file.read().rstrip(b"\n")
        before, newline, last = tail.rpartition(b"\n")
        found = pattern.fullmatch(last.decode(errors="replace"))
        if found is None:
            raise DeliveryError(f"{name}: the last line is no trailer; the file is cut short, send it again")
        file.truncate(start + len(before) + len(newline))
    return found
