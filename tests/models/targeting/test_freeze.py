"""From a file to a frozen list: counted, frozen once, delivered as the desk's, left out of other lists."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.csv as pc
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.engine.contract import load_contracts
from pipelines.engine.home import Home
from pipelines.engine.table import load_tables
from pipelines.onboarding.check import check
from pipelines.privacy import register

AS_OF = date(2026, 3, 31)
LINES = 200
YOUNG = """title: Prepaid lines of the first year
owner: marketing
offer: BUN-DATA10G
where:
  all:
    - {column: core.subscriber_day.pay_type, is: prepaid}
    - {column: core.subscriber_day.tenure_months, below: 12}
control: {share: 0.2, seed: 7}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A published run: of 200 lines, every second is prepaid, tenure is 1 to 20; 10 said no, 5 complain."""
    monkeypatch.setenv("BASSLINE_SECRETS", str(tmp_path / "none.yaml"))
    home = Home(tmp_path / "home").prepared()
    run = home.published / "run"
    run.mkdir()
    (home.published / "current").symlink_to("run")
    with duckdb.connect(run / "bassline.duckdb") as db:
        db.execute(f"create table as_of as select date '{AS_OF}' as as_of, 'run' as run_id")
        publish(
            db,
            "core.subscriber_day",
            f"""select date '{AS_OF}' as day, i as subscription_key,
            case when i % 2 = 0 then 'prepaid' else 'postpaid' end as pay_type, i % 20 + 1 as tenure_months
            from lines""",
        )
        publish(
            db,
            "targeting.contact_fact",
            """select i as subscription_key, i as party_key, i > 10 as has_consent,
            false as is_blacklisted, (i % 40 = 2)::integer as open_complaints, 0 as active_campaigns from lines""",
        )
        publish(db, "mart_campaign.contact_pressure", "select i as subscription_key from lines where false")
        publish(db, "targeting.list", "select 'none' as list_id from lines where false")
    return home


def publish(db: duckdb.DuckDBPyConnection, name: str, rows: str) -> None:
    schema, short = name.split(".")
    columns = ", ".join(f"{column} {kind}" for column, kind in load_tables()[name].header.types().items())
    db.execute(f"create schema if not exists {schema}; create table rows_{short} ({columns})")
    db.execute(f"insert into rows_{short} by name with lines as (from range(1, {LINES + 1}) as lines(i)) {rows}")
    db.execute(f"create view {name} as from rows_{short}")


@pytest.fixture
def young(tmp_path: Path) -> Path:
    path = tmp_path / "young.yaml"
    path.write_text(YOUNG)
    return path


def bassline(home: Home, *words: object) -> Any:
    return CliRunner().invoke(app, ["targeting", *map(str, words), "--home", str(home.root)])


def told(home: Home, *words: object) -> Any:
    found = bassline(home, *words, "--json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def members(home: Home, redo: int = 0) -> list[dict[str, Any]]:
    return pc.read_csv(home.landing / "desk" / f"target_list_member_20260401.r{redo}.csv").to_pylist()


def test_counting_says_what_each_condition_and_each_reason_leaves_and_writes_nothing(home: Home, young: Path) -> None:
    (found,) = told(home, "count", young)

    assert found["population"] == LINES
    assert [(one["alone"], one["remaining"]) for one in found["steps"]] == [(100, 100), (110, 60)]
    reasons = {one["rule"]: (one["holds"], one["left_out"]) for one in found["policy"]}
    # Prepaid are the even keys, and of these 6 in 10 are young. 2 to 10 said no; 2, 42, 82, 122 and 162 complain.
    assert reasons == {
        "opted_out": (5, 5), "blacklisted": (0, 0), "complaint_open": (5, 4), "contacted_often": (0, 0),
        "other_campaign": (0, 0),
    }  # fmt: skip
    assert (found["contactable"], found["lines"], found["controls"]) == (51, 51, 10)
    assert not (home.root / "lists").exists()
    assert "on the list" in bassline(home, "count", young).output


def test_without_a_file_all_audiences_of_the_home_are_counted(home: Home, young: Path) -> None:
    assert "holds no audience" in bassline(home, "count").output
    (home.root / "audiences").mkdir()
    for name in ("young", "other"):
        (home.root / "audiences" / f"{name}.yaml").write_text(YOUNG)
    assert [one["audience"] for one in told(home, "count")] == ["other", "young"]


def test_for_another_purpose_consent_is_not_asked(home: Home, young: Path) -> None:
    (found,) = told(home, "count", young, "--purpose", "service")
    assert found["contactable"] == 55
    assert bassline(home, "count", young, "--purpose", "curiosity").exit_code == 2


def test_a_list_is_frozen_once_and_arrives_as_a_delivery_of_the_desk(home: Home, young: Path) -> None:
    words = ("run", young, "--purpose", "marketing", "--day", "2026-04-01")
    (first,), rows = told(home, *words), members(home)
    (again,) = told(home, *words)

    assert (first["list"], first["is_new"]) == ("young.0001", True)
    assert (again["list"], again["is_new"]) == ("young.0001", False)
    assert not list(home.landing.glob("desk/*.r1.csv"))
    assert len(rows) == first["lines"] == 51
    assert sum(row["is_control"] for row in rows) == 10
    assert [row["place"] for row in rows] == list(range(1, 52))
    assert {row["list_id"] for row in rows} == {"young.0001"}

    rehearsal = check(home, load_contracts()["desk"])
    assert [(one.table, one.accepted, one.quarantined, one.reason) for one in rehearsal.verdicts] == [
        ("desk.target_list", 1, 0, None), ("desk.target_list_member", 51, 0, None),
    ]  # fmt: skip
    assert rehearsal.is_clean
    (entry,) = register.entries(home)
    assert (entry["action"], entry["list"], entry["purpose"], entry["rows"]) == (
        "targeting-run",
        "young.0001",
        "marketing",
        51,
    )


def test_frozen_on_another_machine_the_list_is_the_same(home: Home, young: Path, tmp_path: Path) -> None:
    words = ("run", young, "--purpose", "marketing", "--day", "2026-04-01")
    told(home, *words)
    here = members(home)
    for path in (*home.landing.glob("desk/*"), *(home.root / "lists").glob("*")):
        path.unlink()
    told(home, *words)
    assert members(home) == here


def test_what_is_frozen_and_not_loaded_yet_is_left_out_of_other_lists_of_the_day(home: Home, young: Path) -> None:
    other = young.with_name("early.yaml")
    other.write_text(YOUNG.replace("below: 12", "below: 15"))
    first, second = told(home, "run", young, other, "--purpose", "marketing", "--day", "2026-04-01")

    assert next(one for one in second["policy"] if one["rule"] == "other_campaign")["left_out"] == first["lines"] == 51
    by_list: dict[str, set[int]] = {}
    for row in members(home, redo=1):  # the later delivery of the day holds the earlier one's list as well
        by_list.setdefault(row["list_id"], set()).add(row["subscription_key"])
    assert {name: len(keys) for name, keys in by_list.items()} == {"young.0001": 51, "early.0001": second["lines"]}
    assert not by_list["young.0001"] & by_list["early.0001"]
    assert [one["state"] for one in told(home, "ls")] == ["waits for a night"] * 2


def test_a_changed_declaration_is_a_new_version(home: Home, young: Path) -> None:
    words = ("run", young, "--purpose", "marketing", "--day", "2026-04-01")
    told(home, *words)
    young.write_text(YOUNG.replace("seed: 7", "seed: 8"))
    (found,) = told(home, *words)
    assert (found["list"], found["is_new"]) == ("young.0002", True)


def test_those_alike_a_frozen_list_are_none_of_it(home: Home, young: Path) -> None:
    told(home, "run", young, "--purpose", "marketing", "--day", "2026-04-01")
    seeds = {row["subscription_key"] for row in members(home)}
    alike = young.with_name("alike.yaml")
    alike.write_text(
        """title: Like the young ones
owner: marketing
where: {column: core.subscriber_day.tenure_months, at_least: 1}
like: {seeds: young.0001, features: [{column: core.subscriber_day.tenure_months}], number: 20}
control: {share: 0.1, seed: 7}
"""
    )
    told(home, "run", alike, "--purpose", "service", "--day", "2026-04-01")
    found = {row["subscription_key"] for row in members(home, redo=1) if row["list_id"] == "alike.0001"}

    assert len(found) == 20
    assert not found & seeds
    mean = sum(key % 20 + 1 for key in seeds) / len(seeds)
    assert all(abs(key % 20 + 1 - mean) < 4 for key in found)


def test_what_is_refused_is_told_with_file_and_key_and_nothing_is_frozen(home: Home, young: Path) -> None:
    young.write_text(YOUNG.replace("tenure_months", "tenur_months"))
    found = bassline(home, "run", young, "--purpose", "marketing")

    assert found.exit_code == 2
    assert f"{young}: where.all[1].column: found 'core.subscriber_day.tenur_months'" in found.output
    assert "nearest is 'tenure_months'" in found.output
    assert not (home.landing / "desk").exists()


def test_columns_that_stand_for_somebody_and_tables_that_are_not_public_are_refused(home: Home, young: Path) -> None:
    for column, reason in (
        ("core.subscriber_day.msisdn_key", "stands for a person, a number or an account"),
        ("core.dim_party.birth_year", "core.dim_party is not public"),
        ("mart_usage.subscriber_month.data_gb", "is not published yet; the next night publishes it"),
    ):
        young.write_text(YOUNG.replace("core.subscriber_day.tenure_months", column))
        found = bassline(home, "count", young)
        assert (found.exit_code, reason in found.output) == (2, True), found.output


def test_a_wide_table_of_ones_own_is_counted_by_its_own_columns(tmp_path: Path, home: Home) -> None:
    wide = tmp_path / "wide.parquet"
    duckdb.execute(
        f"""copy (select i as line_id, i % 7 as age, case when i % 5 = 0 then null else 'v' || i % 3 end as plan,
        (i / 100)::decimal(9,2) as amt, date '2026-01-01' + (i % 30)::integer as since, i / 3.0 as rate,
        i % 2 = 0 as is_on from range(1, 1001) as lines(i)) to '{wide}' (format parquet, row_group_size 128)"""
    )
    path = tmp_path / "own.yaml"
    path.write_text(
        """title: Own columns
owner: me
where:
  any:
    - all: [{column: age, between: [2, 4]}, {column: plan, in: [v0, v2]}, {column: amt, at_least: 2.505}]
    - all: [{not: {column: plan, is: v1}}, {column: since, above: 2026-01-20}, {column: is_on, is: true}]
    - {column: rate, above: 320.5}
control: {share: 0.1, seed: 1}
"""
    )
    (found,) = told(home, "count", path, "--table", wide, "--id", "line_id")
    where = """(age between 2 and 4 and plan in ('v0', 'v2') and amt >= 2.505)
        or (not plan = 'v1' and since > date '2026-01-20' and is_on) or rate > 320.5"""
    (expected,) = duckdb.execute(f"select count(*) from '{wide}' where {where}").fetchall()[0]

    assert found["population"] == 1000
    assert found["lines"] == found["contactable"] == expected > 100
    refused = bassline(home, "count", path, "--table", wide, "--id", "plan")
    assert (refused.exit_code, "no column of integers 'plan'" in refused.output) == (2, True)


def test_many_audiences_are_counted_together_as_each_alone(home: Home, young: Path) -> None:
    files = []
    for number in range(12):
        path = young.with_name(f"a{number}.yaml")
        path.write_text(YOUNG.replace("below: 12", f"below: {number + 3}"))
        files.append(path)
    together = told(home, "count", *files)

    assert [one["lines"] for one in together] == [told(home, "count", path)[0]["lines"] for path in files]
    assert len({one["lines"] for one in together}) > 5
