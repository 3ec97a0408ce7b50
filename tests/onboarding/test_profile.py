"""What is told of a file: encoding, delimiter, header, types, missing words, constants, and who must not be seen."""

import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.engine.contract import load_contract
from pipelines.onboarding.propose import Look, propose

TRADITIONAL = "編號;姓名;城市\n1;陳大文;臺北市\n2;林小玲;高雄市\n3;黃國華;臺中市\n4;張淑芬;新竹市\n"
SIMPLIFIED = "编号;姓名;城市\n1;陈大文;济南市\n2;林小玲;青岛市\n3;黄国华;烟台市\n4;张淑芬;潍坊市\n"
LATIN = "nr;ort;straße\n1;Köln;Große Straße 5\n2;Münster;Am Mühlweg 3\n3;Würzburg;Rößleinstr. 9\n"
WORDS = "id;word\n1;smörgås\n2;naïve\n3;übel\n"


def look(path: Path, content: bytes | str) -> Look:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (found,) = propose(path, "system").looks
    return found


def columns(found: Look) -> dict[str, Any]:
    return {name: words["type"] for name, words in found.contract["columns"].items()}


@pytest.mark.parametrize(
    ("text", "codec", "named"),
    [
        (SIMPLIFIED, "gb18030", "gb18030"), (TRADITIONAL, "big5", "big5"), (LATIN, "latin-1", "iso8859-1"),
        (LATIN + "4;Ort;10 € – Straße 1\n", "cp1252", "cp1252"), (LATIN, "utf-8", "utf-8"),
        (WORDS, "latin-1", "iso8859-1"),
        (LATIN, "utf-8-sig", "utf-8"), (LATIN, "utf-16", "utf-16"), (LATIN, "utf-16-le", "utf-16-le"),
        (SIMPLIFIED, "utf-16-be", "utf-16-be"),
    ],
)  # fmt: skip
def test_the_encoding_is_the_one_in_which_the_bytes_make_sense(
    text: str, codec: str, named: str, tmp_path: Path
) -> None:
    found = look(tmp_path / "f.csv", text.encode(codec))

    assert found.contract["encoding"] == named
    assert (found.contract["delimiter"], found.sample.rows) == (";", text.count("\n") - 1)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "||"])
def test_the_delimiter_is_the_one_that_cuts_every_line_alike(delimiter: str, tmp_path: Path) -> None:
    rows = (["no", "remark", "amount"], ["1", "a. b; c", "1.50"], ["2", "x", "2.25"], ["3", "y z", "3.75"])
    found = look(tmp_path / "f.txt", "".join(delimiter.join(row) + "\r\n" for row in rows))

    assert found.contract["delimiter"] == delimiter
    assert columns(found) == {"no": "bigint", "remark": "varchar", "amount": "decimal(18,2)"}


def test_quotes_hide_delimiters_and_line_ends(tmp_path: Path) -> None:
    found = look(tmp_path / "f.csv", 'no,text\n1,"a,b"\n2,"c\nd"\n3,e\n')

    assert (found.sample.rows, found.contract["delimiter"]) == (3, ",")


def test_without_a_header_columns_are_numbered(tmp_path: Path) -> None:
    found = look(tmp_path / "f.csv", "7,KS,2026-01-05\n8,OH,2026-01-06\n")

    assert found.contract["header"] is False
    assert columns(found) == {"column_1": "integer", "column_2": "varchar", "column_3": "date"}


def test_a_name_that_is_none_keeps_its_header_and_a_taken_one_gives_way(tmp_path: Path) -> None:
    found = look(tmp_path / "f.csv", "客户编号,customerID,Row No,select\na,x,1,p\nb,y,2,q\n")

    assert {name: words.get("header") for name, words in found.contract["columns"].items()} == {
        "column_1": "客户编号", "customer_id": "customerID", "row_no_given": "Row No", "select": None,
    }  # fmt: skip


def test_a_trailer_that_counts_the_rows_is_no_row(tmp_path: Path) -> None:
    found = look(tmp_path / "f.csv.gz", gzip.compress(b"no,secs\n1,10\n2,20\n#END rows=2 sum_secs=30 file=17\n"))

    assert found.sample.rows == 2
    assert found.contract["trailer"] == "#END rows={rows} sum_secs={secs} file={file_29}"
    assert (found.contract["compression"], found.contract["control_sums"]) == ("gzip", ["secs"])


def test_words_that_mean_nothing_are_missing_and_the_column_keeps_its_type(tmp_path: Path) -> None:
    found = look(tmp_path / "f.csv", "no,fee,land\n1,2.50,DE\n2,NA,NA\n3,-,FR\n4,unknown,CN\n5, ,NA\n6,NULL,\n")
    fee, land = found.contract["columns"]["fee"], found.contract["columns"]["land"]

    assert (fee["type"], sorted(fee["missing"])) == ("decimal(18,2)", [" ", "-", "NA", "NULL", "unknown"])
    assert "missing" not in land, "among codes of two letters NA is Namibia"


def test_suspicious_constants_are_named_with_their_counts(tmp_path: Path) -> None:
    rows = [
        (n, "2000-01-01" if n % 4 == 0 else f"2025-0{n % 9 + 1}-11", n if n % 5 else -1, n % 7 if n % 6 else 99)
        for n in range(1, 41)
    ]
    found = look(tmp_path / "f.csv", "no,opened,secs,level\n" + "".join(f"{a},{b},{c},{d}\n" for a, b, c, d in rows))
    told = {column.name: column.sentinels for column in found.columns}

    assert told == {"no": (), "opened": (("2000-01-01", 10),), "secs": (("-1", 8),), "level": (("99", 6),)}


def test_leading_zeros_are_kept_and_counters_do_not_become_too_small(tmp_path: Path) -> None:
    found = look(
        tmp_path / "f.csv", "order_no,zip,cycle,at\n1,01067,202601,20260105101500\n2,80331,202602,20260106101500\n"
    )

    assert columns(found) == {"order_no": "bigint", "zip": "varchar", "cycle": "varchar", "at": "timestamp"}
    assert found.contract["columns"]["at"]["format"] == "%Y%m%d%H%M%S"


@pytest.mark.parametrize(
    ("header", "values", "domain"),
    [
        ("a", ["13812345678", "15987654321", "18800001111"], "msisdn"),
        ("caller", ["+4915112345678", "+447700900123", "+33612345678"], "msisdn"),
        ("b", ["490154203237518", "356938035643809", "352099001761481"], "imei"),
        ("imei", ["49015420323751", "3569380356438098", "352099001761481"], "imei"),
        ("c", ["460001234567890", "460009876543210", "460110000011111"], "imsi"),
        ("d", ["89860000000027182818", "89860000000088986217", "8986010000008898621"], "iccid"),
        ("e", ["a@x.org", "b.c@y.com", "d+e@z.cn"], "email"),
        ("f", ["370101197910315608", "370101197802276007", "370101197701010007"], "document"),
        ("g", ["王伟", "李小明", "张丽"], "name"),
        ("customer_name", ["Ann Lee", "Jörg Müller", "Mary O'Neil"], "name"),
        ("h", ["济南市高新区文化路70号", "青岛市市南区香港路5号", "烟台市芝罘区海港路12号"], "address"),
        ("i", ["12 High Street", "3 Park Lane", "77 Rue Bonaparte"], "address"),
        ("birth_date", ["1979-10-31", "1984-02-29", "2001-12-01"], "birth_date"),
        ("cust_no", ["C1", "C2", "C3"], "customer"),
        ("outlet_name", ["Main Shop", "West Shop", "East Shop"], None),
        ("call_ref", ["73961700000000000", "73961700000000002", "73961700000000716"], None),
        ("plan", ["Red", "Blue", "Green"], None),
        ("amount", ["12.50", "13.75", "19.99"], None),
        ("opened_on", ["1979-10-31", "1984-02-29", "2001-12-01"], None),
    ],
)  # fmt: skip
def test_personal_columns_are_known_by_content(
    header: str, values: list[str], domain: str | None, tmp_path: Path
) -> None:
    found = look(tmp_path / "f.csv", f"row,{header}\n" + "".join(f"r{n};,{value}\n" for n, value in enumerate(values)))

    assert found.contract["columns"][header].get("key") == domain


def test_nested_json_gives_paths_and_lists(tmp_path: Path) -> None:
    rows = [
        {
            "no": n,
            "customer": {"id": f"C{n}", "geo": {"lat": 1.5}},
            "steps": [{"at": "2026-01-05 10:00:00", "who": None}],
        }
        for n in range(3)
    ]
    found = look(tmp_path / "f.jsonl", "".join(json.dumps(row) + "\n" for row in rows))

    assert found.contract["columns"] == {
        "no": {"type": "bigint", "required": True},
        "customer_id": {"type": "varchar", "path": '$."customer"."id"', "key": "customer"},
        "customer_geo_lat": {"type": "decimal(18,2)", "path": '$."customer"."geo"."lat"'},
        "steps": {"type": "list", "items": {
            "at": {"type": "timestamp", "format": "%Y-%m-%d %H:%M:%S"}, "who": {"type": "varchar"},
        }},
    }  # fmt: skip


def test_a_float_is_kept_as_text_because_no_exact_type_can_hold_it(tmp_path: Path) -> None:
    pl.DataFrame({"no": [1, 2], "share": [0.1, 0.2]}).write_parquet(tmp_path / "f.parquet")
    (found,) = propose(tmp_path / "f.parquet", "system").looks

    assert columns(found) == {"no": "bigint", "share": "varchar"}


def test_the_command_shows_shapes_of_personal_values_and_writes_what_loads(tmp_path: Path) -> None:
    file, folder = tmp_path / "visit_20260105.csv", tmp_path / "roaming"
    file.write_text(
        "visit_no,msisdn,seen_at,fee\n1,13812345678,2026-01-05 10:00:00,1.5\n2,15987654321,2026-01-05 11:00:00,2\n"
    )
    result = CliRunner().invoke(app, ["sources", "profile", str(file), "--out", str(folder)])

    assert result.exit_code == 0, result.output
    assert "13812345678" not in result.output and "99999999999" in result.output
    table = load_contract(folder / "defs.yaml").tables["visit"]
    assert (table.files, table.key, table.event_time, table.mode) == (
        "visit_{date}.csv",
        ("visit_no",),
        "seen_at",
        "append",
    )
    assert "event_day as seen_on" in (folder / "visit.sql").read_text()
    again = CliRunner().invoke(app, ["sources", "profile", str(file), "--out", str(folder)])
    assert again.exit_code == 2 and "exists" in again.output
