"""The whole graph on one screen: sources, layers, the published file, the nightly job, its schedule and its sensors."""

from datetime import timedelta
from itertools import groupby

import dagster as dg

from pipelines.engine.assets import layer_assets, published_asset
from pipelines.engine.component import SourceSystem
from pipelines.engine.contract import SOURCES
from pipelines.engine.home import operator
from pipelines.engine.iomanager import NothingPasses
from pipelines.engine.resource import NightRun
from pipelines.engine.sensors import tell_failure, tell_success
from pipelines.engine.table import load_tables
from pipelines.engine.upkeep import dagster_history, data_docs

tables = load_tables().values()
by_schema = {
    schema: list(found) for schema, found in groupby(sorted(tables, key=lambda table: table.schema), lambda t: t.schema)
}
layers = [layer_assets(schema, found) for schema, found in by_schema.items() if not schema.startswith("stg_")]

nightly = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all(),
    description="Close the open business days: load what is pending, build every table, examine, publish.",
    executor_def=dg.in_process_executor,
    tags={"dagster/max_runtime": str(6 * 3600), "dagster/retry_strategy": "ALL_STEPS"},
)


@dg.schedule(
    job=nightly,
    cron_schedule=f"{int(operator().night_at[3:])} {int(operator().night_at[:2])} * * *",
    execution_timezone=operator().time_zone,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every night: all business days still open, up to yesterday.",
)
def every_night(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    yesterday = context.scheduled_execution_time.astimezone(operator().zone).date() - timedelta(days=1)
    config = {"resources": {"night": {"config": {"to_day": str(yesterday)}}}}
    return dg.RunRequest(run_key=str(yesterday), run_config=config, tags={"business_day": str(yesterday)})


# The folders are read directly: Dagster's own loader (dg.load_from_defs_folder) parses every contract twice in pure
# Python, which would double the time that each of its processes takes to load this module.
@dg.definitions
def defs() -> dg.Definitions:
    return dg.Definitions.merge(
        *(SourceSystem.from_folder(path.parent).defs() for path in sorted(SOURCES.glob("*/defs.yaml"))),
        dg.Definitions(
            assets=[*layers, published_asset(tables), data_docs, dagster_history],
            jobs=[nightly],
            schedules=[every_night],
            sensors=[tell_failure, tell_success],
            resources={"night": NightRun(), "io_manager": NothingPasses()},
        ),
    )
