"""A file is looked at, the folder that is proposed loads as it is, and the same file is then ingested row by row."""

import os
import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.engine.contract import System, load_contracts
from pipelines.engine.home import Home
from pipelines.engine.ingest import ingest
from pipelines.engine.raw import raw_columns
from pipelines.engine.table import read_table
from pipelines.onboarding.propose import propose
from pipelines.onboarding.sample import NotUnderstood
from tests.public_data import public

LATER = date(2026, 12, 1)
DELIVERED = (  # a delivery of each format, and what is hard about it
    "crm/party_20260129.r0.csv",  # GB18030, |
    "mediation/cdr_20260202_00.r0.csv.gz",  # gzip, trailer with a control sum
    "charging/data_record_20260202_00.r0.parquet",
    "payments/recharge_20260202.r0.jsonl",
    "care/ticket_20260129.r0.jsonl",  # a list in each row
    "catalogue/plan_20260129.r0.json",
    "channel/channel_20260129.r0.sqlite",  # three tables in one file
    "enterprise/enterprise_20260201.r0.xlsx",  # three sheets
    "provisioning/subscription_20260129.r0.csv",
    "network/cell_20260129.r0.parquet",
)
REAL = {  # file and rows
    "copenhagen_cns/calls.csv": 3_600,
    "copenhagen_cns/sms.csv": 24_333,
    "ibm_telco/Telco-Customer-Churn.csv": 7_043,
    "mlc_churn/mlc_churn.csv": 5_000,
    "ref_country/country-codes.csv": 249,
    "ref_mccmnc/mcc-mnc-table.csv": 2_599,
}


def onboard(file: Path, system: str, root: Path) -> System:
    """The system that is proposed for a file, its contract and its staging queries accepted by the engine."""
    folder = root / "sources" / system
    contract = propose(file, system).write(folder)
    with duckdb.connect() as connection:
        connection.execute(f"create schema raw_{system}")
        for table in contract.tables.values():
            columns = ", ".join(f'"{name}" {kind}' for name, kind in raw_columns(table).items())
            connection.execute(f"create table raw_{table.label} ({columns})")
            staged = read_table(folder / f"{table.name}.sql", f"stg_{table.label}")
            returned = connection.execute(f"describe {staged.sql}").fetchall()
            assert [row[0] for row in returned] == list(staged.header.columns)
    return contract


def delivered(file: Path, contract: System, root: Path) -> Home:
    """A home in which the same file has landed, with the manifests that lie beside it."""
    home = Home(root / "home").prepared()
    landing = home.landing / contract.name
    landing.mkdir()
    written = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
    stamp = re.search(r"\d{8}", file.name)
    beside = file.parent.glob(f"*{stamp[0]}*.manifest.json") if stamp else ()
    for path in (file, *beside):
        shutil.copyfile(path, landing / path.name)
        os.utime(landing / path.name, (written, written))
    return home


@pytest.mark.parametrize("name", DELIVERED)
def test_a_proposal_loads_every_row_of_the_file_it_was_made_from(name: str, landed: Path, tmp_path: Path) -> None:
    file = landed / name
    contract = onboard(file, file.parent.name, tmp_path)
    home = delivered(file, contract, tmp_path)
    report = ingest(home, {contract.name: contract}, as_of=LATER, not_before=LATER, run_id="run")

    assert {outcome.table for outcome in report.loaded} == contract.tables.keys()
    assert {outcome.rejected for outcome in report.outcomes} == {0}
    assert sum(outcome.rows for outcome in report.loaded) > 0


@pytest.mark.parametrize("name", REAL)
def test_real_files_load_as_proposed(name: str, tmp_path: Path) -> None:
    file = public(name)
    contract = onboard(file, file.parent.name, tmp_path)
    home = delivered(file, contract, tmp_path)
    (outcome,) = ingest(home, {contract.name: contract}, as_of=LATER, not_before=LATER, run_id="run").outcomes

    assert (outcome.status, outcome.rows, outcome.rejected) == ("loaded", REAL[name], 0)


def test_types_and_personal_columns_agree_with_the_contracts_that_people_wrote(landed: Path) -> None:
    """Not all can: an amount of whole yuan does not tell that fen may come, a code of digits that it is one."""
    columns = same_type = same_key = 0
    for name in DELIVERED:
        file = landed / name
        by_hand = load_contracts()[file.parent.name]
        for look in propose(file, file.parent.name).looks:
            for column, words in by_hand.tables[look.sample.name].columns.items():
                columns += 1
                same_type += look.contract["columns"][column]["type"] == words.type
                same_key += look.contract["columns"][column].get("key") == words.key

    assert same_type / columns >= 0.95
    assert same_key == columns


def test_columns_of_fixed_width_are_left_to_people(landed: Path) -> None:
    with pytest.raises(NotUnderstood, match="every line has 94 characters"):
        propose(landed / "billing" / "bill_item_20260201.r0.txt", "billing")
