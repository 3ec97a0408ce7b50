"""What a contract says of a table that is read from a database, and the mistakes that can be made with it."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.engine.contract import Table

DELETED = "is_deleted"
OVERLAP = re.compile(r"(\d{1,5}) (minute|hour|day)s?")
GIVEN = ("files", "format", "compression", "encoding", "delimiter", "quote", "header", "trailer", "data_date")
PASSWORD = re.compile(r"://[^/\s:@'\"]*:[^/\s@'\"]+@")


def completed(content: Any) -> Any:
    """The attributes of a system; tables of a database with the files that the connector will write.

    Raises ValueError where a table says itself what is the connector's business.
    """
    tables = content.get("tables") if isinstance(content, dict) else None
    if not isinstance(tables, dict) or content.get("connector") != "database":
        return content
    return content | {"tables": {name: _completed(str(name), table) for name, table in tables.items()}}


def _completed(name: str, table: Any) -> Any:
    if not isinstance(table, dict):
        return table
    if surplus := [word for word in GIVEN if word in table]:
        raise ValueError(f"tables.{name}: '{surplus[0]}' is for files; a table of a database has a relation or a query")
    table = table | {"connector": "database", "files": f"{name}_{{date}}.r{{redo}}.parquet", "format": "parquet"}
    columns = table.get("columns")
    if table.get("mode") == "snapshot" and isinstance(columns, dict):
        if DELETED in columns:
            raise ValueError(f"tables.{name}.columns: '{DELETED}' is the connector's own; give it another name here")
        text = "True for a row that the source no longer has; then only the key is filled."
        table["columns"] = columns | {DELETED: {"type": "boolean", "required": True, "description": text}}
    return table


def refuse_mistakes(table: "Table") -> None:
    """Raises ValueError for words that contradict each other."""
    if not table.is_fetched:
        for field in ("query", "watermark", "overlap"):
            if getattr(table, field) is not None:
                raise ValueError(f"{field}: belongs to a table of a database (connector: database)")
        return
    if (table.query is None) == (table.relation is None):
        raise ValueError("relation: a table of a database has either 'relation' (schema.table) or 'query'")
    if table.mode == "snapshot" and not table.key:
        raise ValueError("key: a snapshot of a database needs the columns that identify a row, to tell what changed")
    if (table.mode == "snapshot") == (table.watermark is not None):
        raise ValueError("watermark: 'delta' and 'append' name the column that grows with each change, 'snapshot' none")
    if table.watermark is None:
        return
    column = table.columns.get(table.watermark)
    if column is None or column.type not in ("timestamp", "date", "smallint", "integer", "bigint"):
        raise ValueError(f"watermark: '{table.watermark}' is no column of the table that holds a time or an integer")
    span = table.overlap
    if span is not None and isinstance(span, int) == (column.type in ("timestamp", "date")):
        raise ValueError(f"overlap: {span!r} does not fit a {column.type}; expected '2 hours' or, for integers, 2")
    if column.type == "date" and isinstance(span, str) and "day" not in span:
        raise ValueError(f"overlap: '{span}' does not fit a date; expected whole days, such as '2 days'")


def overlap(span: str | int) -> str | int:
    """How far before the last watermark a fetch begins: a number, or a time such as '2 hours'."""
    if (isinstance(span, int) and span < 0) or (isinstance(span, str) and not OVERLAP.fullmatch(span)):
        raise ValueError(f"'{span}' is no overlap; expected such as '30 minutes', '2 hours', '3 days', or a number")
    return span


def overlap_time(span: str | int | None) -> timedelta:
    """The overlap of a watermark that is a time."""
    found = OVERLAP.fullmatch(str(span))
    return timedelta(**{f"{found[2]}s": int(found[1])}) if found else timedelta()


def password_line(text: str) -> int | None:
    """The number of the first line that holds a URL with a password."""
    return next((n for n, line in enumerate(text.splitlines(), start=1) if PASSWORD.search(line)), None)
