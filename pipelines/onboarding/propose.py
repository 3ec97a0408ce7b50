"""From a look at a file to the folder of its source system: `defs.yaml` and a staging query per table."""

import re
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.engine.contract import System, Table, load_contract
from pipelines.engine.decode import DeliveryError
from pipelines.engine.home import operator
from pipelines.engine.landing import MANIFEST
from pipelines.onboarding.check import Broken, check_file
from pipelines.onboarding.guess import event_time, key_of, mode_of, typed
from pipelines.onboarding.profile import Column, Sql, profile
from pipelines.onboarding.sample import Field, Sample, samples

DAY = re.compile(r"(?<!\d)(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)")
NULLS = ("", "\\N")
PROVEN = 256 << 20  # bytes of a file that the proposal is tried on as a whole
MAX_PROOFS = 5
SHOWN = 8  # values of a column with few of them, named in its description


@dataclass(frozen=True)
class Look:
    """One table of a file: what it holds and what a contract would say of it."""

    sample: Sample
    columns: tuple[Column, ...]
    keys: tuple[tuple[str, ...], ...]
    contract: dict[str, Any]


@dataclass(frozen=True)
class Proposal:
    """The attributes of a `defs.yaml` besides its tables, and each table."""

    name: str
    manifest: str
    looks: tuple[Look, ...]
    connection: str | None = None  # of a database, whose URL is in the secrets file

    def write(self, folder: Path) -> System:
        """Write the folder and load its contract. Raises FileExistsError rather than replace a contract."""
        path = folder / "defs.yaml"
        if path.exists():
            raise FileExistsError(f"{path}: exists; choose another folder, or compare with --json")
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(self.defs(), encoding="utf-8")
        system = load_contract(path)
        for table in system.tables.values():
            (folder / f"{table.name}.sql").write_text(staged(table), encoding="utf-8")
        return system

    def defs(self) -> str:
        lines = [
            "type: pipelines.engine.SourceSystem", "attributes:",
            f"  title: {flow(self.name.replace('_', ' ').capitalize())}",
            "  owner: unknown   # the team to ask when a delivery is missing",
            "  optional: true", f"  manifest: {self.manifest}", "  tables:",
        ]  # fmt: skip
        if self.connection:
            lines[-2:-1] = [
                "  connector: database",
                f"  connection: {self.connection}   # its URL is in the secrets file",
            ]
        for look in self.looks:
            lines.append(f"    {flow(look.sample.name)}:")
            columns = look.contract["columns"]
            lines += [f"      {word}: {flow(value)}" for word, value in look.contract.items() if word != "columns"]
            lines.append("      columns:")
            lines += [f"        {flow(name)}: {flow(words)}" for name, words in columns.items()]
        return "\n".join(lines) + "\n"


def flow(value: Any) -> str:
    """YAML on one line."""
    return (
        yaml.safe_dump(value, default_flow_style=True, width=10**9, sort_keys=False, allow_unicode=True)
        .split("\n...")[0]
        .strip()
    )


@contextmanager
def looking() -> Generator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """A database in memory and a folder for copies, both gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="bassline-look-") as folder, duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection, Path(folder)


def propose(path: Path, name: str, table: str | None = None) -> Proposal:
    """What a file holds and how it would be loaded. Raises DeliveryError for a file that nothing can be made of."""
    with looking() as (connection, scratch):

        def sql(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(query).fetchall()

        found = samples(path, connection, scratch, table)
        if not found:
            raise DeliveryError(f"{path.name}: holds no table with columns; there is nothing to load")
        looks = tuple(look(path, sample, sql) for sample in found)
    has_manifest = any(
        m["table"] == one.sample.name for one in looks for m in map(MANIFEST.fullmatch, names_beside(path)) if m
    )
    proposal = Proposal(name, "required" if has_manifest else "none", looks)
    return proven(proposal, path) if path.stat().st_size <= PROVEN else proposal


def proven(proposal: Proposal, path: Path) -> Proposal:
    """The proposal after the engine's own reading of the whole file: a rule that a row breaks is taken back.

    A line that is no row at all stays one; `check` shows it.
    """
    for _ in range(MAX_PROOFS):
        with tempfile.TemporaryDirectory(prefix="bassline-proof-") as folder:
            system = proposal.write(Path(folder) / proposal.name)
        verdicts = {verdict.table.split(".")[1]: verdict for verdict in check_file(path, system).verdicts}
        broken = [
            (look, found) for look in proposal.looks for found in verdicts[look.sample.name].broken if found.column
        ]
        if not broken:
            break
        for look, found in broken:
            take_back(look.contract, found)
    return proposal


def take_back(contract: dict[str, Any], broken: Broken) -> None:
    """Loosen what a contract says so that the rule that was broken is gone."""
    outer, _, inner = (broken.column or "").partition(".")
    words = contract["columns"][outer]["items"][inner] if inner else contract["columns"][outer]
    match broken.rule:
        case "future" | "late_window":
            del contract["event_time"]
        case "required" | "pattern":
            del words[broken.rule]
        case _:
            for word in ("format", "epoch", "pattern"):
                words.pop(word, None)
            words["type"] = "varchar"
            if outer == contract.get("event_time"):
                del contract["event_time"]
            if outer in contract.get("control_sums", ()):
                contract["control_sums"].remove(outer)


def look(path: Path, sample: Sample, sql: Sql) -> Look:
    columns = profile(sample, sql)
    keys = key_of(sample, columns, sql)
    key = keys[0] if keys else ()
    types = {one.name: typed(one, is_key=one.name in key) for one in columns}
    mode = mode_of(columns, types)
    dated = event_time(sample, columns, types, data_date_of(path), mode, sql)
    words: dict[str, Any] = {"description": f"Rows of {sample.name} as delivered.", "files": pattern_of(path.name)}
    words |= {**sample.reading, "cadence": cadence_of(path), "mode": mode}
    if key:
        words["key"] = list(key)
    if dated:
        words["event_time"] = dated
    named_in_trailer = re.findall(r"\{(\w+)\}", words.get("trailer", ""))
    if sums := [name for name in types if name in named_in_trailer]:
        words["control_sums"] = sums
    required = {*key, *([dated] if dated else [])}
    words["columns"] = {
        one.name: column_words(one, types[one.name], sample, sql, is_required=one.name in required) for one in columns
    }
    return Look(sample, tuple(columns), keys, words)


def column_words(
    column: Column, types: dict[str, Any], sample: Sample, sql: Sql, *, is_required: bool
) -> dict[str, Any]:
    if column.field.items:
        relation = sample.items[column.name]
        rows = sql(f'select count(*) from "{relation}"')[0][0]
        inner = Sample(column.name, relation, column.field.items, {}, rows, sample.is_whole)
        items = {one.name: column_words(one, typed(one), inner, sql, is_required=False) for one in profile(inner, sql)}
        return naming(column.field, is_exact=True) | {"type": "list", "items": items}
    is_exact = sample.reading.get("format") in ("json", "jsonl") or not sample.reading
    words = types | naming(column.field, is_exact=is_exact)
    if column.personal:
        words["key"] = column.personal
    if is_required:
        words["required"] = True
    if missing := [text for text, _ in column.missing if text not in NULLS]:
        words["missing"] = missing
    if words["type"] == "varchar" and not column.personal and 0 < column.distinct <= SHOWN <= column.filled:
        words["description"] = f"Seen: {', '.join(sorted(text for text, _ in column.top))}" + (
            ", and others." if column.distinct > len(column.top) else "."
        )
    return words


def naming(field: Field, *, is_exact: bool) -> dict[str, Any]:
    """Where the value is, if the column's own name does not say so. Headers of tables are compared without case."""
    if field.path:
        return {"path": field.path}
    is_same = field.header == field.name if is_exact else field.header.strip().casefold() == field.name
    return {} if is_same else {"header": field.header}


def pattern_of(file_name: str) -> str:
    """A file name with its date, part and version left open."""
    day = DAY.search(file_name)
    if day is None:
        return file_name
    rest = re.sub(r"^_\d{1,4}(?=\.)", "_{part}", file_name[day.end() :])
    return file_name[: day.start()] + "{date}" + re.sub(r"\.r\d{1,4}(?=\.|$)", ".r{redo}", rest)


def data_date_of(path: Path) -> date:
    """The day in the file's name, else the business day whose night would first know the file."""
    if day := DAY.search(path.name):
        return datetime.strptime(day[0], "%Y%m%d").date()
    return operator().first_night(datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None))


def names_beside(path: Path) -> list[str]:
    return [other.name for other in path.absolute().parent.iterdir()]


def cadence_of(path: Path) -> str:
    """Daily or monthly if the files beside it say so; one file says nothing."""
    pattern = pattern_of(path.name)
    days = {
        datetime.strptime(found[0], "%Y%m%d").date()
        for name in names_beside(path) if pattern_of(name) == pattern and (found := DAY.search(name))
    }  # fmt: skip
    gaps = [(later - earlier).days for earlier, later in zip(sorted(days), sorted(days)[1:], strict=False)]
    if not gaps:
        return "on_change"
    return "daily" if min(gaps) <= 7 else ("monthly" if min(gaps) <= 31 else "on_change")


def staged(table: Table) -> str:
    """The staging query: the lake's columns under names that SQL does not reserve, and where each row comes from."""
    types = {name: kind.lower() for name, kind in table.lake_columns.items()}
    meanings, selected = {}, []
    dated_at = table.columns[table.event_time] if table.event_time else None
    partition = table.event_time
    for name, kind in types.items():
        if name in ("delivery_id", "file_no", "row_no", "event_day") or name.startswith("_"):
            continue
        label = f"{name}_value" if name in reserved() else name
        partition = label if name == table.event_time else partition
        plain = name.removesuffix("_key") if f"{name.removesuffix('_key')}" in table.columns else name
        word = (table.columns[plain].header or plain).replace("_", " ") if plain in table.columns else plain
        meanings[label] = f"{kind} - {word[:1].upper()}{word[1:]} as delivered{', UTC' if kind == 'timestamp' else ''}."
        selected.append(f"{quoted(name)} as {label}" if label != name else name)
    if dated_at and dated_at.type == "timestamp":
        partition = re.sub(r"(_at|_time|_on)?$", "", partition or "", count=1) + "_on"
        partition = partition if partition not in meanings else "event_on"
        meanings[partition] = "date - Business day of the row, in the operator's time zone."
        selected.append(f"event_day as {partition}")
    has_parts = "{part}" in table.files
    meanings["delivery_id"] = "integer - Delivery that brought the row."
    if has_parts:
        meanings["file_no"] = "smallint - File within the delivery."
    meanings |= {
        "row_no": "integer - Row in its file, from 1.",
        "known_on": "date - Business day whose night first knew the row.",
        "superseded_on": "date - Business day whose night first knew a newer delivery in its place, if one came.",
    }
    selected += ["delivery_id", *(["file_no"] if has_parts else []), "row_no", "known_on", "superseded_on"]
    header = [
        f"description: {flow(table.description)}",
        f"grain: [delivery_id, {'file_no, ' if has_parts else ''}row_no]", "refresh: delivery",
        *([f"partition: {partition}"] if dated_at else []), "columns:",
        *(f"  {flow(name)}: {flow(text)}" for name, text in meanings.items()),
    ]  # fmt: skip
    query = ",\n".join(f"    {one}" for one in selected)
    return "/*\n" + "\n".join(header) + f"\n*/\nselect\n{query}\nfrom raw_{table.label}\n"


def quoted(name: str) -> str:
    return f'"{name}"'


def reserved() -> set[str]:
    found = duckdb.execute("select keyword_name from duckdb_keywords() where keyword_category = 'reserved'").fetchall()
    return {row[0] for row in found}
