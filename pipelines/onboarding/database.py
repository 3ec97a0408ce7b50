"""A table of a database looked at by way of its first rows, and the contract under which it is fetched."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelines.engine.connect.dialect import BYTES
from pipelines.engine.connect.patience import Patience
from pipelines.engine.connect.session import Session
from pipelines.engine.secrets import Connection
from pipelines.onboarding.propose import Look, Proposal, propose
from pipelines.onboarding.sample import ROWS, NotUnderstood, identifier

FOR_FILES = ("description", "files", "format", "compression", "encoding", "cadence")
QUOTES = {"mysql": "`", "mariadb": "`"}


def propose_table(link: Connection, table: str | None, name: str) -> Proposal:
    """Raises NotUnderstood without a table, FetchError for what the database refuses; neither shows a credential."""
    if not table:
        raise NotUnderstood(f"{link.host}: say which table to look at, as in --table schema.table")
    quote = QUOTES.get(link.scheme, '"')
    relation = ".".join(quote + part.replace(quote, quote * 2) + quote for part in table.split("."))
    with tempfile.TemporaryDirectory(prefix="bassline-look-") as folder, Session(link, Patience()) as session:
        path = Path(folder) / f"{identifier(table.split('.')[-1]) or 'record'}.parquet"
        described = session.describe({"relation": table})
        columns = {column: kind for column, kind in described if kind not in BYTES}
        if not columns:
            raise NotUnderstood(f"{table}: holds nothing but bytes; declare a `query` that reads them as text")
        session.read({"query": f"select * from {relation} limit {ROWS}"}, columns, None, path)
        found = propose(path, name)
    left = [column for column, _ in described if column not in columns]
    looks = tuple(as_fetched(look, table, left) for look in found.looks)
    return replace(found, manifest="required", looks=looks, connection=name)


def as_fetched(look: Look, relation: str, left: Sequence[str] = ()) -> Look:
    """The words for a file replaced by those for a fetch: what changed since a watermark, or the difference of all.

    `left` are the columns of bytes, which no contract has.
    """
    words: dict[str, Any] = {word: value for word, value in look.contract.items() if word not in FOR_FILES}
    columns = words.pop("columns")
    description = f"Rows of {relation}." + (f" Left out, as they hold bytes: {', '.join(left)}." if left else "")
    words = {"description": description, "relation": relation, "cadence": "daily", **words}
    dated = words.get("event_time")
    if dated and words["mode"] == "delta":
        words |= {"watermark": dated, "overlap": "2 hours" if columns[dated]["type"] == "timestamp" else "1 day"}
    elif words.get("key"):
        words["mode"] = "snapshot"
        words.pop("event_time", None)
    else:
        raise NotUnderstood(f"{relation}: no column grows and none identifies a row; declare a `query` that has one")
    return replace(look, contract=words | {"columns": columns})
