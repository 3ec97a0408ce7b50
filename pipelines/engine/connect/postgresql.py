"""Rows of PostgreSQL through ADBC: binary COPY straight into Arrow, one read-only snapshot for a whole session."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from pipelines.engine.connect.dialect import BATCH_BYTES, BYTES, Bound, Described, Retype, clause, refuse_bytes

if TYPE_CHECKING:
    import pyarrow as pa

    from pipelines.engine.secrets import Connection

# Types whose values Arrow holds exactly; all others come as their text, such as numeric and json.
NATIVE = {
    "int2", "int4", "int8", "bool", "text", "varchar", "bpchar", "name", "float4", "float8", "date", "timestamp",
    "timestamptz",
}  # fmt: skip
DAYS = (-719_162, 2_932_896)  # the years 1 to 9999 since 1970; infinity and years BC lie outside
MICROSECONDS = (-62_135_596_800_000_000, 253_402_300_799_999_999)
MOMENTS = {"date": DAYS, "timestamp": MICROSECONDS, "timestamptz": MICROSECONDS}


class PostgreSQL:
    """A session in one transaction, REPEATABLE READ and read-only, so that all tables are of one moment."""

    def __init__(self, connection: "Connection", connect_seconds: int) -> None:
        import adbc_driver_postgresql.dbapi as driver

        options = {
            "connect_timeout": str(connect_seconds), "keepalives_idle": "30", "keepalives_interval": "10",
            "keepalives_count": "3", "application_name": "bassline",
            "options": "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=iso_8601",
        } | connection.options | {"client_encoding": "UTF8"}  # fmt: skip
        address = connection.parts._replace(scheme="postgresql", query=urlencode(options, quote_via=quote))
        self.database = driver.connect(address.geturl())
        self.cursor = self.database.cursor()
        self.cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)})
        self.cursor.execute("set transaction isolation level repeatable read, read only")

    def describe(self, source: str) -> list[Described]:
        schema = self.cursor.adbc_execute_schema(f"select * from {source}")
        return [(field.name, (field.metadata or {}).get(b"POSTGRESQL:type", b"").decode()) for field in schema]

    def read(
        self, source: str, columns: Mapping[str, str], bound: Bound | None, as_text: Collection[str]
    ) -> Iterator["pa.RecordBatch"]:
        import pyarrow as pa

        chosen = [_chosen(name, kind, is_text=name in as_text) for name, kind in columns.items()]
        moments = {name: MOMENTS[kind] for name, kind in columns.items() if kind in MOMENTS and name not in as_text}
        self.cursor.execute(f"select {', '.join(chosen)} from {source}{clause(bound, quoted)}")
        reader = self.cursor.fetch_record_batch()
        yield pa.RecordBatch.from_pylist([], schema=reader.schema)  # an empty table has columns too
        for batch in reader:
            if strange := [name for name, limits in moments.items() if _exceeds(batch.column(name), limits)]:
                raise Retype(strange)
            yield batch

    def relation(self, name: str) -> str:
        return ".".join(map(quoted, name.split(".")))


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _chosen(name: str, kind: str, *, is_text: bool) -> str:
    if kind in BYTES:
        refuse_bytes(name, kind, f"encode({quoted(name)}, 'hex')")
    return quoted(name) if kind in NATIVE and not is_text else f"{quoted(name)}::text as {quoted(name)}"


def _exceeds(column: Any, limits: tuple[int, int]) -> bool:
    """Whether a date or timestamp lies outside the limits, in its own unit."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.min_max(column.view(pa.int32() if limits == DAYS else pa.int64()))  # ty: ignore[missing-attribute]
    least, most = found["min"].as_py(), found["max"].as_py()
    return least is not None and (least < limits[0] or most > limits[1])
