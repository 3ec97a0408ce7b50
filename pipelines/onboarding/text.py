"""The first megabytes of a text file as UTF-8, and what its bytes say about compression and encoding."""

import codecs
import zlib
from dataclasses import dataclass
from pathlib import Path

from pipelines.engine.decode import DeliveryError, open_landed

HEAD = 16 << 20  # bytes of text that a proposal is made from
GZIP = b"\x1f\x8b"
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
C1 = bytes(range(0x80, 0xA0))  # control characters in Latin-1, letters and quotes in Windows' version of it
# Where the frequent half of the characters lies, by first byte: text read as the wrong one of the two misses it.
FREQUENT = {"gb18030": ("gb2312", range(0xB0, 0xD8)), "big5": ("big5", range(0xA4, 0xC7))}


@dataclass(frozen=True)
class Head:
    """Whole lines from the start of a file, with bare newlines."""

    text: str
    encoding: str
    compression: str
    is_whole: bool

    @property
    def lines(self) -> list[str]:
        return self.text.removesuffix("\n").split("\n") if self.text else []


def read_head(path: Path, limit: int = HEAD) -> Head:
    """Raises DeliveryError for what is no plain file or no valid gzip."""
    with open_landed(path) as file:
        packed = file.read(limit + 1)
    compression = "gzip" if packed.startswith(GZIP) else "none"
    raw, is_whole = unpacked(path, packed, limit) if compression == "gzip" else (packed[:limit], len(packed) <= limit)
    encoding = encoding_of(raw)
    text = raw.decode(encoding, errors="ignore").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not is_whole:
        text = text[: text.rfind("\n") + 1]
    return Head(text, encoding, compression, is_whole)


def unpacked(path: Path, packed: bytes, limit: int) -> tuple[bytes, bool]:
    """Up to `limit` bytes out of the members of a gzip file's beginning, and whether that is all of it."""
    found, rest = b"", packed
    while rest and len(found) <= limit:
        member = zlib.decompressobj(wbits=31)
        try:
            found += member.decompress(rest, limit + 1 - len(found))
        except zlib.error as error:
            raise DeliveryError(f"{path.name}: not valid gzip ({error}); get the file again") from None
        if not member.eof:
            return found[:limit], False
        rest = member.unused_data
    return found[:limit], len(found) <= limit and not rest


def encoding_of(raw: bytes) -> str:
    """The encoding in which bytes make sense: that of a mark, UTF-8 if they are, else the likeliest of the others."""
    for mark, encoding in BOMS:
        if raw.startswith(mark):
            return encoding
    even, odd = raw[:4096:2].count(0), raw[1:4096:2].count(0)
    if 50 * (even + odd) > len(raw[:4096]) and min(even, odd) * 10 < max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    if is_encoded(raw, "utf-8"):
        return "utf-8"
    scores = {encoding: frequent_share(raw, encoding) for encoding in FREQUENT}
    best = max(scores, key=lambda encoding: scores[encoding])
    if scores[best] > 0.6:
        return best
    return "cp1252" if any(byte in C1 for byte in raw) and is_encoded(raw, "cp1252") else "iso8859-1"


def is_encoded(raw: bytes, encoding: str) -> bool:
    """A character cut in two at the very end does not count."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(raw)
    except UnicodeDecodeError:
        return False
    return True


def frequent_share(raw: bytes, encoding: str) -> float:
    """Of the characters beyond ASCII, how many are frequent ones if the bytes are read in this encoding; 0 if not."""
    if not is_encoded(raw, encoding):
        return 0.0
    codec, zone = FREQUENT[encoding]
    foreign = [char for char in raw.decode(encoding, errors="ignore")[:200_000] if ord(char) > 127]
    first_bytes = [(char.encode(codec, errors="ignore") or b"\0")[0] for char in foreign]
    # Punctuation and full-width letters lie before the zone and speak neither for nor against.
    judged = [first for first in first_bytes if first == 0 or first >= zone.start]
    return sum(first in zone for first in judged) / len(judged) if judged else 0.0
