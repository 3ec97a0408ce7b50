"""What conditions may name: columns of published tables, and what a value of each looks like."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["integer", "decimal", "float", "text", "boolean", "date", "timestamp"]
INTEGERS = ("tinyint", "smallint", "integer", "bigint", "int8", "int16", "int32", "int64")
NUMBERS = ("integer", "decimal", "float")
WHO = ("subscription_key", "party_key")  # a row is of a line, or of the customer who holds it


class UnknownColumn(ValueError):
    """A name that no condition may use; the message says why and what was probably meant."""


@dataclass(frozen=True)
class Column:
    """A column by its SQL type; decimals are kept as integers of their last digit."""

    name: str
    type: str

    @property
    def kind(self) -> Kind | None:
        """None for what cannot be compared, such as a list."""
        plain = self.type.lower().replace(" ", "")
        if plain in INTEGERS:
            return "integer"
        if plain.startswith("decimal("):
            return "decimal"
        if plain in ("double", "float", "real"):
            return "float"
        known: dict[str, Kind] = {
            "varchar": "text", "boolean": "boolean", "bool": "boolean", "date": "date", "timestamp": "timestamp",
        }  # fmt: skip
        return known.get(plain)

    @property
    def scale(self) -> int:
        found = re.fullmatch(r"decimal\(\d+,(\d+)\)", self.type.lower().replace(" ", ""))
        return int(found.group(1)) if found else 0


@dataclass(frozen=True)
class Relation:
    """A table: whose its rows are (`key`), what dates them (`partition`, by `period`), one row each or several."""

    name: str
    columns: Mapping[str, Column]
    key: str | None = None
    partition: str | None = None
    period: Literal["month", "day"] | None = None
    is_single: bool = True
    hidden: str = ""  # why no condition may use it

    @property
    def usable(self) -> list[str]:
        """The columns that conditions may use."""
        return [name for name in self.columns if not is_personal(name) and name != self.partition]


def is_personal(name: str) -> bool:
    """Keys of the vault stand for a person, a number, a card, an account; none of them is a property to choose by."""
    return name.endswith("_key")


@dataclass(frozen=True)
class Catalogue:
    """Every table by name. The columns of a table without a name are named by themselves."""

    relations: Mapping[str, Relation] = field(default_factory=dict)

    def find(self, name: str) -> tuple[Relation, Column]:
        """The column that a condition names. Raises UnknownColumn."""
        table, _, word = name.rpartition(".")
        relation = self.relations.get(table)
        if relation is None:
            told = f"the table {table}" if table else f"{name!r} names no table, as in schema.table.column; it"
            raise UnknownColumn(f"{told} is not known{self._nearest(name)}")
        if relation.hidden:
            raise UnknownColumn(f"{table} {relation.hidden}{self._nearest(name)}")
        if relation.key is None:
            raise UnknownColumn(f"rows of {table} are neither of lines nor of customers{self._nearest(name)}")
        if word in relation.columns and is_personal(word):
            raise UnknownColumn(f"{word} stands for a person, a number or an account; nobody is chosen by that")
        if word == relation.partition:
            raise UnknownColumn(f"{word} dates the rows of {table}; say which {relation.period} by 'before'")
        column = relation.columns.get(word)
        if column is None:
            raise UnknownColumn(f"{table or 'the table'} has no column {word!r}{nearest(word, relation.usable)}")
        if column.kind is None:
            raise UnknownColumn(f"{word} is a {column.type}, which no value can be compared with")
        return relation, column

    def _nearest(self, name: str) -> str:
        usable = (one for one in self.relations.values() if one.key and not one.hidden)
        return nearest(name, [f"{one.name}.{column}" for one in usable for column in one.usable])


def nearest(word: str, known: Iterable[str]) -> str:
    """`; nearest is 'x'`, or nothing when nothing is near."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; nearest is '{found[0]}'" if found else ""
