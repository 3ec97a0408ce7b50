"""A contract or a table's file that cannot be meant is told when the definitions are loaded, with its line."""

from pathlib import Path

import pytest
import yaml

from pipelines.engine.contract import load_contract
from pipelines.engine.declaration import DeclarationError
from pipelines.engine.table import HeaderError, in_order, make_table, read_table

GOOD = """\
type: pipelines.engine.SourceSystem
attributes:
  title: Notes
  owner: nobody
  tables:
    note:
      files: "note_{date}.csv"
      format: csv
      mode: append
      columns:
        "no": {type: bigint}
        text: {type: varchar}
"""
MISTAKES = [
    ("a name that YAML takes for a truth", '"no":', "no:", r"defs.yaml:10: .*columns: YAML reads a name here as False"),
    ("an unknown key", "mode:", "moode:", r"defs.yaml:9: unknown word 'moode' .*expected 'mode'"),
    ("an unknown key of a column", "{type: bigint}", "{type: bigint, uniqe: true}",
     r"defs.yaml:11: unknown word 'uniqe'"),
    ("no type", "{type: bigint}", "{required: true}",
     r"defs.yaml:11: 'type' is missing .*it has no default, declare it"),
    ("a type that is none", "bigint", "int128",
     r"defs.yaml:11: .*'int128' is no type of a contract; expected one of: varch"),
    ("SQL in a column's name", '        "no":', "        'no; drop table x':",
     r"defs.yaml:1[01]: .*'no; drop table x' is no name"),
    ("quotes in a table's name", "    note:", "    'no\"te':",
     r"defs.yaml:[56]: .*'no\"te' is no name; use a-z, 0-9 and _"),
    ("SQL in a vault domain", "{type: varchar}", "{type: varchar, key: 'a b'}", r"defs.yaml:12: .*'a b' is no name"),
    ("a table twice", "    note:", "    note: {}\n    note:", r"defs.yaml:7: 'note' is declared twice; keep one"),
    ("no YAML", "mode: append", "mode: [append", r"defs.yaml:\d+: not valid YAML"),
    ("a list for a mapping", "  tables:\n    note:", "  tables:\n  - note:", r"defs.yaml:\d+: "),
    ("no tables", GOOD[GOOD.index("    note:") :], "    {}\n", r"defs.yaml:5: .*tables"),
    ("a file name without a day", "note_{date}.csv", "note.csv",
     r"defs.yaml:\d+: .*'note.csv' has no {date}, which a delivery"),
    ("an encoding that is none", "format: csv", "format: csv\n      encoding: latin-77",
     r"defs.yaml:9: .*'latin-77' is no encoding"),
    ("an encoding that is no text", "format: csv", "format: csv\n      encoding: base64",
     r"defs.yaml:9: .*'base64' is no encoding"),
    ("an encoding without line ends", "format: csv", "format: csv\n      encoding: cp037",
     r"defs.yaml:9: .*'cp037' is no encoding"),
    ("a delimiter of five characters", "format: csv", "format: csv\n      delimiter: '-----'",
     r"defs.yaml:9: .*delimiter"),
    ("a limit beyond all rows", "format: csv", "format: csv\n      max_reject_share: 2",
     r"defs.yaml:9: .*max_reject_share"),
    ("a cyclic anchor", "  owner: nobody", "  owner: &a [*a]", r"defs.yaml:1: an anchor holds itself"),
    ("a tag that would run code", "nobody", "!!python/object/apply:os.system [reboot]",
     r"defs.yaml:4: not valid YAML: could not"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("found", "written", "message"), [one[1:] for one in MISTAKES], ids=[one[0] for one in MISTAKES]
)
def test_74_a_contract_that_cannot_be_meant_stops_with_its_line(
    tmp_path: Path, found: str, written: str, message: str
) -> None:
    path = tmp_path / "notes" / "defs.yaml"
    path.parent.mkdir()
    path.write_text(GOOD)
    load_contract(path)

    assert found in GOOD
    path.write_text(GOOD.replace(found, written, 1))
    with pytest.raises(DeclarationError, match=message):
        load_contract(path)


def test_74_a_folder_whose_name_is_no_name_stops(tmp_path: Path) -> None:
    path = tmp_path / "no'te; drop table x" / "defs.yaml"
    path.parent.mkdir()
    path.write_text(GOOD)
    with pytest.raises(DeclarationError, match="names the system; use lower-case letters, digits and _"):
        load_contract(path)


HEADER = {"description": "Numbers.", "grain": ["no"], "columns": {"no": "bigint - Number."}}


def test_74_tables_that_read_each_other_stop() -> None:
    a = make_table("core.a", HEADER, "select no from core.b", Path("pipelines/core/a.sql"))
    b = make_table("core.b", HEADER, "select no from core.a", Path("pipelines/core/b.sql"))
    with pytest.raises(HeaderError, match=r"tables read each other in a circle: core\.. -> core\.. -> core\.."):
        in_order([a, b])


@pytest.mark.parametrize(
    ("header", "sql", "message"),
    [
        (HEADER | {"chekcs": []}, "select 1 as no", r"a.sql: header: chekcs: .*known keys are description, grain"),
        (HEADER | {"grain": ["on"]}, "select 1 as no",
        r"a.sql: grain, partition or scope name \['on'\], which are not among"),
        (HEADER | {"nullable": ["on"]}, "select 1 as no",
        r"a.sql: nullable names \['on'\], which are not in the grain"),
        (HEADER | {"columns": {"no": "bigint"}}, "select 1 as no",
        r"a.sql: column no says 'bigint'; expected 'type - meaning'"),
        (HEADER, "select 1 as no; drop table x", r"a.sql: .*exactly one SELECT is expected"),
        (HEADER, "delete from core.b", r"a.sql: .*exactly one SELECT is expected"),
    ],
)  # fmt: skip
def test_74_a_table_that_cannot_be_meant_stops(
    tmp_path: Path, header: dict[str, object], sql: str, message: str
) -> None:
    path = tmp_path / "a.sql"
    path.write_text(f"/*\n{yaml.safe_dump(header)}*/\n{sql}\n")
    with pytest.raises(HeaderError, match=message):
        table = read_table(path, "core.a")
        assert table.query
        assert table.sources
