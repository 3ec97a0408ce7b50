"""Rows of MariaDB and MySQL through connectorx, straight into Arrow; one statement is one consistent snapshot."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

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
NATIVE = {"tiny", "short", "int24", "long", "longlong", "float", "double", "varchar", "var_string", "string"}
BINARY_CHARSET = 63
TIMESTAMP = "timestamp"


class MySQL:
    """Its columns are described by PyMySQL, which also says first and clearly when a connection cannot be made."""

    def __init__(self, connection: "Connection", connect_seconds: int) -> None:
        import pymysql

        parts = connection.parts
        options = {name: value for name, value in connection.options.items() if name.startswith("ssl_")}
        password = (connection.password or "").encode()  # of a text the driver would make Latin-1
        self.database = pymysql.connect(
            host=parts.hostname or "localhost", port=parts.port or 3306, user=connection.user, password=password,
            database=connection.path.strip("/") or None, charset="utf8mb4", connect_timeout=connect_seconds,
            **options,
        )  # fmt: skip
        # Without the option the driver asks the server for its socket and goes there, past any tunnel in between.
        query = urlencode({"prefer_socket": "false"} | connection.options, quote_via=quote)
        self.url = parts._replace(scheme="mysql", query=query).geturl()

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
        import connectorx

        chosen = [_chosen(name, kind) for name, kind in columns.items()]
        yield from connectorx.read_sql(
            self.url, f"select {', '.join(chosen)} from {source}{clause(bound, quoted)}",
            return_type="arrow_stream", batch_size=BATCH_ROWS, pre_execution_query=list(SESSION),
        )  # fmt: skip

    def relation(self, name: str) -> str:
        return ".".join(map(quoted, name.split(".")))


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


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
