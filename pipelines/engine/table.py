"""A table is a file: a YAML header in a comment, then exactly one SELECT. The path is the table's name."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import duckdb
import sqlglot
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlglot import exp

from pipelines.engine.declaration import LOADER, Span
from pipelines.engine.home import PROJECT

Refresh = Literal["replace", "day", "month", "delivery", "view"]
LINEAGE = ("delivery_id", "row_no", "known_on", "superseded_on")


class HeaderError(Exception):
    """A table's header and its query disagree, or the header breaks a rule."""


class Header(BaseModel):
    """What a table's file says beyond its query. Keys are explained in CONTRIBUTING.md."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str
    grain: list[str]
    nullable: list[str] = Field(default_factory=list)
    columns: dict[str, str]
    refresh: Refresh = "replace"
    partition: str | None = None
    scope: str | None = None
    frozen: bool = False
    shared: bool = False
    open_month: bool = True
    reads: dict[str, str] = Field(default_factory=dict)
    checks: list[str] = Field(default_factory=list)
    watch: list[str] = Field(default_factory=list)
    requires: list[str] = Field(default_factory=list)
    optional: dict[str, str] = Field(default_factory=dict)
    public: bool = False
    keep: Span | None = None
    applies: str | None = None
    portable: str = "yes"

    def types(self) -> dict[str, str]:
        """SQL type of each column, in order."""
        return {name: text.split(" - ", 1)[0].strip() for name, text in self.columns.items()}

    def meanings(self) -> dict[str, str]:
        """Meaning of each column, in order."""
        return {name: text.split(" - ", 1)[1].strip() for name, text in self.columns.items()}

    def window_days(self, source: str) -> int:
        """How many days before a partition the table reads of a source."""
        found = re.fullmatch(r"(\d+) days", self.reads.get(source, ""))
        return int(found.group(1)) if found else 0


@dataclass(frozen=True)
class Table:
    """One table of the warehouse: its name (schema.table), header and query."""

    name: str
    header: Header
    sql: str
    path: Path

    @property
    def schema(self) -> str:
        return self.name.split(".")[0]

    @property
    def short_name(self) -> str:
        return self.name.split(".")[1]

    @cached_property
    def query(self) -> exp.Expr:
        return parse_query(self.sql, self.path)

    @cached_property
    def narrowings(self) -> dict[tuple[Any, ...], str]:
        """The query narrowed to what runs rebuild, once per form; see narrow.py."""
        return {}

    @cached_property
    def sources(self) -> frozenset[str]:
        """Names of the tables that the query reads, itself excluded."""
        return frozenset(table_names(self.sql, self.path)) - {self.name}

    @cached_property
    def definition_hash(self) -> str:
        """Changes exactly when the header, the query, or the model whose function the header names changes."""
        defined = self.header.model_dump_json(exclude_defaults=True) + self.sql
        if self.header.applies:
            defined += code_hash(module_file(self.header.applies).parent)
        return sha256(defined.encode()).hexdigest()[:16]

    @property
    def is_incremental(self) -> bool:
        return self.header.refresh in ("day", "month")


def module_file(function: str) -> Path:
    """The file of a function such as models.churn.score.apply."""
    return PROJECT.joinpath(*function.split(".")[:-1]).with_suffix(".py")


@cache
def code_hash(folder: Path) -> str:
    """Changes with the code and the declarations of a model."""
    files = sorted(path for path in folder.iterdir() if path.suffix in (".py", ".yaml"))
    return sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()


def parse_query(sql: str, path: Path) -> exp.Expr:
    statements = [statement for statement in sqlglot.parse(sql, dialect="duckdb") if statement is not None]
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise HeaderError(f"{path}: holds {len(statements)} statements; exactly one SELECT is expected")
    return statements[0]


def table_names(sql: str, path: Path) -> Iterator[str]:
    """schema.table of every table reference that is not a CTE; DuckDB's parser, ten times as fast as sqlglot's."""
    literal = "'" + sql.replace("'", "''") + "'"
    answer = duckdb.execute(f"select json_serialize_sql({literal})").fetchone()
    tree: dict[str, Any] = json.loads(answer[0]) if answer else {"error": True}
    if tree["error"] or len(tree["statements"]) != 1:
        raise HeaderError(f"{path}: {tree.get('error_message', 'several statements')}; exactly one SELECT is expected")
    open_nodes: list[Any] = tree["statements"]
    while open_nodes:
        node = open_nodes.pop()
        if isinstance(node, dict):
            if node.get("type") == "BASE_TABLE" and node["schema_name"]:
                yield f"{node['schema_name']}.{node['table_name']}"
            node = list(node.values())
        if isinstance(node, list):
            open_nodes += node


def read_table(path: Path, name: str) -> Table:
    """The table in a SQL file. Raises HeaderError naming the file and the rule."""
    text = path.read_text()
    found = re.match(r"\s*/\*(.*?)\*/(.*)", text, re.DOTALL)
    if not found:
        raise HeaderError(f"{path}: has no header; a table file opens with a YAML header in /* */")
    try:
        return make_table(name, yaml.load(found.group(1), Loader=LOADER), found.group(2).strip(), path)
    except yaml.YAMLError as error:
        raise HeaderError(f"{path}: the header is not YAML: {error}") from error


def make_table(name: str, header: dict[str, Any], sql: str, path: Path) -> Table:
    """A table from its parts, checked. Raises HeaderError."""
    try:
        checked = Header.model_validate(header)
    except ValidationError as error:
        lines = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        known = ", ".join(Header.model_fields)
        raise HeaderError(f"{path}: header: {lines}; known keys are {known}") from error
    for column, text in checked.columns.items():
        if " - " not in text:
            raise HeaderError(f"{path}: column {column} says '{text}'; expected 'type - meaning'")
    named = [*checked.grain, *filter(None, [checked.partition, checked.scope])]
    if unknown := [column for column in named if column not in checked.columns]:
        raise HeaderError(f"{path}: grain, partition or scope name {unknown}, which are not among the columns")
    if strange := [column for column in checked.nullable if column not in checked.grain]:
        raise HeaderError(f"{path}: nullable names {strange}, which are not in the grain; others may be null anyway")
    if checked.refresh in ("day", "month") and not checked.partition:
        raise HeaderError(f"{path}: refresh {checked.refresh} needs `partition`, the date column it replaces by")
    if checked.shared and (checked.refresh != "view" or not checked.partition):
        raise HeaderError(f"{path}: `shared` is for views with a `partition`; this one says refresh {checked.refresh}")
    for column, kind in checked.types().items():
        if kind.startswith("enum(") and not (checked.shared and kind == sorted_enum(kind)):
            raise HeaderError(
                f"{path}: column {column}: an enum is for `shared` views, whose rows are written out for a run only; "
                f"its values stand in the order in which they sort as text: {sorted_enum(kind)}"
            )
    if not checked.open_month and checked.refresh != "month":
        raise HeaderError(f"{path}: `open_month` is for refresh month; {checked.refresh} has no open month")
    if checked.keep and checked.refresh not in ("day", "month"):
        raise HeaderError(f"{path}: `keep` drops old partitions, and refresh {checked.refresh} has none")
    if checked.applies and not (checked.applies.startswith("models.") and module_file(checked.applies).exists()):
        raise HeaderError(
            f"{path}: applies {checked.applies}: no such file; expected models.<model>.<module>.<function>"
        )
    if checked.applies and checked.refresh not in ("replace", "day", "month"):
        raise HeaderError(f"{path}: `applies` is for tables that are built, and refresh {checked.refresh} is not")
    return Table(name, checked, sql, path)


def sorted_enum(kind: str) -> str:
    """An enum type with its values in the order in which they sort as text."""
    values = sorted(re.findall("'[^']*'", kind))
    return f"enum({', '.join(values)})"


def load_tables(root: Path = PROJECT) -> Mapping[str, Table]:
    """Every table of the project in building order: staged, core, marts, models. Read once per process."""
    return tables_of(root)


@cache
def tables_of(root: Path) -> Mapping[str, Table]:
    from models.kpi.value import tables as kpi_tables
    from models.segmentation.rule import tables as rule_tables
    from pipelines.engine.codes import code_tables
    from pipelines.engine.precedence import precedence_tables
    from pipelines.engine.threshold import threshold_tables

    found = [read_table(path, f"stg_{path.parent.name}.{path.stem}") for path in root.glob("pipelines/sources/*/*.sql")]
    found += [read_table(path, f"core.{path.stem}") for path in root.glob("pipelines/core/*.sql")]
    found += [read_table(path, f"mart_{path.parent.name}.{path.stem}") for path in root.glob("marts/*/*.sql")]
    found += [read_table(path, f"{path.parent.name}.{path.stem}") for path in root.glob("models/*/*.sql")]
    declared = (*code_tables(root), *precedence_tables(root), *threshold_tables(root), *rule_tables(root / "models"))
    found += [make_table(*each) for each in declared]
    registry = root / "models" / "kpi" / "registry.py"
    found += [make_table(name, header, sql, registry) for name, header, sql in kpi_tables()]
    return MappingProxyType(in_order(found))


def in_order(tables: Iterable[Table]) -> dict[str, Table]:
    """Tables after those they read. Raises HeaderError on a cycle or an incremental table that cannot be rebuilt."""
    by_name = {table.name: table for table in sorted(tables, key=lambda t: t.name)}
    for table in by_name.values():
        refuse_unrepeatable_reads(table, by_name)
    graph = {name: table.sources & by_name.keys() for name, table in by_name.items()}
    try:
        return {name: by_name[name] for name in TopologicalSorter(graph).static_order()}
    except CycleError as error:
        raise HeaderError(f"tables read each other in a circle: {' -> '.join(error.args[1])}") from error


def refuse_unrepeatable_reads(table: Table, by_name: dict[str, Table]) -> None:
    """A closed partition may depend only on what restates it; else a rebuild would differ from the night."""
    if not table.is_incremental or table.header.frozen:
        return
    for source in sorted(table.sources & by_name.keys()):
        header = by_name[source].header
        if not header.partition and table.header.reads.get(source) not in ("changes", "static"):
            raise HeaderError(
                f"{table.path}: a closed {table.header.refresh} of {table.name} would change with {source}, which has "
                "no partition; read dated tables, or declare it in `reads` as `changes` or `static`"
            )
