"""Faults are injected, listed, and corrected before the history ends."""

import gzip
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.synthetic.faults import catalogue
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import SYSTEMS, synthesise
from pipelines.synthetic.world import simulate
from tests.synthetic.delivered import deliver, ledger, manifests, owners, true_usage_by_day, usage_by_day


@pytest.fixture(scope="module")
def heavy(tmp_path_factory):
    out = tmp_path_factory.mktemp("heavy")
    report, owned = deliver(out, faults="heavy")
    return out, owned, report


def test_what_is_in_force_at_the_end_is_the_truth(heavy):
    out, owned, _ = heavy
    assert usage_by_day(out, owned) == true_usage_by_day(out)


def test_every_kind_of_fault_has_its_ledger_row(heavy):
    injected = set(ledger(heavy[0])["kind"])
    assert {kind for kind, fault in catalogue().items() if fault.per != "world"} - injected == set()


def test_ledger_says_what_a_good_warehouse_does_and_when_the_fault_was_delivered(heavy):
    faults = ledger(heavy[0])
    assert faults.filter(pl.col("delivered_on").is_null() | pl.col("expected").is_null()).is_empty()
    assert faults["fault_id"].is_unique().all()
    assert faults.height == heavy[2].faults


def test_a_cloned_device_stands_in_the_row_that_the_ledger_names(heavy):
    clones = ledger(heavy[0]).filter(pl.col("kind") == "imei_clone")
    for (system, file), part in clones.partition_by("system", "file", as_dict=True).items():
        path = heavy[0] / "landing" / system / file
        told = (
            pl.read_parquet(path)
            if path.suffix == ".parquet"
            else pl.read_csv(gzip.decompress(path.read_bytes()), infer_schema=False, comment_prefix="#")
        )
        told = told.rename(str.lower)[(part["row_no"] - 1).to_numpy()]
        assert told["imei"].to_list() == part["injected"].to_list()
        assert told["served_msisdn"].to_list() == part["msisdn"].to_list()
        assert (part["injected"] != part["original"]).any()
    assert {"mediation", "charging"} <= set(clones["system"])


def test_no_correction_comes_after_the_last_night(heavy):
    assert max(one["delivered_at"] for one in manifests(heavy[0])) < "2026-03-01T02:00:00+08:00"


def test_without_faults_the_ledger_is_empty_and_every_delivery_comes_once(tmp_path: Path):
    _, owned = deliver(tmp_path, faults="none", days=3)
    assert ledger(tmp_path).is_empty()
    assert {one["redo"] for one in manifests(tmp_path)} == {0}
    assert usage_by_day(tmp_path, owned) == true_usage_by_day(tmp_path)


def test_the_whole_operator_delivers_from_every_system_and_loses_nothing(tmp_path: Path):
    settings = Settings(150, 6, date(2026, 3, 3), faults="heavy", out=tmp_path)
    report = synthesise(settings)
    assert {one["system"] for one in manifests(tmp_path)} == set(SYSTEMS)
    assert usage_by_day(tmp_path, owners(simulate(settings))) == true_usage_by_day(tmp_path)
    assert {"person", "churn", "fault"} <= {path.stem for path in (tmp_path / "truth").glob("*.parquet")}
    assert report.events == sum(row[3] for row in true_usage_by_day(tmp_path))
