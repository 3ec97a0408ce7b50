"""What the databases have in common: a source of rows, its columns, where a fetch begins, and what cannot be read."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 32_000
BATCH_BYTES = 8 << 20
BYTES = {"bytea", "blob", "tiny_blob", "medium_blob", "long_blob", "binary", "bit", "geometry"}
"""Types that no contract has, as the databases call them; a value of SQLite tells by itself."""
Described = tuple[str, str]
"""Name and type of a column, as the database calls them."""


class Unreadable(Exception):
    """A column or query that cannot be delivered however often it is tried; the message says why and what to do."""


class Retype(Exception):
    """Columns with values that Arrow's own type cannot hold; they are to be read as text."""

    def __init__(self, columns: Collection[str]) -> None:
        super().__init__(", ".join(sorted(columns)))
        self.columns = set(columns)


@dataclass(frozen=True)
class Bound:
    """Rows from this value of a column on, and those without a value."""

    column: str
    value: str
    is_number: bool


class Database(Protocol):
    """A session with a database, which only reads."""

    def describe(self, source: str) -> list[Described]:
        """The columns of a source: a relation, or a query in brackets."""
        ...

    def read(
        self, source: str, columns: Mapping[str, str], bound: Bound | None, as_text: Collection[str]
    ) -> Iterator["pa.RecordBatch"]:
        """The rows in batches. Raises Retype when a column has to be read as text, Unreadable when it cannot be."""
        ...

    def relation(self, name: str) -> str:
        """The SQL of `schema.table`, whatever letters it has."""
        ...


def clause(bound: Bound | None, quoted: Callable[[str], str]) -> str:
    """The WHERE of a bound, empty without one."""
    if bound is None:
        return ""
    value = bound.value if bound.is_number else "'" + bound.value.replace("'", "''") + "'"
    return f" where {quoted(bound.column)} >= {value} or {quoted(bound.column)} is null"


def refuse_bytes(name: str, kind: str, way_out: str) -> None:
    raise Unreadable(
        f"column '{name}' is {kind}, and a contract has no bytes; leave the column out of the contract, or read "
        f"{way_out} in a query"
    )
