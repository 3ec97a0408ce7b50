"""A new source begins with a folder that loads as it is."""

from pathlib import Path

import dagster as dg
import pytest
from dagster.components.scaffold.scaffold import NoParams

import pipelines.engine
from pipelines.engine.component import SourceSystem, SourceSystemScaffolder
from pipelines.engine.declaration import DeclarationError
from pipelines.engine.resource import NightRun


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What `dg scaffold defs pipelines.engine.SourceSystem roaming` writes."""
    target = tmp_path / "roaming"
    request = dg.ScaffoldRequest("pipelines.engine.SourceSystem", target, "yaml", tmp_path, NoParams())
    SourceSystemScaffolder().scaffold(request)
    return target


def test_what_is_scaffolded_loads_as_a_delivered_and_a_staged_table(folder: Path) -> None:
    defs = dg.Definitions.merge(
        SourceSystem.from_folder(folder).defs(), dg.Definitions(resources={"night": NightRun()})
    )
    deps = {spec.key.to_user_string(): [dep.asset_key.to_user_string() for dep in spec.deps] for spec in
            defs.resolve_all_asset_specs()}  # fmt: skip

    assert deps == {"raw_roaming/record": [], "stg_roaming/record": ["raw_roaming/record"]}


def test_a_word_that_is_not_known_is_told_with_file_line_and_the_word_expected(folder: Path) -> None:
    contract = folder / "defs.yaml"
    contract.write_text(contract.read_text().replace("event_time:", "event_tmie:"))

    with pytest.raises(DeclarationError, match=r"defs\.yaml:14: unknown word 'event_tmie' .* expected 'event_time'"):
        SourceSystem.from_folder(folder)


def test_the_component_is_found_under_the_name_that_contracts_use() -> None:
    assert pipelines.engine.SourceSystem is SourceSystem
    assert "SourceSystem" in dir(pipelines.engine)
