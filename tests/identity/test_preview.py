"""Other weights are shown with what they would change, and change nothing."""

import hashlib
import json
from pathlib import Path

from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.engine.home import Home

WEIGHTS = Path("pipelines/core/identity_weight.sql")


def preview(home: Home, *options: str) -> str:
    done = CliRunner().invoke(app, ["identity", "preview", "--home", str(home.root), *options])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_rules_in_force_change_nothing(resolved: Home) -> None:
    assert "0 parties come together, 0 part" in preview(resolved)


def test_a_stricter_bound_shows_who_parts_with_masked_names_and_reasons(resolved: Home, tmp_path: Path) -> None:
    before = hashlib.sha256(resolved.warehouse.read_bytes()).hexdigest()
    strict = tmp_path / "strict.sql"
    strict.write_text(WEIGHTS.read_text().replace("'one person', null, null, 6.0000", "'one person', null, null, 99"))
    told = json.loads(preview(resolved, "--weights", str(strict), "--json"))

    assert (told["merges"], told["splits"] > 10) == (0, True)
    assert told["parties_then"] > told["parties_now"]
    for change in told["examples"]:
        assert len(change["records"]) > 1
        assert all(set(name[1:]) == {"*"} for name in change["names"]), "a name is masked"
        assert any(reason.startswith("weights (") for reason in change["reasons"])
    assert hashlib.sha256(resolved.warehouse.read_bytes()).hexdigest() == before


def test_a_rule_is_tried_by_a_changed_file_of_its_table(resolved: Home, tmp_path: Path) -> None:
    looser = tmp_path / "junk_document.sql"
    looser.write_text(Path("pipelines/core/junk_document.sql").read_text().replace("place = 3", "place = 2"))

    assert "part\n  split" in preview(resolved, "--rules", str(looser))


def test_a_file_of_another_table_is_refused(resolved: Home, tmp_path: Path) -> None:
    strange = tmp_path / "dim_plan.sql"
    strange.write_text("select 1")
    done = CliRunner().invoke(app, ["identity", "preview", "--home", str(resolved.root), "--rules", str(strange)])

    assert done.exit_code == 2
    assert "core.dim_plan: no part of identity resolution" in done.stderr
