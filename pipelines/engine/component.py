"""The `SourceSystem` component: a folder with a contract and its SQL files becomes the assets of one source system."""

from pathlib import Path
from typing import Any, Self

import dagster as dg
from pydantic import BaseModel

from pipelines.engine.assets import source_assets
from pipelines.engine.contract import System, load_contract
from pipelines.engine.table import Table, read_table

CONTRACT = """\
type: pipelines.engine.SourceSystem
attributes:
  title: {title}                    # what people call the system
  owner: unknown                    # the team to ask when a delivery is missing
  optional: true                    # a missing optional system blocks nothing
  manifest: none                    # required: a delivery counts when its manifest has come
  tables:
    record:
      description: One row per record that the system delivers.
      files: "record_{{date}}.csv"    # {{date}} is YYYYMMDD; also {{part}} and {{redo}}
      format: csv                   # csv, fixed, jsonl, json, parquet, excel or sqlite
      mode: append                  # append, delta or snapshot
      key: [record_no]
      event_time: recorded_at
      columns:
        record_no: {{type: bigint, required: true}}
        recorded_at: {{type: timestamp, required: true}}
"""

STAGED = """\
/*
description: Records as the system delivers them.
grain: [delivery_id, row_no]
refresh: delivery
partition: recorded_on
columns:
  record_no: bigint - Number of the record, as given by the system.
  recorded_at: timestamp - When it was recorded, in UTC.
  recorded_on: date - Business day of the record, in the operator's time zone.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in the delivered file, from 1.
  known_on: date - First business day whose night knew the row.
  superseded_on: date - Business day from which a newer delivery replaces the row; null while it counts.
*/
select
    record_no,
    recorded_at,
    event_day as recorded_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_{name}.record
"""


class SourceSystemScaffolder(dg.Scaffolder):
    """What `dg scaffold defs pipelines.engine.SourceSystem NAME` writes: the smallest system that loads."""

    def scaffold(self, request: dg.ScaffoldRequest) -> None:
        folder = request.target_path
        folder.mkdir(parents=True, exist_ok=True)
        title = folder.name.replace("_", " ").capitalize()
        (folder / "defs.yaml").write_text(CONTRACT.format(title=title), encoding="utf-8")
        (folder / "record.sql").write_text(STAGED.format(name=folder.name), encoding="utf-8")


@dg.scaffold_with(SourceSystemScaffolder)
class SourceSystem(dg.Component):
    """One source system: `defs.yaml` says what it delivers and promises, a SQL file per table renames and types."""

    def __init__(self, system: System, tables: list[Table]) -> None:
        self.system = system
        self.tables = tables

    @classmethod
    def get_model_cls(cls) -> type[BaseModel]:
        return System

    @classmethod
    def load(cls, attributes: Any, context: dg.ComponentLoadContext) -> Self:  # noqa: ARG003
        """The contract is read by the engine's own reader, whose messages name file, line and the word expected."""
        return cls.from_folder(context.path)

    @classmethod
    def from_folder(cls, folder: Path) -> Self:
        tables = [read_table(path, f"stg_{folder.name}.{path.stem}") for path in sorted(folder.glob("*.sql"))]
        return cls(load_contract(folder / "defs.yaml"), tables)

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:  # noqa: ARG002
        return self.defs()

    def defs(self) -> dg.Definitions:
        return dg.Definitions(assets=[source_assets(self.system, self.tables)])
