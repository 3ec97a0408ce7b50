"""Rows of MariaDB and MySQL through one connection in one read-only transaction, so that all tables are of one moment.

No other connection can join a snapshot, hence PyMySQL and not a driver that opens connections of its own.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pipelines.engine.connect.dialect import BATCH_ROWS, BYTES, Bound, Described, Unreadable, clause, refuse_bytes

if TYPE_CHECKING:
    import pyarrow as pa

    from pipelines.engine.secrets import Connection

SESSION = (
    "set time_zone = '+00:00'",
    "set session transaction isolation level repeatable read",
    "start transaction with consistent snapshot, read only",
)
# Types whose values Arrow holds exactly. All others come as their text: a DECIMAL would be cut to ten decimals, and a
# day like 0000-00-00 is one that no date type knows.
WHOLE = {  # in Arrow, without and with a sign
    "tiny": ("int16", "int16"), "short": ("int32", "int16"), "int24": ("int32", "int32"), "long": ("int64", "int32"),
    "longlong": ("uint64", "int64"),
}  # fmt: skip
REAL = {"float", "double"}
NATIVE = {*WHOLE, *REAL, "varchar", "var_string", "string"}
BINARY_CHARSET = 63
UNSIGNED = 32  # among a field's flags
NO_VALUE, TWO, THREE = 0xFB, 0xFC, 0xFD  # how long a value is: a first byte below says it itself, else bytes behind it
TIMESTAMP = "timestamp"


class MySQL:
    """Its columns are described by PyMySQL, which also says first and clearly when a connection cannot be made."""

    def __init__(self, connection: "Connection", connect_seconds: int) -> None:
        import pymysql

        parts = connection.parts
        options: dict[str, Any] = dict(connection.options)
        if unknown := [name for name in options if not name.startswith("ssl_")]:
            raise Unreadable(f"'{unknown[0]}' is no option of such a connection; ssl_ca, ssl_cert and the like are")
        password = (connection.password or "").encode()  # of a text the driver would make Latin-1
        self.database = pymysql.connect(
            host=parts.hostname or "localhost", port=parts.port or 3306, user=connection.user, password=password,
            database=connection.path.strip("/") or None, charset="utf8mb4", connect_timeout=connect_seconds,
            **options,
        )  # fmt: skip
        with self.database.cursor() as cursor:
            for statement in SESSION:
                cursor.execute(statement)

    def describe(self, source: str) -> list[Described]:
        from pymysql.constants import FIELD_TYPE

        names: dict[int, str] = {}
        for name, code in vars(FIELD_TYPE).items():
            if isinstance(code, int):
                names.setdefault(code, name.lower())  # later names are aliases
        with self.database.cursor() as cursor:
            cursor.execute(f"select * from {source} limit 0")
            fields = cursor._result.fields  # the public description leaves out the character set
        return [(field.name, _kind(names.get(field.type_code, "unknown"), field.charsetnr)) for field in fields]

    def read(
        self, source: str, columns: Mapping[str, str], bound: Bound | None, as_text: Collection[str]  # noqa: ARG002
    ) -> Iterator["pa.RecordBatch"]:  # fmt: skip
        import pyarrow as pa
        from pymysql.cursors import SSCursor

        chosen = [_chosen(name, kind) for name, kind in columns.items()]
        with self.database.cursor(SSCursor) as cursor:
            cursor.execute(f"select {', '.join(chosen)} from {source}{clause(bound, quoted)}")
            result = cursor._result
            result._read_row_from_packet = lambda packet: _values(packet.get_all_data())
            described = zip(columns.items(), result.fields, strict=True)
            schema = pa.schema([(name, _type(kind, field.flags)) for (name, kind), field in described])
            yield _batch([], schema)  # an empty table has columns too
            while rows := cursor.fetchmany(BATCH_ROWS):
                yield _batch(rows, schema)

    def relation(self, name: str) -> str:
        return ".".join(map(quoted, name.split(".")))


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _values(packet: bytes) -> list[bytes | None]:
    """The values of a row as the server wrote them; the driver would make an object of each, in twice the time."""
    values: list[bytes | None] = []
    at, end = 0, len(packet)
    while at < end:
        length = packet[at]
        at += 1
        if length == NO_VALUE:
            values.append(None)
            continue
        if length > NO_VALUE:
            width = 2 if length == TWO else 3 if length == THREE else 8
            length = int.from_bytes(packet[at : at + width], "little")
            at += width
        values.append(packet[at : at + length])
        at += length
    return values


def _type(kind: str, flags: int) -> "pa.DataType":
    import pyarrow as pa

    if kind in WHOLE:
        return pa.type_for_alias(WHOLE[kind][not flags & UNSIGNED])
    return pa.float64() if kind in REAL else pa.string()


def _batch(rows: list[list[bytes | None]], schema: "pa.Schema") -> "pa.RecordBatch":
    import pyarrow as pa

    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    texts = [pa.array(column, pa.binary()).view(pa.string()) for column in columns]
    return pa.RecordBatch.from_arrays(
        [text.cast(kind) for text, kind in zip(texts, schema.types, strict=True)], schema=schema
    )


def _kind(name: str, charset: int) -> str:
    """TEXT is a BLOB with a character set, and BINARY a string without."""
    if name.endswith("blob") and charset != BINARY_CHARSET:
        return "string"
    return "binary" if name in ("string", "var_string", "varchar") and charset == BINARY_CHARSET else name


def _chosen(name: str, kind: str) -> str:
    column = quoted(name)
    if kind in BYTES:
        refuse_bytes(name, kind, f"hex({column})")
    if kind == "unknown":
        raise Unreadable(f"column '{name}' has an unknown type; read cast({column} as char) in a query")
    if kind in NATIVE:
        return column
    text = f"concat(cast({column} as char), 'Z')" if kind == TIMESTAMP else f"cast({column} as char)"
    return f"{text} as {column}"
