"""Lists of people and figures of groups leave only for a purpose, logged, without those who said no or are too few."""

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.engine.home import Home
from pipelines.privacy import register

LINES = (
    "select subscription_key, pay_type from core.subscriber_day where day = (select as_of from as_of) and is_in_network"
)
FIGURES = """select pay_type, count(distinct subscription_key) as people, sum(events) as events from core.subscriber_day
    where day = (select as_of from as_of) and {} group by pay_type order by pay_type"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "list.csv"


def run(home: Home, sql: str, to: Path, *, purpose: str = "service", **more: str) -> tuple[int, str]:
    words = [word for name, value in more.items() for word in (f"--{name}", value)]
    told = CliRunner().invoke(
        app, ["export-list", sql, "--purpose", purpose, "--to", str(to), "--home", str(home.root), *words]
    )
    return told.exit_code, told.output


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def warehouse(home: Home, sql: str) -> list[tuple]:
    with duckdb.connect(home.warehouse, read_only=True) as db:
        return db.execute(sql).fetchall()


def test_a_list_for_marketing_is_of_those_who_agreed(home: Home, file: Path) -> None:
    agreed = warehouse(
        home,
        """select line.subscription_key from core.dim_subscription as line
        inner join core.dim_party as party on line.party_key = party.party_key where party.has_consent""",
    )
    code, told = run(home, LINES, file, purpose="marketing")

    assert code == 0, told
    listed = {int(row["subscription_key"]) for row in rows(file)}
    assert listed
    assert listed <= {key for (key,) in agreed}
    (entry,) = register.entries(home)
    everybody = len(duckdb.connect(home.current.resolve(), read_only=True).execute(LINES).fetchall())
    assert (entry["action"], entry["purpose"], entry["rows"]) == ("export-list", "marketing", len(listed))
    assert entry["suppressed"] == everybody - len(listed) > 0
    assert len(entry["sql_sha256"]) == 64
    assert file.stat().st_mode & 0o077 == 0


def test_numbers_are_added_by_the_vault_where_the_purpose_allows_it(
    home: Home, file: Path, known: dict[str, dict[int, str]]
) -> None:
    assert run(home, LINES, file, detokenise="msisdn")[0] == 0
    held = dict(
        warehouse(home, "select subscription_key, msisdn_key from core.bridge_msisdn where valid_to > '9999-01-01'")
    )
    found = {int(row["subscription_key"]): row["msisdn"] for row in rows(file)}
    assert found == {key: known["msisdn"].get(held.get(key, 0), "") for key in found}
    assert register.entries(home)[-1]["detokenised"] == "msisdn"

    code, told = run(home, LINES, file.with_name("b.csv"), purpose="analysis", detokenise="msisdn")
    assert (code, "for analysis, msisdn may not be added" in told) == (2, True)


@pytest.mark.parametrize(
    ("sql", "purpose", "message"),
    [
        (LINES, "curiosity", "'curiosity' is no purpose; declared in purposes.yaml are marketing"),
        ("select pay_type from core.subscriber_day", "service", "an export is a list with the column subscription_key"),
        ("select pay_type, 100 as people from core.subscriber_day", "service", "an export is a list"),
        ("select pay_type, count(*) as people from core.subscriber_day group by all", "service", "an export is a list"),
        ("select * from read_csv('/etc/passwd')", "service", "read_csv() is not possible here"),
    ],
)
def test_what_may_not_leave_is_refused(home: Home, file: Path, sql: str, purpose: str, message: str) -> None:
    code, told = run(home, sql, file, purpose=purpose)

    assert code == 2
    assert message in told
    assert not file.exists()
    assert register.entries(home) == []


def test_small_groups_are_hidden_with_what_would_give_them_away(home: Home, file: Path) -> None:
    few = """select area_id, plan_id, count(distinct subscription_key) as people, count(*) as days
        from core.subscriber_day group by area_id, plan_id order by area_id, plan_id"""
    reader = duckdb.connect(home.current.resolve(), read_only=True)
    people = [size for _, _, size, _ in reader.execute(few).fetchall()]
    assert min(people) < 10 <= max(people)

    code, told = run(home, few, file)
    assert code == 0, told
    shown = [row for row in rows(file) if row["people"]]
    assert all(int(row["people"]) >= 10 for row in shown)
    assert len(rows(file)) - len(shown) == register.entries(home)[-1]["suppressed"] >= 2
    assert all(not row["days"] for row in rows(file) if not row["people"])


def test_two_exports_that_differ_by_a_few_people_are_refused(home: Home, file: Path) -> None:
    keys = sorted(row[0] for row in duckdb.connect(home.current.resolve(), read_only=True).execute(LINES).fetchall())
    without = f"{LINES} and subscription_key <> {keys[0]}"
    assert run(home, LINES, file)[0] == 0
    code, told = run(home, without, file.with_name("b.csv"))
    assert (code, "differs from export 1 for service by fewer than 10 people" in told) == (2, True)
    assert run(home, LINES, file.with_name("c.csv"))[0] == 0
    assert run(home, f"{LINES} and subscription_key > {keys[20]}", file.with_name("d.csv"))[0] == 0
    assert run(home, without, file.with_name("e.csv"), purpose="debt")[0] == 0

    assert run(home, FIGURES.format("is_in_network"), file.with_name("f.csv"))[0] == 0
    code, told = run(home, FIGURES.format(f"is_in_network and subscription_key <> {keys[0]}"), file.with_name("g.csv"))
    assert (code, "by fewer than 10 people" in told) == (2, True)


def test_cells_that_a_spreadsheet_would_run_are_texts(home: Home, file: Path) -> None:
    assert run(home, "select subscription_key, '=1+1' as \"@sum\" from core.subscriber_day limit 20", file)[0] == 0
    assert file.read_text().splitlines()[0] == "subscription_key,'@sum"
    assert file.read_text().splitlines()[1].endswith(",'=1+1")


def test_rejected_rows_are_shown_for_a_purpose_and_the_look_is_logged(home: Home) -> None:
    path = next(iter(sorted(home.quarantine.glob("*/*"))))
    words = ["quarantine", "show", str(int(path.stem)), "--home", str(home.root), "--purpose"]
    assert CliRunner().invoke(app, [*words, "curious"]).exit_code == 2
    told = CliRunner().invoke(app, [*words, "ticket 4711 of the shop"])

    assert told.exit_code == 0, told.output
    assert path.read_bytes()[:40] not in told.output.encode()
    assert [entry["purpose"] for entry in register.entries(home)] == ["ticket 4711 of the shop"]


def test_after_a_rotation_vault_and_quarantine_open_with_the_new_key_only(home: Home) -> None:
    told = CliRunner().invoke(app, ["vault", "rotate", "--home", str(home.root)])
    assert told.exit_code == 0, told.output
    keys = home.root / "keys.yaml"
    keys.write_text("".join(line for line in keys.read_text().splitlines(keepends=True) if "vault-1" not in line))

    path = next(iter(sorted(home.quarantine.glob("*/*"))))
    words = ["quarantine", "show", str(int(path.stem)), "--home", str(home.root), "--purpose", "look after rotation"]
    assert CliRunner().invoke(app, words).exit_code == 0
    shown = CliRunner().invoke(app, ["audit", "--home", str(home.root)])
    assert (shown.exit_code, "vault rotate" in shown.output) == (0, True)


@pytest.fixture(autouse=True)
def _no_other_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("BASSLINE_SECRETS", str(tmp_path / "none.yaml"))
    yield
