"""The sample of customers who must be asked again is of the size that was asked for, and the same whoever draws it."""

import duckdb
import pytest

from pipelines.engine.table import load_tables
from pipelines.engine.warehouse import MACROS
from tests.test_sql_cases import give_sources, set_variables

TICKET = load_tables()["mart_service.ticket"]
TICKETS = 20_000


def sample(share: float, prefix: str = "T") -> set[str]:
    with duckdb.connect() as connection:
        for macro in MACROS:
            connection.execute(macro)
        set_variables(connection, {})
        limits = [{"module": "service", "revisit_share": share, "on_time_minutes": 60}]
        give_sources(connection, TICKET, {"mart_service.threshold": limits})
        connection.execute(
            f"""insert into stg_care.ticket (ticket_no, opened_at, updated_at, closed_at, delivery_id, row_no, known_on)
            select '{prefix}' || lpad(n::varchar, 9, '0'), timestamp '2026-01-05', timestamp '2026-01-05',
                timestamp '2026-01-05', 1, n, date '2026-01-05' from range({TICKETS}) as numbers(n)"""
        )
        found = connection.execute(f"select ticket_no from ({TICKET.sql}) where is_revisit_due").fetchall()
    return {row[0] for row in found}


@pytest.mark.parametrize("share", [0.01, 0.05, 0.5])
def test_a_sample_has_its_share_of_running_numbers(share: float) -> None:
    drawn = len(sample(share))

    assert abs(drawn - share * TICKETS) < 4 * (share * (1 - share) * TICKETS) ** 0.5


def test_a_larger_sample_holds_the_smaller_one() -> None:
    assert sample(0.01) < sample(0.05)


def test_all_and_none_are_possible() -> None:
    assert len(sample(1)) == TICKETS
    assert sample(0) == set()
