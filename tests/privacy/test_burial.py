"""What comes again of an erased person keeps the erased key or gets none; somebody new gets a new key."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines.engine import renewal
from pipelines.engine.home import Home
from pipelines.engine.vault import Vault
from pipelines.engine.workbench import workbench
from tests.engine.landed import DAY, Installation, lines

RECORD = {
    "files": "record_{date}.r{redo}.csv",
    "format": "csv",
    "mode": "delta",
    "columns": {
        "cust_no": {"type": "varchar", "key": "customer", "required": True},
        "name": {"type": "varchar", "key": "name"},
        "msisdn": {"type": "varchar", "key": "msisdn"},
        "note": {"type": "varchar"},
    },
}
HEADER = "cust_no,name,msisdn,note"
KEYS = "cust_no_key, name_key, msisdn_key, row_no"
ERASED_ON = DAY + timedelta(days=1)


@pytest.fixture
def site(tmp_path: Path) -> Installation:
    """C1 is Anna with number 111, and was erased; C2 is Ben with number 222."""
    site = Installation(Home(tmp_path).prepared(), {"record": RECORD})
    deliver(site, "C1,Anna,111,a", "C2,Ben,222,b")
    site.ingest()
    with workbench(site.home) as bench:
        keys = {"customer": [1], "name": [1], "msisdn": [1]}
        until = {"customer": date.max, "name": ERASED_ON, "msisdn": ERASED_ON}
        assert renewal.erase(Vault(bench, site.home), keys, until) == 3
    return site


def deliver(site: Installation, *rows: str, day: date = DAY, redo: int = 0) -> Path:
    return site.deliver(lines(*rows, header=HEADER), rows=len(rows), table="record", day=day, redo=redo)


def loaded(site: Installation, *rows: str, day: date = DAY, redo: int = 0) -> list[tuple[object, ...]]:
    """Keys of the rows of a delivery, in their order."""
    deliver(site, *rows, day=day, redo=redo)
    (outcome,) = site.ingest(as_of=day).loaded
    return [row[:-1] for row in site.lake(f"{KEYS}, delivery_id", "record") if row[-1] == outcome.delivery_id]


def values(site: Installation) -> dict[str, dict[int, str]]:
    with workbench(site.home) as bench:
        vault = Vault(bench, site.home)
        return {domain: vault.reveal(domain) for domain in vault.domains()}


def test_a_redelivery_of_an_old_day_has_the_keys_it_had_and_brings_no_value_back(site: Installation) -> None:
    assert loaded(site, "C1,Anna,111,a", "C2,Ben,222,b", redo=1) == [(1, 1, 1, 1), (2, 2, 2, 2)]
    assert values(site) == {"customer": {2: "C2"}, "name": {2: "Ben"}, "msisdn": {2: "222"}}


def test_what_an_old_or_new_delivery_says_more_of_an_erased_customer_is_not_taken(site: Installation) -> None:
    assert loaded(site, "C1,Anna-Maria,999,a", "C1,Ben,222,b", redo=1) == [(1, None, None, 1), (1, 2, 2, 2)]
    later = DAY + timedelta(days=9)
    assert loaded(site, "C1,Anna,111,a", "C1,Annie,333,c", day=later) == [(1, None, None, 1), (1, None, None, 2)]
    assert values(site) == {"customer": {2: "C2"}, "name": {2: "Ben"}, "msisdn": {2: "222"}}


def test_after_the_erasure_name_and_number_are_somebody_elses_under_new_keys(site: Installation) -> None:
    later = DAY + timedelta(days=9)
    assert loaded(site, "C3,Anna,111,a", "C2,Ben,222,b", day=later) == [(3, 3, 3, 1), (2, 2, 2, 2)]
    assert values(site)["msisdn"] == {2: "222", 3: "111"}
    # Old deliveries still mean the erased one, new ones the new one.
    assert loaded(site, "C2,Anna,111,a", redo=1) == [(2, 1, 1, 1)]
    assert loaded(site, "C3,Anna,111,a", day=later + timedelta(days=1)) == [(3, 3, 3, 1)]


def test_the_file_that_holds_erased_values_does_not_stay_in_the_landing(site: Installation) -> None:
    again = deliver(site, "C1,Anna,111,a", redo=1)
    other = deliver(site, "C2,Ben,222,b", redo=2)
    assert [outcome.status for outcome in site.ingest().outcomes] == ["loaded", "loaded"]

    assert (again.exists(), other.exists()) == (False, True)
    assert site.ingest().outcomes == ()
