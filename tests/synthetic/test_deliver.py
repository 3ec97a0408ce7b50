"""Files come as their systems write them, with manifests that are true of them, in the same bytes each time."""

import gzip
import hashlib
import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipelines.synthetic.deliver import Delivery, Landing
from pipelines.synthetic.faults_ledger import Ledger
from pipelines.synthetic.formats import encode, layout_of
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import write_history
from tests.synthetic.delivered import deliver, is_sound, manifests

DAY = date(2026, 1, 5)
NOON = datetime(2026, 1, 5, 12, 0, 7)


@pytest.fixture
def landing(tmp_path):
    with Ledger(tmp_path / "fault.parquet") as ledger, ThreadPoolExecutor(1) as pool:
        yield Landing(tmp_path / "landing", ledger, pool, files_per_day=4)


def text_of(system: str, table: str, frame: pl.DataFrame) -> str:
    layout = layout_of(system, table)
    with ThreadPoolExecutor(1) as pool:
        payload = encode(frame, layout, pool=pool, trailer="")
    payload = gzip.decompress(payload) if layout.ext.endswith("gz") else payload
    return payload.decode(layout.encoding)


def test_crm_writes_pipes_in_gb18030():
    frame = pl.DataFrame({"cust_no": ["C1"], "name": ["张伟|大"], "created_at": [NOON], "is_blacklisted": [False]})
    assert text_of("crm", "party", frame).splitlines()[1] == 'C1|"张伟|大"|2026-01-05 12:00:07|0'


def test_switch_records_have_compact_times_and_exact_charges():
    frame = pl.DataFrame({"call_ref": [1], "start_at": [NOON], "charge_amt": [Decimal("0.000001")]})
    frame = frame.with_columns(pl.col("charge_amt").cast(pl.Decimal(18, 6)))
    assert text_of("mediation", "cdr", frame) == "call_ref,start_at,charge_amt\n1,20260105120007,0.000001\n"


def test_a_bill_line_is_fixed_width():
    frame = pl.DataFrame(
        {"acct_no": ["A1"], "user_id": ["U1"], "cycle": ["202512"], "item_code": ["fee"], "amount_fen": [-990],
         "discount_fen": [0], "tax_fen": [12], "issued_on": [DAY], "due_on": [DAY]}
    )  # fmt: skip
    line = "A1          U1          202512fee                 -990           0          122026010520260105\n"
    assert text_of("billing", "bill_item", frame) == line


def test_json_lines_nest_and_only_payments_state_the_offset():
    ticket = pl.DataFrame({"ticket_no": ["T1"], "stages": [[{"stage": "open", "at": NOON}]]})
    assert json.loads(text_of("care", "ticket", ticket))["stages"] == [{"stage": "open", "at": "2026-01-05T12:00:07"}]
    payment = pl.DataFrame({"paid_at": [NOON], "amount": [Decimal("12.30")], "cycle": [None]})
    assert (
        text_of("payments", "payment", payment)
        == '{"paid_at":"2026-01-05T12:00:07+08:00","amount":12.3,"cycle":null}\n'
    )


def test_the_catalogue_is_one_document():
    plan = pl.DataFrame({"name_zh": ["神州行"], "monthly_fee": [Decimal("18.00")], "valid_from": [DAY]})
    assert json.loads(text_of("catalogue", "plan", plan)) == {
        "plans": [{"name_zh": "神州行", "monthly_fee": 18.0, "valid_from": "2026-01-05"}]
    }


def test_a_day_is_cut_by_the_hour_of_the_event_and_the_trailer_counts(landing):
    times = [datetime(2026, 1, 5, hour) for hour in (0, 5, 6, 23)]
    frame = pl.DataFrame({"call_ref": [1, 2, 3, 4], "start_at": times, "duration_s": [10, 20, 30, 40]})
    landing.write(Delivery.on_time("mediation", "cdr", DAY, frame, second=0))
    landing.finish_day()
    folder = landing.root / "mediation"
    tails = [gzip.decompress(path.read_bytes()).decode().splitlines()[-1] for path in sorted(folder.glob("*.gz"))]
    assert tails == [
        "#TRAILER,rows=2,sum_duration_s=30",
        "#TRAILER,rows=1,sum_duration_s=30",
        "#TRAILER,rows=0,sum_duration_s=0",
        "#TRAILER,rows=1,sum_duration_s=40",
    ]
    manifest = json.loads((folder / "cdr_20260105.r0.manifest.json").read_text())
    assert manifest["delivered_at"] == "2026-01-06T00:10:00+08:00"
    assert [entry["rows"] for entry in manifest["files"]] == [2, 1, 0, 1]
    assert is_sound(folder, manifest)


def test_tables_of_a_container_share_the_file_and_have_a_manifest_each(landing):
    outlet = pl.DataFrame({"outlet_id": ["S1", "S2"], "opened_on": [DAY, None]})
    commission = pl.DataFrame({"commission_no": [7], "amount_amt": [Decimal("1.50")]})
    tables = {"outlet": outlet, "commission": commission}
    landing.write_container([Delivery.on_time("channel", name, DAY, f, second=9) for name, f in tables.items()])
    landing.finish_day()
    folder = landing.root / "channel"
    book = sqlite3.connect(folder / "channel_20260105.r0.sqlite")
    assert book.execute("select * from outlet").fetchall() == [("S1", "2026-01-05"), ("S2", None)]
    assert book.execute("select amount_amt from commission").fetchall() == [(1.5,)]
    rows = {one: json.loads((folder / f"{one}_20260105.r0.manifest.json").read_text())["files"] for one in tables}
    assert [(files[0]["name"], files[0]["rows"]) for files in rows.values()] == [
        ("channel_20260105.r0.sqlite", 2),
        ("channel_20260105.r0.sqlite", 1),
    ]


def test_a_workbook_has_a_sheet_for_each_table(landing):
    tables = {
        "enterprise": pl.DataFrame({"enterprise_id": ["E1"], "name": ["=北方公司"]}),
        "contract": pl.DataFrame({"contract_no": ["K1"], "signed_on": [DAY], "monthly_amt": [Decimal("99.90")]}),
    }
    landing.write_container([Delivery.on_time("enterprise", name, DAY, f, second=9) for name, f in tables.items()])
    landing.finish_day()
    path = landing.root / "enterprise" / "enterprise_20260105.r0.xlsx"
    assert pl.read_excel(path, sheet_name="enterprise").rows() == [("E1", "=北方公司")]
    assert pl.read_excel(path, sheet_name="contract").rows() == [("K1", DAY, 99.9)]


def test_an_empty_delivery_has_a_header_and_a_manifest(landing):
    landing.write(Delivery.on_time("mnp", "enquiry", DAY, pl.DataFrame(schema={"enquiry_no": pl.Int64}), second=0))
    landing.finish_day()
    assert (landing.root / "mnp" / "enquiry_20260105.r0.csv").read_text() == "enquiry_no\n"
    assert manifests(landing.root.parent)[0]["files"][0]["rows"] == 0


def test_equal_arguments_give_equal_bytes(tmp_path: Path):
    def tree(name: str) -> dict[str, str]:
        deliver(tmp_path / name, faults="heavy", days=4, files_per_day=2)
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        return {str(path.relative_to(tmp_path / name)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    first = tree("first")
    assert len(first) > 50
    assert tree("second") == first


def test_a_second_history_does_not_mix_with_the_first(tmp_path: Path):
    (tmp_path / "landing" / "crm").mkdir(parents=True)
    settings = Settings(100, 1, DAY, out=tmp_path)
    with pytest.raises(FileExistsError, match="holds another history"):
        write_history(settings, {}, pl.DataFrame)
