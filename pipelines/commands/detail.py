"""Single usage events of one subscription, from the warehouse that only the night writes; each look leaves a trace."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date

import duckdb

from pipelines.engine.home import Home
from pipelines.engine.sandbox import Refused, reading_warehouse
from pipelines.privacy import register

EVENTS = """
select
    event_day, start_at, service_type, direction_type, is_on_net, roam_type, cell_id,
    duration_s, bytes_up, bytes_down, charge_amt
from core.usage_event
inner join core.bridge_msisdn as held on usage_event.msisdn_key = held.msisdn_key
    and usage_event.start_at >= held.valid_from and usage_event.start_at < held.valid_to
where held.subscription_key = $subscription
    and usage_event.event_day between $first and $last and usage_event.is_current
order by start_at, service_type, event_id
"""


@contextmanager
def looking(
    home: Home, subscription: int, first: date, last: date, purpose: str
) -> Generator[duckdb.DuckDBPyConnection]:
    """The events, once the look is logged. Raises WriterBusy while a night runs, Refused without a purpose."""
    if len(purpose.split()) < 2:
        raise Refused("say in a few words why: --purpose 'complaint 4711: disputed roaming charge'")
    register.record(
        home, "detail", subscription_key=subscription, purpose=purpose, **{"from": str(first), "to": str(last)}
    )  # fmt: skip
    with reading_warehouse(home, "detail of a subscription") as connection:
        yield connection.execute(EVENTS, {"subscription": subscription, "first": first, "last": last})
