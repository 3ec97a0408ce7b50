"""What counts as the number of a handset, where records, register and sales state one."""

import duckdb
import pytest

from pipelines.engine.contract import load_contracts

CONTRACTS = load_contracts()
LISTS = [("device", "subscriber_device"), ("device", "handset_sale")]
RECORDS = [("mediation", "cdr"), ("charging", "data_record")]


def body(place: tuple[str, str], imei: str) -> str | None:
    system, table = place
    sql = CONTRACTS[system].tables[table].derive["imei_body"].sql
    found = duckdb.execute(f"select {sql} from (select ? as imei)", [imei]).fetchone()
    return found[0] if found else None


@pytest.mark.parametrize("place", LISTS + RECORDS)
@pytest.mark.parametrize(
    "imei",
    [
        "111111111111111",
        "00000000000000",
        "135792468013579",
        "123456789012345",
        "012345678901234",
        "8619010501699",
        "1",
    ],
)
def test_constants_counted_rows_and_short_numbers_are_no_handset(place: tuple[str, str], imei: str) -> None:
    assert body(place, imei) is None


@pytest.mark.parametrize("place", LISTS + RECORDS)
@pytest.mark.parametrize("imei", ["861901050169959", "861901050169950", "86190105016995"])
def test_a_number_counts_with_its_check_digit_with_a_zero_in_its_place_and_without(
    place: tuple[str, str], imei: str
) -> None:
    assert body(place, imei) == "86190105016995"


@pytest.mark.parametrize("digit", "12345678")
def test_a_wrong_check_digit_counts_in_records_alone(digit: str) -> None:
    imei = "86190105016995" + digit

    assert [body(place, imei) for place in LISTS] == [None, None]
    assert [body(place, imei) for place in RECORDS] == ["86190105016995"] * 2
