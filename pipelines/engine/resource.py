"""The night as a Dagster resource: opened once per run, so that one writer lock spans all of its steps."""

import subprocess
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field, PrivateAttr

from pipelines.engine.contract import Table as Contract
from pipelines.engine.home import PROJECT, Home, operator
from pipelines.engine.status import due_days, last_business_day
from pipelines.engine.table import Table

if TYPE_CHECKING:
    from pipelines.engine.audit import Failure
    from pipelines.engine.build import TableRun
    from pipelines.engine.expect import Audited
    from pipelines.engine.lineage import Lineage
    from pipelines.engine.night import Night


class NightRun(dg.ConfigurableResource):
    """One night, or the range of nights that are open. Without configuration: every open day up to yesterday."""

    home: str | None = Field(None, description="BASSLINE_HOME, if not that of the environment.")
    day: str | None = Field(None, description="The one business day to close, YYYY-MM-DD.")
    from_day: str | None = Field(None, description="First business day of a range; default: the first that is open.")
    to_day: str | None = Field(None, description="Last business day of a range; default: yesterday, operator time.")

    _night: Any = PrivateAttr(None)
    _is_ended: bool = PrivateAttr(False)

    @staticmethod
    def zone() -> str:
        return operator().time_zone

    @staticmethod
    def window() -> timedelta:
        """How long before its deadline the published file may be written and still count as today's."""
        return timedelta(hours=5)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator["NightRun"]:  # noqa: ARG002
        from pipelines.engine.night import Night

        home = Home(Path(self.home).resolve()) if self.home else Home.default()
        with Night(home, *self.days(home)) as night:
            self._night = night
            yield self
            if not self._is_ended:
                night.end("failed", "; ".join(failure.message for failure in night.failures) or "not all steps ran")

    def days(self, home: Home) -> tuple[date, date]:
        from pipelines.engine.night import open_days

        if self.day:
            return date.fromisoformat(self.day), date.fromisoformat(self.day)
        last = date.fromisoformat(self.to_day) if self.to_day else last_business_day()
        first = date.fromisoformat(self.from_day) if self.from_day else open_days(home, last)[0]
        return first, last

    @property
    def night(self) -> "Night":
        return self._night

    @property
    def tables(self) -> Mapping[str, Table]:
        return self.night.tables

    def arrivals(self) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        """Ingest every source once per run; what came, by system and table."""
        if self.night.ingested is None:
            self.night.ingest()
        found = self.night.connection.execute(
            f"""select system, table_name, count(*), sum(row_count)::bigint, sum(rejected)::bigint, sum(bytes)::bigint,
            list(reason order by data_date) filter (where status = 'refused')
            from ops.delivery where run_id = '{self.night.run_id}' group by system, table_name"""
        ).fetchall()
        names = ("deliveries", "dagster/row_count", "rejected", "bytes", "refused")
        return {(system, table): dict(zip(names, values, strict=True)) for system, table, *values in found}

    def missing(self, table: Contract) -> list[date]:
        """Days of the run for which a delivery was due and is not loaded."""
        loaded = self.night.connection.execute(
            f"""select distinct data_date from ops.delivery
            where system = '{table.system}' and table_name = '{table.name}' and status = 'loaded'"""
        ).fetchall()
        days = {row[0] for row in loaded}
        due = due_days(table, self.night.from_day, self.night.to_day) - days
        return sorted(day for day in due if not (table.is_fetched and any(later > day for later in days)))

    def audited(self, table: Contract) -> list["Audited"]:
        """What the expectations of a source table found on the rows that this run ingested."""
        ingested = self.night.ingested
        return [found for found in ingested.checks if found.table == f"raw_{table.label}"] if ingested else []

    def build_docs(self, *, seconds: int) -> tuple[Path, str]:
        """Build the run's Data Docs; the first page, and the last words of what went wrong, if anything did."""
        from pipelines.engine.expect import docs_command, docs_page

        page = docs_page(self.night.home)
        command = docs_command(self.night.home, [self.night.run_id])
        try:
            done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            return page, f"the pages were not built within {seconds} seconds"
        return page, done.stderr[-2000:] if done.returncode else ""

    def build(self, names: Iterable[str]) -> tuple[list["TableRun"], list["Failure"]]:
        """Build tables in the warehouse's order; returns what was built and what blocks publishing since."""
        wanted, known = set(names), len(self.night.failures)
        if self.night.ingested is None:
            self.night.ingest()
        runs = self.night.build([name for name in self.tables if name in wanted])
        return runs, [failure for failure in self.night.failures[known:] if failure.blocking]

    def lineage(self, names: Iterable[str]) -> dict[str, "Lineage"]:
        """Column lineage of some tables."""
        from pipelines.engine.lineage import column_lineage

        columns = {name: list(table.header.columns) for name, table in self.tables.items()}
        for system in self.night.systems.values():
            for table in system.tables.values():
                columns[f"raw_{table.label}"] = [*table.lake_columns, "data_date", "known_on", "superseded_on"]
        return {name: column_lineage(self.tables[name], columns) for name in names}

    def publish(self) -> Path:
        """Audit and publish. Raises NotPublished with the reasons."""
        self._is_ended = True
        self.night.audit()
        return self.night.publish()
