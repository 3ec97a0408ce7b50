"""What a source system promises to deliver: the model of `pipelines/sources/<system>/defs.yaml`."""

import codecs
import hashlib
import json
import re
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import duckdb
from pydantic import AfterValidator, Field, field_validator, model_validator

from pipelines.engine.connect import declared
from pipelines.engine.declaration import Declaration, DeclarationError, Span, read_declaration
from pipelines.engine.home import PROJECT

SOURCES = PROJECT / "pipelines" / "sources"

TYPES = ("varchar", "smallint", "integer", "bigint", "boolean", "date", "timestamp", "list")
DECIMAL = re.compile(r"decimal\((\d{1,2}),(\d{1,2})\)")
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,62}")
PLACEHOLDER = re.compile(r"\{(\w*)\}")
LINEAGE = ("event_day", "delivery_id", "file_no", "row_no")


def _identifier(word: str) -> str:
    if not IDENTIFIER.fullmatch(word):
        raise ValueError(f"'{word}' is no name; use a-z, 0-9 and _, beginning with a letter")
    return word


def _data_type(word: str) -> str:
    plain = word.replace(" ", "").lower()
    decimal = DECIMAL.fullmatch(plain)
    if decimal and int(decimal[2]) <= int(decimal[1]) <= 38:
        return plain
    if plain not in TYPES:
        raise ValueError(f"'{word}' is no type of a contract; expected one of: {', '.join(TYPES)}, decimal(p,s)")
    return plain


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _pattern(expression: str) -> str:
    try:
        duckdb.execute(f"select regexp_matches('', {_literal(expression)})")  # a bound parameter would import pandas
    except duckdb.Error as error:
        raise ValueError(f"'{expression}' is no regular expression that DuckDB (RE2) understands: {error}") from None
    return expression


def _connection_name(word: str) -> str:
    """Without the word in the message: it may be a URL that holds a password."""
    if not IDENTIFIER.fullmatch(word):
        raise ValueError("names an entry of the secrets file by a-z, 0-9 and _; the URL itself belongs there, not here")
    return word


Identifier = Annotated[str, AfterValidator(_identifier)]
DataType = Annotated[str, AfterValidator(_data_type)]
Pattern = Annotated[str, AfterValidator(_pattern)]
ConnectionName = Annotated[str, AfterValidator(_connection_name)]
Overlap = Annotated[str | int, AfterValidator(declared.overlap)]


class Column(Declaration):
    """One column as the source delivers it, and the rules that each of its values must keep."""

    type: DataType
    description: str = ""
    unit: str | None = None
    required: bool = False
    key: Identifier | None = None  # vault domain: the lake holds an integer key instead of the value
    header: str | None = None  # the name in the file, where it differs
    path: str | None = None  # json: where the value is, e.g. $.customer.id
    width: int | None = Field(None, ge=1)  # fixed: characters
    format: str | None = None  # strptime format of a date or timestamp that is not ISO
    epoch: datetime | None = None  # a timestamp given as seconds since this moment
    missing: tuple[str, ...] = ()  # texts that mean "no value" in this column, besides the table's null_tokens
    values: tuple[str | int, ...] = ()
    pattern: Pattern | None = None
    min: int | float | date | None = None
    max: int | float | date | None = None
    items: dict[Identifier, "Column"] = Field(default_factory=dict)  # list: the fields of one element

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.type == "list") != bool(self.items):
            raise ValueError("a list declares the fields of its elements in 'items', and nothing else has 'items'")
        if self.epoch and self.type != "timestamp":
            raise ValueError(f"'epoch' belongs to a timestamp, not to a {self.type}")
        if self.epoch and self.epoch.tzinfo is None:
            raise ValueError("'epoch' needs its zone, e.g. 2026-01-01T00:00:00Z")
        if self.format and self.type not in ("date", "timestamp"):
            raise ValueError(f"'format' belongs to a date or a timestamp, not to a {self.type}")
        return self

    @property
    def lake_type(self) -> str:
        """The DuckDB type in the lake: a key for a personal value, UTC for a timestamp, structs for a list."""
        return "BIGINT" if self.key else self.plain_type

    @property
    def plain_type(self) -> str:
        """The DuckDB type before a personal value goes to the vault."""
        if self.type == "list":
            fields = (f'"{name}" {item.lake_type}' for name, item in self.items.items())
            return f"STRUCT({', '.join(fields)})[]"
        return self.type.upper()


class Derived(Declaration):
    """A column computed at ingest from the delivered ones and those derived before it, still in clear.

    With `key`, what is computed is itself personal (a name spelt one way): the lake holds `<column>_key` in its place.
    """

    type: DataType
    sql: str
    description: str = ""
    key: Identifier | None = None

    @property
    def lake_type(self) -> str:
        return "BIGINT" if self.key else self.type.upper()


class Table(Declaration):
    """One table of a source system: its files, its rules and its columns."""

    name: str = Field("", exclude=True)
    system: str = Field("", exclude=True)
    connector: str = Field("file", exclude=True)
    description: str = ""
    files: str
    format: Literal["csv", "fixed", "jsonl", "json", "parquet", "excel", "sqlite"]
    compression: Literal["none", "gzip", "zstd", "zip"] = "none"
    encoding: str = "utf-8"
    delimiter: str = Field(",", min_length=1, max_length=4)
    quote: str = Field('"', max_length=1)
    header: bool = True
    trailer: str | None = None
    relation: str | None = None
    query: str | None = None
    watermark: Identifier | None = None
    overlap: Overlap | None = None
    null_tokens: tuple[str, ...] = ("", "\\N")
    data_date: date | None = None
    cadence: Literal["daily", "monthly", "yearly", "on_change"] = "daily"
    deadline: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "01:45"
    mode: Literal["snapshot", "delta", "append"]
    key: tuple[Identifier, ...] = ()
    event_time: Identifier | None = None
    late_days: int | None = Field(None, ge=0)
    max_reject_share: float = Field(0.001, ge=0, le=1)
    max_reject_rows: int = Field(10, ge=0)
    control_sums: tuple[Identifier, ...] = ()
    cluster_by: tuple[Identifier, ...] = ()
    blocking: bool = False
    keep: Span | None = None  # deliveries of older days leave the lake
    columns: dict[Identifier, Column] = Field(min_length=1)
    derive: dict[Identifier, Derived] = Field(default_factory=dict)
    checks: dict[Identifier, str] = Field(default_factory=dict)  # SQL over the row; where it is false the row is bad

    @field_validator("encoding")
    @classmethod
    def _known_codec(cls, name: str) -> str:
        try:
            codec = codecs.lookup(name).name
            ends_lines = "\n".encode(codec) == b"\n" or codec.startswith(("utf-16", "utf-32"))
        except (LookupError, UnicodeError):
            ends_lines = False
        if not ends_lines:  # no codec, one that makes no text such as base64, or one with line ends of its own
            raise ValueError(
                f"'{name}' is no encoding of text files known to Python, e.g. utf-8, gb18030, big5, latin-1"
            )
        return codec

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for word in PLACEHOLDER.findall(self.files):
            if word not in ("date", "part", "redo"):
                raise ValueError(f"files: '{{{word}}}' is unknown; expected {{date}}, {{part}} or {{redo}}")
        for field in ("key", "event_time", "control_sums"):
            self._known(field, self.columns)
        self._known("cluster_by", self.lake_columns)
        if self.event_time and self.columns[self.event_time].type not in ("date", "timestamp"):
            raise ValueError(f"event_time: '{self.event_time}' is neither a date nor a timestamp")
        if self.late_days is not None and not self.event_time:
            raise ValueError("late_days: there is no event_time to judge lateness by")
        if self.format == "fixed" and (narrow := [name for name, column in self.columns.items() if not column.width]):
            raise ValueError(f"columns: fixed width needs the 'width' of {', '.join(narrow)}")
        if self.format in ("excel", "sqlite", "json") and not self.relation:
            raise ValueError(f"relation: name the sheet, table or key of the {self.format} file that holds the rows")
        known = {name: column.plain_type for name, column in self.columns.items()}
        declared.refuse_mistakes(self)
        for name, derived in self.derive.items():
            _check_expression(f"derive.{name}", derived.sql, known)
            known[name] = derived.type.upper()
        for name, sql in self.checks.items():
            _check_expression(f"checks.{name}", sql, known)
        return self

    def _known(self, field: str, names: dict[str, Any]) -> None:
        value = getattr(self, field)
        for word in (value,) if isinstance(value, str) else value or ():
            if word not in names:
                raise ValueError(f"{field}: '{word}' is no column of the table; declared are {', '.join(names)}")

    @property
    def tells_deletions(self) -> bool:
        """A snapshot of a database: a row that is gone is delivered once more, its key alone and `is_deleted` true."""
        return self.is_fetched and self.mode == "snapshot"

    @property
    def is_fetched(self) -> bool:
        """Rows of a database: what a delivery holds is everything since the one before, however long ago."""
        return self.connector == "database"

    @property
    def needed_columns(self) -> frozenset[str]:
        """The columns without which a delivery is refused; others may be absent."""
        required = {name for name, column in self.columns.items() if column.required}
        named = {*self.key, *self.control_sums, *([self.event_time] if self.event_time else [])}
        return frozenset(self.columns if self.is_fetched else required | named)

    @property
    def label(self) -> str:
        return f"{self.system}.{self.name}"

    @cached_property
    def lake_columns(self) -> dict[str, str]:
        """Column name to DuckDB type of a row in the lake, in order."""
        own = {**self.columns, **self.derive}
        columns = {f"{name}_key" if column.key else name: column.lake_type for name, column in own.items()}
        if self.event_time:
            columns["event_day"] = "DATE"
        return columns | {"_extra": "VARCHAR", "delivery_id": "INTEGER", "file_no": "SMALLINT", "row_no": "INTEGER"}

    @cached_property
    def domains(self) -> dict[str, str]:
        """The vault domain of each delivered or derived column that holds personal values."""
        own = {**self.columns, **self.derive}
        return {name: column.key for name, column in own.items() if column.key}

    @cached_property
    def hash(self) -> str:
        """Changes when anything that decides how a file is read or judged changes."""
        text = json.dumps([self.model_dump(mode="json"), self.lake_columns], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def max_rejected(self, rows: int) -> int:
        """How many of a delivery's rows may be quarantined before the whole delivery is refused."""
        return max(int(rows * self.max_reject_share), self.max_reject_rows)

    def match(self, file_name: str) -> dict[str, str] | None:
        """What a file name says (`date`, `part`, `redo`), or None where it is no name of this table's files."""
        found = self._file_pattern.fullmatch(file_name)
        return {word: text for word, text in found.groupdict().items() if text is not None} if found else None

    @cached_property
    def _file_pattern(self) -> re.Pattern[str]:
        groups = {"{date}": r"(?P<date>\d{8})", "{part}": r"(?P<part>\d{1,4})", "{redo}": r"(?P<redo>\d{1,4})"}
        parts = re.split(r"(\{\w+\})", self.files)
        pattern = "".join(groups.get(part) or re.escape(part) for part in parts)
        return re.compile(pattern.replace(r"_(?P<part>\d{1,4})", r"(?:_(?P<part>\d{1,4}))?"))


class System(Declaration):
    """One source system: the `attributes` of its `defs.yaml`."""

    name: str = Field("", exclude=True)
    title: str
    owner: str
    description: str = ""
    optional: bool = False
    connector: Literal["file", "database", "remote"] = "file"
    connection: ConnectionName | None = None
    manifest: Literal["required", "none"] = "required"
    tables: dict[Identifier, Table] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _database(cls, content: Any) -> Any:
        return declared.completed(content)

    @model_validator(mode="after")
    def _dated(self) -> Self:
        if (self.connector == "file") != (self.connection is None):
            raise ValueError("connection: name one for the connectors 'database' and 'remote', and none for files")
        for name, table in self.tables.items():
            if self.manifest == "required" and "{date}" not in table.files:
                raise ValueError(f"tables.{name}.files: '{table.files}' has no {{date}}, which a delivery needs")
        return self

    def named(self, name: str) -> "System":
        """The same system knowing its own name, and every table knowing its own."""
        tables = {key: table.model_copy(update={"name": key, "system": name}) for key, table in self.tables.items()}
        return self.model_copy(update={"name": name, "tables": tables})


class SourceFile(Declaration):
    """A `defs.yaml` as a whole."""

    type: Literal["pipelines.engine.SourceSystem"]
    attributes: System


def load_contracts(root: Path = SOURCES) -> dict[str, System]:
    """Every source system declared under the folder, by name; `root/<system>/defs.yaml`."""
    return {path.parent.name: load_contract(path) for path in sorted(root.glob("*/defs.yaml"))}


def load_contract(path: Path) -> System:
    """One system. Raises DeclarationError with file, line, the word found and the word expected."""
    name = path.parent.name
    if not IDENTIFIER.fullmatch(name):
        raise DeclarationError(f"{path}: the folder '{name}' names the system; use lower-case letters, digits and _")
    if line := declared.password_line(path.read_text(encoding="utf-8")):
        raise DeclarationError(
            f"{path}:{line}: a URL with a password; a contract names a 'connection', whose URL is in the environment "
            "or the secrets file"
        )
    return read_declaration(path, SourceFile).attributes.named(name)


def _check_expression(place: str, sql: str, columns: dict[str, str]) -> None:
    """A derived column or a check is one scalar expression over the typed columns given: no query, no aggregate."""
    answer = duckdb.execute(f"select json_serialize_sql({_literal(f'select ({sql}) as x')})").fetchone()
    tree: dict[str, Any] = json.loads(answer[0]) if answer else {"error": True}
    if tree["error"]:
        raise ValueError(f"{place}: not SQL: {tree.get('error_message', sql)}")
    statements = tree["statements"]
    if len(statements) != 1 or len(statements[0]["node"]["select_list"]) != 1:
        raise ValueError(f"{place}: expected one expression, found: {sql}")
    for node in _nodes(statements[0]["node"]):
        if node.get("class") in ("SUBQUERY", "WINDOW", "STAR"):
            raise ValueError(f"{place}: a {node['class'].lower()} is not allowed; use the table's own columns")
        if node.get("class") == "COLUMN_REF" and node["column_names"][-1] not in columns:
            word, known = node["column_names"][-1], ", ".join(columns)
            raise ValueError(f"{place}: '{word}' is no column of the table; declared are {known}")
    empty = ", ".join(f"null::{kind} as {sql_name(key)}" for key, kind in columns.items())
    try:
        duckdb.execute(f"select ({sql}) from (select {empty}) where false")
    except duckdb.Error as error:
        raise ValueError(f"{place}: {error}") from None


def sql_name(word: str) -> str:
    """A name as SQL takes it, whatever characters it has and whether SQL reserves it or not."""
    return '"' + word.replace('"', '""') + '"'


def sql_text(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _nodes(tree: Any) -> list[dict[str, Any]]:
    """Every object of a parsed statement."""
    if isinstance(tree, list):
        return [node for item in tree for node in _nodes(item)]
    if isinstance(tree, dict):
        return [tree, *(node for item in tree.values() for node in _nodes(item))]
    return []
