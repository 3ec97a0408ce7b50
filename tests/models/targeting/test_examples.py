"""The audiences that documents and tests show are sound on the tables that the project declares."""

from pathlib import Path

import pytest
import yaml

from models.targeting.audience import Audience, Plan, compiled
from models.targeting.column import Catalogue
from pipelines.commands.audiences import audience_of, name_of, relation
from pipelines.engine.home import PROJECT
from pipelines.engine.table import load_tables

EXAMPLES = sorted((Path(__file__).parent / "audiences").glob("*.yaml"))
README = (PROJECT / "models" / "targeting" / "README.md").read_text()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue({name: relation(one, is_there=True) for name, one in load_tables().items()})


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_sound(path: Path, catalogue: Catalogue) -> None:
    assert compiled(name_of(path), audience_of(path), catalogue, path.name).steps


def test_the_audience_that_the_page_shows_is_sound(catalogue: Catalogue) -> None:
    shown = yaml.safe_load(README.split("```yaml\n")[1].split("```")[0])
    plan: Plan = compiled("shown", Audience.model_validate(shown), catalogue, "README.md")
    assert [len(plan.steps), plan.limit, len(plan.quotas)] == [5, 200, 1]


def test_every_table_of_lines_or_customers_can_be_named(catalogue: Catalogue) -> None:
    usable = [one for one in catalogue.relations.values() if one.key and not one.hidden]
    assert len(usable) > 40
    assert all(
        catalogue.find(f"{one.name}.{column}") for one in usable for column in one.usable if one.columns[column].kind
    )
