"""Dagster's view of the engine: every table an asset with its promises as checks, every folder of tables one step."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import dagster as dg

from pipelines.engine.contract import System
from pipelines.engine.contract import Table as Contract
from pipelines.engine.resource import NightRun
from pipelines.engine.table import Table

if TYPE_CHECKING:
    from pipelines.engine.expect import Audited

PUBLISHED = dg.AssetKey(["published", "current"])
ARRIVES = "arrives_on_time"
KEEPS = "keeps_its_contract"
EXPECTED = "meets_its_expectations"
OPERATORS = {
    "<=": "at_most", ">=": "at_least", "<>": "is_not", "!=": "is_not", "<": "below", ">": "above", "=": "equals",
    "+": "plus", "-": "minus", "*": "times", "/": "over", "%": "modulo",
}  # fmt: skip
OPERATOR = re.compile("|".join(map(re.escape, OPERATORS)))
# Only what may pass by itself is tried again: a broken promise is told as a Failure that allows no retry.
RETRIES = dg.RetryPolicy(max_retries=2, delay=30, backoff=dg.Backoff.EXPONENTIAL)


def asset_key(name: str) -> dg.AssetKey:
    return dg.AssetKey(name.split("."))


def source_assets(system: System, tables: list[Table]) -> dg.AssetsDefinition:
    """One step per source system: its deliveries into the lake, then its staged tables."""
    specs = [contract_spec(system, table) for table in system.tables.values()]
    arrivals = [spec for table in system.tables.values() for spec in contract_checks(table)]

    @dg.multi_asset(
        name=f"source_{system.name}",
        specs=[*specs, *(table_spec(table, "sources") for table in tables)],
        check_specs=[*arrivals, *(spec for table in tables for spec in table_checks(table))],
        can_subset=True,
        retry_policy=RETRIES,
    )
    def step(context: dg.AssetExecutionContext, night: NightRun) -> Iterator[dg.MaterializeResult]:
        arrived = night.arrivals()
        for table in system.tables.values():
            if asset_key(f"raw_{table.label}") in context.selected_asset_keys:
                yield delivered(table, arrived.get((system.name, table.name), {}), night)
        yield from built(context, night, tables)

    return step


def layer_assets(schema: str, tables: list[Table]) -> dg.AssetsDefinition:
    """One step per folder of tables; any subset of them can be materialized."""

    @dg.multi_asset(
        name=schema,
        specs=[table_spec(table, schema) for table in tables],
        check_specs=[spec for table in tables for spec in table_checks(table)],
        can_subset=True,
        retry_policy=RETRIES,
    )
    def step(context: dg.AssetExecutionContext, night: NightRun) -> Iterator[dg.MaterializeResult]:
        yield from built(context, night, tables)

    return step


def published_asset(tables: Iterable[Table]) -> dg.AssetsDefinition:
    """The last step: the audit, then the published file, or the reasons why yesterday's stays."""
    listed = list(tables)
    read = {source for table in listed for source in table.sources}
    ends = [asset_key(table.name) for table in listed if table.header.public or table.name not in read]

    @dg.asset(
        key=PUBLISHED,
        deps=ends,
        group_name="published",
        kinds={"duckdb", "parquet"},
        description="What analysts open: the tables of the last night whose promises all hold.",
        freshness_policy=dg.FreshnessPolicy.cron(
            deadline_cron="0 6 * * *", lower_bound_delta=NightRun.window(), timezone=NightRun.zone()
        ),
        retry_policy=RETRIES,
    )
    def published(context: dg.AssetExecutionContext, night: NightRun) -> dg.MaterializeResult:
        from pipelines.engine.night import NotPublished

        try:
            path = night.publish()
        except NotPublished as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        watched = [failure.message for failure in night.night.failures]
        context.log.info("published %s; %d promises need a look", path, len(watched))
        return dg.MaterializeResult(
            metadata={"path": dg.MetadataValue.path(path), "as_of": str(night.night.to_day), "watch": watched}
        )

    return published


def contract_spec(system: System, table: Contract) -> dg.AssetSpec:
    columns = [
        dg.TableColumn(
            name, kind.lower(), description=table.columns[name].description if name in table.columns else None
        )
        for name, kind in table.lake_columns.items()
    ]
    return dg.AssetSpec(
        asset_key(f"raw_{table.label}"),
        description=table.description or f"{system.title}: {table.name} as delivered.",
        group_name="sources",
        kinds={table.format, "parquet"},
        owners=[f"team:{system.owner}"],
        metadata={
            "dagster/column_schema": dg.TableSchema(columns),
            "connector": connector(system, table),
            "files": table.files,
            "cadence": table.cadence,
            "deadline": table.deadline,
            "natural key": ", ".join(table.key),
        },
    )


def connector(system: System, table: Contract) -> str:
    """Where the rows come from: the name of the connection, whose URL and credentials are not for showing."""
    where = f" {system.connection}" if system.connection else ""
    return f"{system.connector}{where}{f', {table.relation}' if table.is_fetched and table.relation else ''}"


def contract_checks(table: Contract) -> list[dg.AssetCheckSpec]:
    key = asset_key(f"raw_{table.label}")
    return [
        dg.AssetCheckSpec(
            ARRIVES, asset=key, description=f"Each {table.cadence} delivery is there by {table.deadline}."
        ),
        dg.AssetCheckSpec(
            KEEPS,
            asset=key,
            description=f"At most {table.max_reject_share:.2%} of a delivery's rows break the contract.",
        ),
        dg.AssetCheckSpec(
            EXPECTED, asset=key, description="The Great Expectations suite of the contract holds on the rows delivered."
        ),
    ]


def table_spec(table: Table, group: str) -> dg.AssetSpec:
    header = table.header
    types, meanings = header.types(), header.meanings()
    columns = [dg.TableColumn(name, types[name], description=meanings[name]) for name in header.columns]
    return dg.AssetSpec(
        asset_key(table.name),
        deps=[asset_key(source) for source in sorted(table.sources) if not source.startswith("ops.")],
        description=header.description,
        group_name=group,
        kinds={"duckdb", "sql"},
        tags={"refresh": header.refresh, "public": str(header.public).lower()},
        metadata={
            "dagster/column_schema": dg.TableSchema(columns),
            "dagster/table_name": table.name,
            "grain": ", ".join(header.grain),
            "file": dg.MetadataValue.path(table.path),
        },
    )


def table_checks(table: Table) -> list[dg.AssetCheckSpec]:
    """The promises of a header; those of the grain are one check, a view makes none."""
    if table.header.refresh == "view":
        return []
    grain = f"one row per {', '.join(table.header.grain)}"
    promises = [grain, *table.header.checks, *table.header.watch]
    return [dg.AssetCheckSpec(check_name(text), asset=asset_key(table.name), description=text) for text in promises]


def check_name(promise: str) -> str:
    """A promise in the letters that Dagster allows, its operators as words; a long one ends in a digest of itself."""
    spelled = OPERATOR.sub(lambda found: f" {OPERATORS[found[0]]} ", promise)
    words = re.sub(r"\W+", "_", spelled).strip("_").lower()
    return words if len(words) <= 80 else f"{words[:71]}_{sha256(promise.encode()).hexdigest()[:8]}"


def built(context: dg.AssetExecutionContext, night: NightRun, tables: list[Table]) -> Iterator[dg.MaterializeResult]:
    """Build the selected tables in order; raises Failure naming what broke, after telling Dagster what was built."""
    wanted = [table.name for table in tables if asset_key(table.name) in context.selected_asset_keys]
    runs, failures = night.build(wanted)
    lineage = night.lineage(wanted)
    for run in runs:
        yield dg.MaterializeResult(
            asset_key=asset_key(run.table),
            metadata=run_metadata(run, lineage.get(run.table, {})),
            check_results=run_checks(run, night.tables[run.table]),
        )
    if failures:
        raise dg.Failure("\n".join(failure.message for failure in failures), allow_retries=False)


def run_metadata(run: Any, lineage: Mapping[str, list[tuple[str, str]]]) -> dict[str, Any]:
    deps = {
        column: [dg.TableColumnDep(asset_key=asset_key(name), column_name=origin) for name, origin in origins]
        for column, origins in lineage.items()
    }
    return {
        "dagster/row_count": run.rows,
        "dagster/column_lineage": dg.TableColumnLineage(deps),
        "inserted": run.inserted,
        "deleted": run.deleted,
        "seconds": round(run.seconds, 3),
        "content hash": run.content_hash,
    }


def run_checks(run: Any, table: Table) -> list[dg.AssetCheckResult]:
    """Every promise that has a check; a grain column that is null breaks the promise of the grain."""
    expected = {spec.name for spec in table_checks(table)}
    return [
        dg.AssetCheckResult(
            asset_key=asset_key(run.table),
            check_name=check_name(check.name),
            passed=check.passed,
            severity=dg.AssetCheckSeverity.ERROR if check.severity == "check" else dg.AssetCheckSeverity.WARN,
            metadata={"offenders": check.offenders, "sample": check.sample},
        )
        for check in {check.name: check for check in run.checks}.values()
        if check_name(check.name) in expected
    ]


def delivered(table: Contract, arrival: Mapping[str, Any], night: NightRun) -> dg.MaterializeResult:
    """What a run loaded of one source table, and whether it came in time and as promised."""
    key = asset_key(f"raw_{table.label}")
    missing, refused = night.missing(table), arrival.get("refused", [])
    return dg.MaterializeResult(
        asset_key=key,
        metadata={name: arrival.get(name, 0) for name in ("deliveries", "dagster/row_count", "rejected", "bytes")},
        check_results=[
            dg.AssetCheckResult(
                asset_key=key,
                check_name=ARRIVES,
                passed=not missing,
                severity=severity(table),
                metadata={"missing": [str(day) for day in missing]},
            ),
            dg.AssetCheckResult(
                asset_key=key,
                check_name=KEEPS,
                passed=not refused,
                severity=severity(table),
                metadata={"refused": refused},
            ),
            expected(table, night.audited(table), missing),
        ],
    )


def expected(table: Contract, audited: Sequence["Audited"], missing: Sequence[date]) -> dg.AssetCheckResult:
    """The results of a contract's suite. Without rows there are none, which is well if no delivery is missing."""
    results = [result for found in audited for result in found.results]
    broken = [result for result in results if not result.success]
    metadata: dict[str, Any] = {
        "expectations": len(results),
        "failed": [result.title for result in broken],
        "unexpected": {result.title: result.unexpected_count for result in results if result.unexpected_count},
    }
    if not results:
        metadata["note"] = "nothing delivered" + (", though it was due" if missing else "")
    return dg.AssetCheckResult(
        asset_key=asset_key(f"raw_{table.label}"),
        check_name=EXPECTED,
        passed=not broken and bool(results or not missing),
        severity=dg.AssetCheckSeverity.WARN,
        metadata=metadata,
    )


def severity(table: Contract) -> dg.AssetCheckSeverity:
    return dg.AssetCheckSeverity.ERROR if table.blocking else dg.AssetCheckSeverity.WARN
