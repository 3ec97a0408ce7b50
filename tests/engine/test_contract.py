"""A contract is read whole or refused with file, line, the word found and the word expected."""

from pathlib import Path

import pytest

from pipelines.engine.contract import Table, load_contract, load_contracts
from pipelines.engine.declaration import DeclarationError

CONTRACT = """\
type: pipelines.engine.SourceSystem
attributes:
  title: Voice mediation
  owner: network-it
  tables:
    cdr:
      files: "cdr_{date}_{part}.r{redo}.csv.gz"
      format: csv
      compression: gzip
      mode: append
      key: [call_ref]
      event_time: start_at
      columns:
        call_ref: {type: bigint, required: true}
        served_msisdn: {type: varchar, key: msisdn, pattern: "^[0-9]{5,15}$"}
        imei: {type: varchar, key: imei}
        start_at: {type: timestamp, format: "%Y%m%d%H%M%S"}
        charge_amt: {type: "decimal(18, 6)"}
      derive:
        tac: {type: varchar, sql: "substr(imei, 1, 8)"}
"""


def written(folder: Path, text: str = CONTRACT) -> Path:
    path = folder / "mediation" / "defs.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def cdr(folder: Path) -> Table:
    return load_contract(written(folder)).tables["cdr"]


def test_lake_columns_hold_keys_instead_of_personal_values_and_end_with_the_lineage(tmp_path: Path) -> None:
    assert cdr(tmp_path).lake_columns == {
        "call_ref": "BIGINT",
        "served_msisdn_key": "BIGINT",
        "imei_key": "BIGINT",
        "start_at": "TIMESTAMP",
        "charge_amt": "DECIMAL(18,6)",
        "tac": "VARCHAR",
        "event_day": "DATE",
        "_extra": "VARCHAR",
        "delivery_id": "INTEGER",
        "file_no": "SMALLINT",
        "row_no": "INTEGER",
    }


def test_tables_know_their_name_and_system(tmp_path: Path) -> None:
    written(tmp_path)
    assert load_contracts(tmp_path)["mediation"].tables["cdr"].label == "mediation.cdr"


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("cdr_20260105_13.r0.csv.gz", {"date": "20260105", "part": "13", "redo": "0"}),
        ("cdr_20260105.r2.csv.gz", {"date": "20260105", "redo": "2"}),
        ("cdr_20260105_13.r0.csv", None),
        ("xcdr_20260105_13.r0.csv.gz", None),
        ("cdr_20260105_13.r0.csv.gz\n", None),
    ],
)
def test_file_names_are_matched_whole(tmp_path: Path, name: str, groups: dict[str, str] | None) -> None:
    assert cdr(tmp_path).match(name) == groups


@pytest.mark.parametrize(
    ("found", "mistake", "message"),
    [
        ("event_time:", "event_tyme:", r"defs.yaml:12: unknown word 'event_tyme' .*expected 'event_time'"),
        ("required: true", "requierd: true", r"defs.yaml:14: unknown word 'requierd' .*expected 'required'"),
        ("mode: append", "mode: apend", r"defs.yaml:10: .*mode is 'apend'; expected 'append'"),
        ("format: csv", "format: xml", r"defs.yaml:8: .*format is 'xml'; expected one of: csv, fixed"),
        ("  mode: append\n", "  \n", r"defs.yaml:6: 'mode' is missing"),
        ("{type: bigint, r", "{type: bigit, r", r"defs.yaml:14: .*'bigit' is no type of a contract"),
        ("event_time: start_at", "event_time: begun_at", r"defs.yaml:6: .*event_time: 'begun_at' is no column"),
        ("{5,15}$", "{5,15}$(", r"defs.yaml:15: .*no regular expression"),
        ("        imei:", "        im ei:", r"'im ei' is no name"),
        ("substr(imei, 1, 8)", "substr(imie, 1, 8)", r"derive.tac: 'imie' is no column"),
        ("substr(imei, 1, 8)", "(select 1)", r"derive.tac: a subquery is not allowed"),
        ("substr(imei, 1, 8)", "1; drop table x", r"derive.tac: not SQL|expected one expression"),
        ("{date}_{part}", "{day}_{part}", r"'\{day\}' is unknown; expected \{date\}"),
        ("key: [call_ref]", "key: [call_ref]\n      key: []", r"defs.yaml:12: 'key' is declared twice"),
        ("mode: append", "mode: [append", r"defs.yaml:\d+: not valid YAML"),
        ("compression: gzip", "encoding: klingon", r"'klingon' is no encoding"),
    ],
)
def test_a_mistake_is_told_with_line_and_expected_word(tmp_path: Path, found: str, mistake: str, message: str) -> None:
    assert found in CONTRACT
    with pytest.raises(DeclarationError, match=message):
        load_contract(written(tmp_path, CONTRACT.replace(found, mistake, 1)))


def test_the_hash_changes_with_the_rules_and_only_then(tmp_path: Path) -> None:
    before = cdr(tmp_path).hash
    assert cdr(tmp_path).hash == before
    written(tmp_path, CONTRACT.replace("[0-9]{5,15}", "[0-9]{11}"))
    assert load_contract(tmp_path / "mediation" / "defs.yaml").tables["cdr"].hash != before
