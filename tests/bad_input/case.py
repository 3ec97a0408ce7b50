"""A case of bad input as a row of a table, and the ingest that all rows of a table go through together.

Every case is a delivery of its own in one landing folder, so that one ingest shows what becomes of each of them, and
that none disturbs another.
"""

import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.engine.home import Home
from pipelines.engine.ingest import IngestReport, Outcome
from tests.engine.landed import CALL, Installation, lines, row

PLAIN: Mapping[str, Any] = {
    "files": "{date}",
    "format": "csv",
    "mode": "append",
    "columns": {
        "no": {"type": "bigint", "required": True},
        "amount": {"type": "decimal(18,2)"},
        "text": {"type": "varchar"},
    },
}
NOON = datetime(2026, 1, 5, 4, tzinfo=UTC).timestamp()  # of the operator's fifth of January


@dataclass(frozen=True)
class Refused:
    """The delivery is refused with a reason that this pattern finds; nothing of it is in the lake."""

    reason: str


@dataclass(frozen=True)
class Loaded:
    """The delivery is loaded: these rows are in the lake, these (row, column, rule) in quarantine, this is noted."""

    rows: Sequence[tuple[Any, ...]]
    quarantined: Sequence[tuple[int, str | None, str]] = ()
    note: str = ""


@dataclass(frozen=True)
class Waits:
    """Nothing is decided; what waits is named with a reason that this pattern finds."""

    reason: str


@dataclass(frozen=True)
class Case:
    """What lies in landing, what is wrong with it, what becomes of it.

    `given` is the file, or a function that puts something else in its place. `promised` are the rows that the manifest
    says, None for a system without manifests. `table` is what the contract says besides PLAIN; `shown` are the columns
    of the lake that `Loaded` lists.
    """

    number: int
    what: str
    given: str | bytes | Callable[[Path], object]
    expect: Refused | Loaded | Waits
    promised: int | None = 3
    table: Mapping[str, Any] = field(default_factory=dict)
    shown: str = "no, amount::varchar, text"
    promise: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.number:02d} {self.what}"


def call(number: int, what: str, rule: tuple[str | None, str] | None, **changed: object) -> Case:
    """Three calls of which the second is changed: quarantined by the rule (column, name), loaded where that is None."""
    given = lines(row(1), row(changed.pop("no", 2), **changed), row(3))
    good = [(1,), (3,)] if rule else [(1,), (2,), (3,)]
    return Case(number, what, given, Loaded(good, [(2, *rule)] if rule else []), table=CALL, shown="row_no")


@dataclass(frozen=True)
class Breaks:
    """The rule that a value breaks."""

    rule: str


def value(number: int, what: str, column: str | Mapping[str, Any], text: str, expected: object) -> Case:
    """A column whose second value is the text: loaded as expected, or quarantined by the rule that it Breaks."""
    column = {"type": column} if isinstance(column, str) else column
    rows, broken = [(1, None), (2, expected), (3, None)], []
    if isinstance(expected, Breaks):
        rows, broken = [(1, None), (3, None)], [(2, "value", expected.rule)]
    columns = {"no": {"type": "bigint"}, "value": column}
    given = f'no,value\n1,\n2,"{text.replace(chr(34), chr(34) * 2)}"\n3,\n'
    return Case(number, what, given, Loaded(rows, broken), table={"columns": columns}, shown="no, value")


class Yard:
    """Every case in landing and ingested: one home for the cases with manifests, one for those without.

    Cases of one contract are deliveries of one table, told apart by their redo.
    """

    def __init__(self, root: Path, cases: Sequence[Case]) -> None:
        assert len({str(case) for case in cases}) == len(cases), "two cases have one name"
        self.places: dict[str, tuple[str, int]] = {}
        self.sites = {
            kind: Installation(Home(root / kind).prepared(), {}, manifest=kind) for kind in ("required", "none")
        }
        for case in cases:
            self._land(case)
        self.reports: dict[str, IngestReport] = {kind: s.ingest() for kind, s in self.sites.items() if s.contract}

    def site(self, case: Case) -> Installation:
        return self.sites["none" if case.promised is None else "required"]

    def _land(self, case: Case) -> None:
        site = self.site(case)
        contract = {**PLAIN, **case.table}
        name = f"t{hashlib.sha256(repr((contract, case.promised is None)).encode()).hexdigest()[:8]}"
        redo = sum(taken == name for taken, _ in self.places.values())
        self.places[str(case)] = name, redo
        site.contract[name] = contract | {"files": f"{name}_{{date}}.r{{redo}}.csv"}
        content = case.given.encode() if isinstance(case.given, str) else case.given
        bytes_given = b"" if callable(content) else content
        path = site.deliver(bytes_given, rows=case.promised or 0, table=name, redo=redo, **case.promise)
        if callable(content):
            path.unlink()
            content(path)
        if case.promised is None:
            path.with_name(f"{path.stem}.manifest.json").unlink()
            os.utime(path, (NOON, NOON), follow_symlinks=False)

    def outcome(self, case: Case) -> Outcome:
        outcomes = self.reports[self.site(case).manifest].outcomes
        (found,) = [one for one in outcomes if (one.table, one.redo) == self.places[str(case)]]
        return found

    def check(self, case: Case) -> None:
        site, (name, redo) = self.site(case), self.places[str(case)]
        match case.expect:
            case Waits(reason):
                waiting = self.reports[site.manifest].waiting
                told = [one.reason for one in waiting if f"{name}_20260105.r{redo}." in one.where]
                assert len(told) == 1, waiting
                assert re.search(reason, told[0]), told
            case Refused(reason):
                outcome = self.outcome(case)
                assert outcome.status == "refused", outcome
                assert re.search(reason, outcome.reason or ""), outcome.reason
                assert not list((site.home.lake / "ops" / name).rglob(f"redo={redo}/*.parquet"))
            case Loaded(rows, quarantined, note):
                outcome = self.outcome(case)
                assert outcome.reason is None, outcome
                assert site.quarantined_of(outcome.delivery_id) == list(quarantined)
                assert self.rows(case, outcome.delivery_id) == list(rows)
                assert outcome.rows == len(rows) + len(quarantined)
                notes = [one for one in outcome.notes if "loaded before" not in one]  # two cases may have one file
                assert note in " ".join(notes)
                assert bool(note) == bool(notes), notes

    def rows(self, case: Case, delivery_id: int) -> list[tuple[Any, ...]]:
        """What the lake holds of the case's delivery."""
        site, (name, redo) = self.site(case), self.places[str(case)]
        parts = sorted((site.home.lake / "ops" / name).rglob(f"redo={redo}/*.parquet"))
        if not parts:
            return []
        paths = ", ".join(f"'{part}'" for part in parts)
        query = f"select {case.shown} from read_parquet([{paths}], hive_partitioning = false) order by file_no, row_no"
        return duckdb.sql(query).fetchall()


def yard(cases: Sequence[Case]) -> Any:
    """The fixture of a module: its cases ingested once."""

    @pytest.fixture(scope="module")
    def ingested(tmp_path_factory: pytest.TempPathFactory) -> Yard:
        return Yard(tmp_path_factory.mktemp("landed"), cases)

    return ingested
