"""One table's pending deliveries in one DuckDB statement: parsed, typed, judged by row and by delivery."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.engine import drift, rules
from pipelines.engine.contract import Table, sql_name, sql_text
from pipelines.engine.home import operator
from pipelines.engine.landing import Pending
from pipelines.engine.ledger import Part
from pipelines.engine.preflight import Readable
from pipelines.engine.reader import Group, groups, raw_types, reads_lines, relation
from pipelines.engine.workbench import Workbench

OURS = (  # errors that no file can be blamed for
    duckdb.OutOfMemoryException, duckdb.FatalException, duckdb.InternalException, duckdb.InterruptException,
    duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException,
)  # fmt: skip
LINE_RULES = {
    "MISSING COLUMNS": "too few fields",
    "TOO MANY COLUMNS": "too many fields",
    "UNQUOTED VALUE": "quote",
    "LINE SIZE OVER MAXIMUM": "line too long",
    "INVALID ENCODING": "encoding",
    "INVALID STATE": "structure",
}


@dataclass(frozen=True)
class Staged:
    """A Parquet file written for a delivery, not yet in its place."""

    path: Path
    rows: int
    bytes: int


@dataclass
class Candidate:
    """A pending delivery on its way into the lake; it is refused as soon as it has a reason."""

    delivery_id: int
    pending: Pending
    turn: int
    files: list[Readable] = field(default_factory=list)
    reason: str | None = None
    notes: list[str] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)  # undeclared columns that look personal
    file_rows: dict[int, int] = field(default_factory=dict)
    rejected: int = 0
    staged: list[Staged] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Data rows found, the rejected ones included."""
        return sum(self.file_rows.values())

    def refuse(self, reason: str) -> None:
        self.reason = self.reason or reason


@dataclass(frozen=True)
class FileSlot:
    """A file's number within the load, its owner and its place in the delivery."""

    candidate: Candidate
    file_no: int
    readable: Readable


class TableLoad:
    """Tables on the bench of one table's load: `typed` (one row per parsed row), `bad` (lines without a row), `files`.

    `typed` holds the contract's and the derived columns under their own names, personal values still readable, besides
    `_file`, `_fault` (number of the first broken rule, 0 for none), `_raw` (the row as it came, if it has a fault) and
    `_other` (a key that a JSON row has in other letters than the contract).
    """

    def __init__(self, bench: Workbench, table: Table, candidates: Sequence[Candidate]) -> None:
        self.bench, self.table, self.candidates = bench, table, candidates
        stem = f"{table.system}_{table.name}"
        self.typed, self.bad, self.files = f"typed_{stem}", f"bad_{stem}", f"files_{stem}"
        self.slots: list[FileSlot] = []
        self.rules: list[rules.Rule] = []
        self.has_nul = self.has_rows = False
        self.bad_rows: dict[int, list[int]] = defaultdict(list)
        self.broken: set[int] = set()  # numbers of the rules that rows broke

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        return self.bench.run(sql)

    def parse(self) -> None:
        """Read every file; a file that breaks the parser refuses its delivery only."""
        self.run(f"create or replace table {self.bad} (_file integer, row_no integer, rule varchar, original varchar)")
        owners = {
            id(file): FileSlot(c, n, file) for c in self.candidates if not c.reason for n, file in enumerate(c.files)
        }
        self.has_nul = any(slot.readable.has_nul for slot in owners.values())
        for group in groups(slot.readable for slot in owners.values() if not slot.readable.is_empty):
            self._read(group, [owners[id(file)] for file in group.files])
        for number, row in self.run(f"select _file, row_no from {self.bad} order by all"):
            self.bad_rows[number].append(row)
        self.has_rows = bool(self.slots)
        self.slots += [slot for slot in owners.values() if slot.readable.is_empty]

    def drop(self) -> None:
        for name in (self.typed, self.bad, self.files):
            self.run(f"drop table if exists {name}")

    def _read(self, group: Group, slots: list[FileSlot]) -> None:
        try:
            self._read_once(group, len(self.slots), slots)
        except OURS:
            raise
        except duckdb.Error as error:
            if len(slots) == 1:
                message = str(error).splitlines()[0]
                slots[0].candidate.refuse(f"{slots[0].readable.name}: cannot be parsed ({message}); send it again")
                return
            half = len(slots) // 2
            self._read(Group(group.files[:half]), slots[:half])
            self._read(Group(group.files[half:]), slots[half:])
        else:
            self.slots += slots

    def _read_once(self, group: Group, base: int, slots: list[FileSlot]) -> None:
        days = [f"date '{slot.candidate.pending.data_date}'" for slot in slots]
        day = days[0] if len(set(days)) == 1 else f"[{', '.join(days)}][_file - {base - 1}]"
        select = self._select(group, base, day)
        is_first = not self.run(f"select 1 from duckdb_tables() where table_name = '{self.typed}'")
        self.run("drop table if exists _bad; drop table if exists _bad_scan")
        into = f"create table {self.typed} as" if is_first else f"insert into {self.typed}"
        self.run(f"{into} {select}")
        if reads_lines(self.table):
            self._keep_bad_lines(base)

    def _select(self, group: Group, base: int, day: str) -> str:
        """Raw columns inside, typed ones around them, then what is derived from those, then the judgement."""
        table, zone, kinds = self.table, operator().zone, raw_types(self.table, group)
        columns = table.columns.items()
        tokens = () if table.format == "csv" else table.null_tokens
        raw = [f"{rules.present(column, f'_{name}', kinds[name], tokens)} as _{name}" for name, column in columns]
        typed = [
            f"{rules.typed(column, f'_{name}', kinds[name], zone)} as {sql_name(name)}" for name, column in columns
        ]
        is_json, is_fixed = table.format in ("json", "jsonl"), table.format == "fixed"
        kept = ["_broken", "_line"] if is_json or is_fixed else []
        kept += ["__given", "__other"] if is_json else []
        extra = f"{drift.extra_sql(table, group)} as {drift.EXTRA}"
        inner = f"""select *, {", ".join(typed)}
            from (select {", ".join([*raw, f"_file::integer + {base} as _file", extra, *kept])}
            from {relation(table, group)})"""
        for name, item in table.derive.items():  # each may build on those before it
            inner = f"select *, try_cast(try({item.sql}) as {item.type}) as {sql_name(name)} from ({inner})"
        if event_day := rules.event_day_sql(table, zone):
            inner = f"select *, {event_day} as event_day from ({inner})"
        self.rules = rules.table_rules(table, kinds, has_nul=self.has_nul, day=day)
        packed = ", ".join(f"{sql_name(name)} := _{name}" for name in table.columns)
        row = "__given" if is_json else "_line" if is_fixed else f"to_json(struct_pack({packed}))"
        result = [*map(sql_name, (*table.columns, *table.derive)), *(["event_day"] if event_day else []), drift.EXTRA]
        return f"""
            select {", ".join(result)}, _file, _fault, case when _fault <> 0 then {row}::varchar end as _raw,
                {"__other" if is_json else "null::varchar"} as _other
            from (select *, {rules.fault_sql(self.rules)} as _fault from ({inner}))"""

    def _keep_bad_lines(self, base: int) -> None:
        names = " ".join(f"when '{found}' then '{rule}'" for found, rule in LINE_RULES.items())
        header = int(self.table.format == "csv" and self.table.header)
        self.run(
            f"""insert into {self.bad}
            select {base} + file_id, line - {header}, case first(error_type::varchar order by column_idx) {names}
                else 'structure' end, first(csv_line order by column_idx)
            from _bad group by file_id, line"""
        )

    def judge(self) -> None:
        """Compare with the promises, count the rejected, refuse what may not be loaded."""
        sums = "".join(
            f", sum({column})::varchar, count(*) filter (_fault <> 0 and {column} is null)"
            for column in map(sql_name, self.table.control_sums)
        )
        counted = self.run(f"select _file, count(*){sums} from {self.typed} group by _file") if self.has_rows else []
        found = {row[0]: row[1:] for row in counted}
        for number, slot in enumerate(self.slots):
            rows, *totals = found.get(number, (0, *("0", 0) * len(self.table.control_sums)))
            bad = len(self.bad_rows.get(number, ()))
            slot.candidate.file_rows[slot.file_no] = rows + bad
            slot.candidate.rejected += bad
            self._check_promises(slot, rows + bad, bad, totals)
            if not slot.readable.promises:
                self._check_unpromised(slot, number, rows + bad)
        faults: dict[int, Counter[str]] = defaultdict(Counter)
        for number, fault, rows in self._faults():
            candidate = self.slots[number].candidate
            candidate.rejected += rows
            faults[candidate.delivery_id][fault] += rows
        for candidate in self.candidates:
            if candidate.rejected > 1 and not candidate.reason:
                self._check_encoding(candidate)
            # One bad row is a bad row; when all of several are bad, the file is.
            is_bad_file = candidate.rows > 1 and candidate.rejected == candidate.rows
            is_over_limit = candidate.rejected > self.table.max_rejected(candidate.rows)
            if candidate.reason is None and (is_bad_file or is_over_limit):
                self._refuse_rejects(candidate, faults[candidate.delivery_id])
            if candidate.rows == 0 and not candidate.reason:
                candidate.notes.append(f"no rows, as the {candidate.files[0].promises[0].by} says")
        drift.judge(self)

    def _faults(self) -> Iterator[tuple[int, str, int]]:
        if not self.has_rows:
            return
        found = self.run(
            f"select _file, _fault, count(*) from {self.typed} where _fault <> 0 group by all order by all"
        )
        self.broken = {fault for _, fault, _ in found}
        for number, fault, rows in found:
            rule = self.rules[fault - 1]
            yield number, f"{rule.name} {rule.column}" if rule.column else rule.name, rows

    def _check_promises(self, slot: FileSlot, rows: int, bad: int, totals: Sequence[Any]) -> None:
        name, candidate = slot.readable.name, slot.candidate
        again = f"ask for the delivery as r{candidate.pending.redo + 1}"
        for promise in slot.readable.promises:
            if promise.rows != rows:
                found = f"the {promise.by} promises {promise.rows} rows, the file holds {rows}"
                candidate.refuse(f"{name}: {found}; rows are missing or surplus, {again}")
            for place, column in enumerate(self.table.control_sums):
                said, total = promise.sums.get(column), Decimal(totals[2 * place] or 0)
                if said is None or said == total:
                    continue
                if bad or totals[2 * place + 1]:
                    candidate.notes.append(f"{name}: sum of {column} not comparable, rejected rows hold the difference")
                else:
                    found = f"the {promise.by} promises a sum of {column} of {said}, the file holds {total}"
                    candidate.refuse(f"{name}: {found}; values were changed on the way, {again}")

    def _check_unpromised(self, slot: FileSlot, number: int, rows: int) -> None:
        """Nobody said how many rows the file should have: what looks like a part of a file is not taken for one."""
        name, refuse = slot.readable.name, slot.candidate.refuse
        if rows == 0:
            refuse(f"{name}: is empty and nothing says that it should be; deliver it with a manifest of 0 rows, or not")
        bad = self.bad_rows.get(number, ())
        if bad and (torn := self._torn_row(number)):
            refuse(f"{name}: a quote opened in row {torn} is never closed, the rows behind it are lost; send it again")
        if not slot.readable.is_ended and (rows in bad or self._ends_in_fault(number)):
            refuse(f"{name}: ends within row {rows}, the file is cut or still being written; send it again")

    def _torn_row(self, number: int) -> int | None:
        """The first row whose broken quotes swallowed line ends."""
        found = self.run(
            f"""select min(row_no) from {self.bad}
            where _file = {number} and rule = 'quote' and contains(rtrim(original, chr(10)), chr(10))"""
        )
        return found[0][0]

    def _ends_in_fault(self, number: int) -> bool:
        return self.has_rows and bool(
            self.run(
                f"select 1 from {self.typed} where _file = {number} qualify _fault <> 0 and rowid = max(rowid) over ()"
            )
        )

    def _check_encoding(self, candidate: Candidate) -> None:
        """One row in other bytes is a bad row; when no row shows that the encoding is right, it is wrong."""
        own = self._own(candidate)
        foreign = self.run(f"select count(*) from {self.bad} where rule = 'encoding' and {own}")[0][0]
        if foreign < 2:
            return
        texts = [sql_name(name) for name, column in self.table.columns.items() if column.type == "varchar"]
        shown = " or ".join(f"strlen({text}) <> length({text})" for text in texts) or "false"
        if not self.run(f"select 1 from {self.typed} where {own} and ({shown}) limit 1"):
            found = f"none of the {foreign} rows with such characters is {self.table.encoding}"
            candidate.refuse(
                f"{found}, as the contract declares; send the file in that encoding or change the contract"
            )

    def _own(self, candidate: Candidate) -> str:
        """SQL that is true for the rows of a candidate's files."""
        return f"list_contains({[n for n, slot in enumerate(self.slots) if slot.candidate is candidate]}, _file)"

    def _refuse_rejects(self, candidate: Candidate, faults: Counter[str]) -> None:
        lines = self.run(f"select rule, count(*) from {self.bad} where {self._own(candidate)} group by rule")
        faults.update(dict(lines))
        listed = ", ".join(f"{rule}: {count}" for rule, count in faults.most_common(5))
        limit = self.table.max_rejected(candidate.rows)
        candidate.refuse(
            f"{candidate.rejected} of {candidate.rows} rows break the contract, at most {limit} may, and not all "
            f"({listed}); correct the source and deliver again, or change the contract if the change was announced"
        )

    def accept(self) -> None:
        """The temporary table `files`: one row per file of the deliveries that will be loaded."""
        first = dict(self.run(f"select _file, min(rowid) from {self.typed} group by _file")) if self.has_rows else {}
        rows = [
            f"({n}, {slot.candidate.delivery_id}, {slot.file_no}, {sql_text(slot.readable.name)}, "
            f"{slot.candidate.turn}, {first.get(n, 0)}, {self._gaps(n)}::integer[])"
            for n, slot in enumerate(self.slots) if not slot.candidate.reason
        ]  # fmt: skip
        self.run(
            f"""create or replace table {self.files} (_file integer, delivery_id integer, file_no smallint,
            file_name varchar, turn integer, first_row bigint, gaps integer[])"""
        )
        if rows:
            self.run(f"insert into {self.files} values {', '.join(rows)}")

    def _gaps(self, number: int) -> list[int]:
        """For each line without a row: the number of the first parsed row behind it, counted without such lines."""
        return [row - place for place, row in enumerate(sorted(self.bad_rows.get(number, ())))]

    def row_no(self) -> str:
        """SQL for the 1-based number of a data row in its file, with `typed` and `files` in scope."""
        place = "typed.rowid - files.first_row + 1"
        if not self.bad_rows:
            return f"({place})::integer"
        return f"({place} + len(list_filter(files.gaps, lambda gap: gap <= {place})))::integer"
