"""Predicates over columns of a block of lines, as bitmaps: a bit per line, set where it holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from models.targeting.column import Kind
from models.targeting.condition import All, Members, Node, Predicate, Some

Bits = np.ndarray  # of uint8, the first line in the lowest bit


@dataclass(frozen=True)
class Values:
    """A column as numbers: decimals by their last digit, dates by days, texts by their place among `names`."""

    kind: Kind
    data: np.ndarray
    valid: np.ndarray | None = None
    names: tuple[str, ...] = ()

    def at(self, places: np.ndarray) -> "Values":
        valid = None if self.valid is None else self.valid[places]
        return Values(self.kind, self.data[places], valid, self.names)


def values_of(column: pa.Array | pa.ChunkedArray, kind: Kind) -> Values:
    """An Arrow column as numbers, without a copy where its memory already is what is needed."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):  # several chunks of one dictionary column stay apart
        array = pa.concat_arrays(array.unify_dictionaries().chunks) if array.num_chunks else pa.array([], array.type)
    names: tuple[str, ...] = ()
    valid = _bits_as_bools(array.buffers()[0], array) if array.null_count else None
    if kind == "text":
        coded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
        names = tuple(coded.dictionary.to_pylist())
        array = coded.indices
    elif pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    data = _numbers(array)
    if kind == "float" and (is_nan := np.isnan(data)).any():  # no number is no value
        valid = ~is_nan if valid is None else valid & ~is_nan
    return Values(kind, data, valid, names)


def _bits_as_bools(buffer: pa.Buffer, array: pa.Array) -> np.ndarray:
    bits = np.frombuffer(buffer, np.uint8)
    return np.unpackbits(bits, bitorder="little", count=array.offset + len(array))[array.offset :].view(bool)


def _numbers(array: pa.Array) -> np.ndarray:
    plain = {pa.date64(): pa.date32(), pa.float16(): pa.float64(), pa.float32(): pa.float64()}
    if pa.types.is_timestamp(array.type) or array.type in plain:
        array = array.cast(plain.get(array.type, pa.timestamp("us")))
    kind, buffer = array.type, array.buffers()[1]
    span = slice(array.offset, array.offset + len(array))
    if pa.types.is_boolean(kind):
        return _bits_as_bools(buffer, array) if len(array) else np.zeros(0, bool)
    if pa.types.is_decimal128(kind):
        words = np.frombuffer(buffer, np.int64).reshape(-1, 2)[span]
        low, high = words[:, 0], words[:, 1]
        beyond = high != low >> 63
        if array.null_count and beyond.any():
            beyond &= _bits_as_bools(array.buffers()[0], array)
        if beyond.any():  # more than 64 bits: as near as a float comes
            return high.astype(np.float64) * 2.0**64 + low.view(np.uint64).astype(np.float64)
        return np.ascontiguousarray(low)
    width = np.int32 if kind == pa.date32() else np.int64 if pa.types.is_timestamp(kind) else kind.to_pandas_dtype()
    return np.frombuffer(buffer, width)[span] if buffer is not None else np.zeros(len(array), width)


def holds(values: Values, one: Predicate) -> np.ndarray:
    """Where the predicate holds, line by line; where there is no value, nothing but `null` does."""
    size, valid = len(values.data), values.valid
    if one.compare == "null":
        return np.zeros(size, bool) if valid is None else ~valid
    if one.compare == "filled":
        return np.ones(size, bool) if valid is None else valid
    found = _coded(values, one) if values.kind == "text" else _compared(values.data, one)
    return found if valid is None else found & valid


def _coded(values: Values, one: Predicate) -> np.ndarray:
    """Texts: whether each of the names is meant, looked up for every line."""
    meant = set(one.value) if isinstance(one.value, tuple) else {one.value}
    is_positive = one.compare in ("eq", "in")
    table = np.array([(name in meant) == is_positive for name in values.names] or [False])
    return table[values.data] if values.valid is None else table[np.where(values.valid, values.data, 0)]


def _compared(data: np.ndarray, one: Predicate) -> np.ndarray:
    value = one.value
    match one.compare:
        case "eq":
            return data == value
        case "ne":
            return data != value
        case "lt":
            return data < value
        case "le":
            return data <= value
        case "gt":
            return data > value
        case "ge":
            return data >= value
    among = np.zeros(len(data), bool)
    for each in value if isinstance(value, tuple) else ():
        among |= data == each
    return among if one.compare == "in" else ~among


def pack(mask: np.ndarray) -> Bits:
    return np.packbits(mask, bitorder="little")


def unpack(bits: Bits, size: int) -> np.ndarray:
    return np.unpackbits(bits, bitorder="little", count=size).view(bool)


def count(bits: Bits) -> int:
    whole = len(bits) // 8 * 8
    return int(np.bitwise_count(bits[:whole].view(np.uint64)).sum()) + int(np.bitwise_count(bits[whole:]).sum())


def combined(node: Node, known: Mapping[Predicate | Members, Bits]) -> Bits:
    """The bitmap of a tree from those of its leaves; never one of them itself."""
    if isinstance(node, Predicate | Members):
        return known[node].copy()
    return _joined([combined(part, known) for part in node.parts], is_all=isinstance(node, All))


def _joined(parts: Sequence[Bits], *, is_all: bool) -> Bits:
    found = parts[0]
    for part in parts[1:]:
        (np.bitwise_and if is_all else np.bitwise_or)(found, part, out=found)
    return found


def leaves(nodes: Iterable[Node]) -> Iterable[Predicate | Members]:
    for node in nodes:
        if isinstance(node, All | Some):
            yield from leaves(node.parts)
        else:
            yield node
