"""Which of the rows fetched are new or changed since the last fetch, which are gone, and what to remember of them.

What is remembered, the state, is a Parquet file: the hash of each row with its key (snapshot), or of each row from the
point where the next fetch begins (watermark, kept as text in the file's metadata).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

import duckdb

from pipelines.engine import rules
from pipelines.engine.connect.declared import DELETED, overlap_time
from pipelines.engine.connect.dialect import Bound
from pipelines.engine.contract import Table, sql_name, sql_text
from pipelines.engine.home import Home, operator
from pipelines.engine.warehouse import settings
from pipelines.engine.zones import to_local_sql

WATERMARK = "watermark"
ZONED = "zoned"


@dataclass(frozen=True)
class Cut:
    """Until when a night knows: rows of between `at` and `now` (UTC) wait for a later night; those after are wrong."""

    day: date
    at: datetime
    now: datetime


@dataclass(frozen=True)
class Fetched:
    """A file of rows as a database gave them; `columns` are contract names with name and Arrow type in the file."""

    path: Path
    columns: dict[str, tuple[str, str]]

    def raw(self, name: str) -> str:
        return sql_name(self.columns[name][0])

    def kind(self, name: str) -> str:
        kind = self.columns[name][1]
        return "text" if kind in ("string", "large_string", "string_view") else kind


def beginning(table: Table, state: Path | None, header: str) -> Bound | None:
    """Where the next fetch begins; None where it takes every row."""
    if table.watermark is None or state is None:
        return None
    with duckdb.connect() as db:
        query = f"select decode(key), decode(value) from parquet_kv_metadata({_path(state)})"
        said = dict(db.execute(query).fetchall())
        if not said.get(WATERMARK):
            return None
        kind = _kind(table)
        found = db.execute(f"select ({_from(table, f'{sql_text(said[WATERMARK])}::{kind}')})::varchar").fetchall()
    return Bound(header, found[0][0] + said.get(ZONED, ""), is_number=kind == "hugeint")


class Changes:
    """Compares what was fetched with the state of the last fetch."""

    def __init__(self, home: Home, table: Table, fetched: Fetched, state: Path | None, cut: Cut) -> None:
        self.home, self.table, self.fetched, self.state, self.cut = home, table, fetched, state, cut
        self.keys = table.key if table.mode == "snapshot" else ()

    def write(self, delivery: Path, state: Path) -> int:
        """Write the rows to deliver, and the state after them; the number of rows."""
        spill = self.home.spill / "fetching"
        with duckdb.connect(config=settings(spill) | {"preserve_insertion_order": True}) as db:
            db.execute("set TimeZone = 'UTC'")
            db.execute(f"create temp table known as {self._known()}")
            db.execute(f"create temp table found as {self._found()}")
            answer = db.execute(f"copy ({self._delivered()}) to {_path(delivery)} (format parquet, compression zstd)")
            rows = answer.fetchall()[0][0]
            last = db.execute(self._last()).fetchall()[0][0]
            metadata = f"kv_metadata {{{WATERMARK}: {sql_text(last or '')}, {ZONED}: {sql_text(self._zone_suffix)}}}"
            db.execute(f"copy ({self._remembered(last)}) to {_path(state)} (format parquet, {metadata})")
        return rows

    def _known(self) -> str:
        if self.state:
            return f"from read_parquet({_path(self.state)})"
        keys = "".join(f", {self.fetched.raw(key)} as key_{n}" for n, key in enumerate(self.keys))
        return f"select null::uhugeint as row_hash, null::bigint as copy{keys} from {self._rows} limit 0"

    def _found(self) -> str:
        """One row per row fetched: place in the file, hash, watermark, and whether it waits for a later night."""
        columns = ", ".join(f"{sql_name(name)} := {self.fetched.raw(name)}" for name in self.fetched.columns)
        row_hash = f"md5_number(to_json(struct_pack({columns}))::varchar)"
        keys = "".join(f", {self.fetched.raw(key)} as key_{n}" for n, key in enumerate(self.keys))
        # Without a key, equal rows are told apart by counting them.
        copy = "1" if self.table.key else "row_number() over (partition by row_hash order by place)"
        after, future = self._after()
        return f"""
            select * exclude (is_after, is_future), {copy} as copy, is_after and not is_future as is_held, is_future
            from (select file_row_number as place, {row_hash} as row_hash{keys},
                {self._own()} as own, coalesce({after}, false) as is_after, coalesce({future}, false) as is_future
            from {self._rows})"""

    @property
    def _rows(self) -> str:
        return f"read_parquet({_path(self.fetched.path)}, file_row_number = true)"

    @cached_property
    def _zone_suffix(self) -> str:
        """What a watermark as text needs at its end, for a database that knows its zone."""
        watermark = self.table.watermark
        return "+00" if watermark and "tz=" in self.fetched.kind(watermark) else ""

    def _own(self) -> str:
        """The watermark in the clock of the source."""
        name = self.table.watermark
        if name is None:
            return "null"
        raw = self.fetched.raw(name)
        return f"timezone('UTC', {raw})" if self._zone_suffix else f"try_cast({raw} as {_kind(self.table)})"

    def _after(self) -> tuple[str, str]:
        """Whether a row is of after the night's cut, and whether of after now: two conditions."""
        zone = operator().zone
        today = self.cut.now.replace(tzinfo=UTC).astimezone(zone).date()
        name = self.table.watermark
        if name and self.table.columns[name].type == "timestamp":
            moment = rules.typed(self.table.columns[name], self.fetched.raw(name), self.fetched.kind(name), zone)
            return f"{moment} > timestamp '{self.cut.at}'", f"{moment} > timestamp '{self.cut.now}'"
        name = name if name and self.table.columns[name].type == "date" else self.table.event_time
        if name is None:
            return "false", "false"
        column = self.table.columns[name]
        typed = rules.typed(column, self.fetched.raw(name), self.fetched.kind(name), zone)
        day = typed if column.type == "date" else f"({to_local_sql(typed, zone)})::date"
        return f"{day} > date '{self.cut.day}' + 1", f"{day} > date '{today}' + 1"

    def _delivered(self) -> str:
        bound = f"and (own is null or own >= {self._bound()})" if self._bound() else ""
        new = f"""select place from found where not is_held {bound} and not exists
            (select 1 from known where known.row_hash = found.row_hash and known.copy = found.copy)"""
        names = ", ".join(f"rows.{self.fetched.raw(name)}" for name in self.fetched.columns)
        rows = f"from {self._rows} as rows where file_row_number in ({new})"
        if not self.table.tells_deletions:
            return f"select {names} {rows} order by file_row_number"
        keys = ", ".join(f"key_{n} as {self.fetched.raw(key)}" for n, key in enumerate(self.keys))
        order = ", ".join(self.fetched.raw(key) for key in self.keys)
        gone = f"""select distinct {keys}, true as {DELETED} from known where not exists
            (select 1 from found where {self._same_key("found")})"""
        return f"""select * exclude (place) from (select {names}, false as {DELETED}, file_row_number as place {rows}
            union all by name {gone}) order by {DELETED}, place, {order}"""

    def _same_key(self, other: str) -> str:
        return " and ".join(f"{other}.key_{n} is not distinct from known.key_{n}" for n in range(len(self.keys)))

    def _previous(self) -> str:
        """The watermark of the last fetch as SQL, null if there is none."""
        if self.table.watermark is None or self.state is None:
            return "null"
        return f"""(select nullif(decode(value), '')::{_kind(self.table)} from parquet_kv_metadata({_path(self.state)})
            where decode(key) = '{WATERMARK}')"""

    def _bound(self) -> str:
        return _from(self.table, self._previous()) if self._previous() != "null" else ""

    def _last(self) -> str:
        """Not beyond a row that waits, and not misled by one that claims to be of the future."""
        if self.table.watermark is None:
            return "select null"
        return f"""select coalesce(min(own) filter (is_held),
            greatest(max(own) filter (not is_future), {self._previous()}))::varchar from found"""

    def _remembered(self, last: str | None) -> str:
        keys = "".join(f", key_{n}" for n in range(len(self.keys)))
        within = "true"
        if self.table.watermark and last:
            start = _from(self.table, f"{sql_text(last)}::{_kind(self.table)}")
            within = f"(own is null or own >= {start})"
        state = f"select row_hash, copy{keys} from found where not is_held and {within}"
        if self.keys:  # a row that waits is neither new nor gone: what was known of it stays
            state += f""" union all select row_hash, copy{keys} from known
                where exists (select 1 from found where is_held and {self._same_key("found")})"""
        return state


def _kind(table: Table) -> str:
    kind = table.columns[table.watermark].type if table.watermark else ""
    return kind if kind in ("timestamp", "date") else "hugeint"


def _from(table: Table, last: str) -> str:
    """SQL of where a fetch begins that follows one up to `last`."""
    if _kind(table) == "hugeint":
        return f"({last} - {int(table.overlap or 0)})"
    span = overlap_time(table.overlap)
    if _kind(table) == "date":
        return f"({last} - {span.days})"
    return f"({last} - to_seconds({int(span.total_seconds())}))"


def _path(path: Path) -> str:
    return sql_text(str(path))
