"""The limits that a module judges by: `marts/<module>/threshold.yaml` as the one-row table `mart_<module>.threshold`.

Those of a model, `models/<model>/threshold.yaml`, are `<model>.threshold`.
A query takes them with `cross join mart_<module>.threshold as threshold`; analysts read them beside what they decide.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from pipelines.engine.contract import Identifier, sql_text
from pipelines.engine.declaration import Declaration, read_declaration


class Threshold(Declaration):
    """One limit: its value, the SQL type that it has in the table, and its meaning, unit included."""

    value: int | float | str
    type: str
    meaning: str


class Thresholds(Declaration):
    """The file as a whole."""

    thresholds: dict[Identifier, Threshold] = Field(min_length=1)


def threshold_tables(root: Path) -> Iterator[tuple[str, dict[str, Any], str, Path]]:
    """Name, header, query and file of each module's table. Raises DeclarationError."""
    for path in sorted([*root.glob("marts/*/threshold.yaml"), *root.glob("models/*/threshold.yaml")]):
        schema = f"mart_{path.parent.name}" if path.parts[-3] == "marts" else path.parent.name
        module, found = path.parent.name, read_declaration(path, Thresholds).thresholds
        header = {
            "description": f"What the module {module} judges by; one row.",
            "grain": ["module"],
            "columns": {"module": "varchar - Module."}
            | {name: f"{limit.type} - {limit.meaning}" for name, limit in found.items()},
            "public": True,
        }
        values = [f"{sql_text(module)} as module"]
        values += [f"cast({sql_text(str(limit.value))} as {limit.type}) as {name}" for name, limit in found.items()]
        yield f"{schema}.threshold", header, "select\n    " + ",\n    ".join(values), path
