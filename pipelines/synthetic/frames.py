"""The simulation's arrays as the frames of the world: identifiers as text, times as naive local time."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.synthetic import changes, identifiers
from pipelines.synthetic.changes import FOREVER, STATUSES
from pipelines.synthetic.outlets import Outlets
from pipelines.synthetic.population import LINE_TYPES, SEGMENTS, TEST, Lines
from pipelines.synthetic.state import NEVER, State


def local(seconds: np.ndarray | pl.Series) -> pl.Series:
    """Epoch seconds as naive local time, null where it never happens."""
    if isinstance(seconds, pl.Series):
        seconds = seconds.fill_null(FOREVER).to_numpy()
    moments = np.where(seconds < FOREVER, seconds * 1_000_000, np.iinfo(np.int64).min)  # the least integer is "no time"
    return pl.Series(moments.view("datetime64[us]"))


def user_id(line: np.ndarray) -> pl.Series:
    return identifiers.numbered("U", line, 11)


def acct_no(account: np.ndarray) -> pl.Series:
    return identifiers.numbered("A", account, 11)


def cust_no(customer: np.ndarray | pl.Series) -> pl.Series:
    return identifiers.numbered("C", customer, 10)


def lines(held: Lines, state: State, plans: pl.DataFrame, shops: Outlets) -> pl.DataFrame:
    """One row per line, in the order of activation by month."""
    number = np.arange(len(held), dtype=np.int32)
    first_plan = plans[state.first["plan"]]
    return pl.DataFrame(
        {
            "line": number,
            "user_id": user_id(number),
            "person": pl.select(pl.when(pl.Series(held.person) >= 0).then(pl.Series(held.person))).to_series(),
            "customer": state.first["customer"],
            "cust_no": cust_no(state.first["customer"]),
            "account": held.account,
            "acct_no": acct_no(held.account),
            "pay_type": first_plan["pay_type"],
            "brand": first_plan["brand"],
            "line_type": np.array(LINE_TYPES)[held.line_type],
            "segment": np.array(SEGMENTS)[held.segment],
            "is_test": held.segment == TEST,
            "outlet_id": shops.outlet_id[state.outlet],
            "activated_at": local(state.activated_at),
            "terminated_at": local(state.terminated_at),
            "home_cell": held.home_cell,
            "work_cell": held.work_cell,
            "community": held.community,
            **held.rates,
        }
    )


def spells(history: pl.DataFrame, plans: pl.DataFrame, imei: pl.Series) -> pl.DataFrame:
    """One row per stretch of constant state of a line in service, by line and time."""
    found = changes.spells(history)
    return pl.DataFrame(
        {
            "line": found["line"],
            "from_at": local(found["from_at"]),
            "to_at": pl.select(pl.from_epoch(found["to_at"]).cast(pl.Datetime("us"))).to_series(),
            "status": pl.Series(STATUSES)[found["status"].cast(pl.UInt32)],
            "msisdn": identifiers.text(found["number"].to_numpy()),
            "imsi": identifiers.text(identifiers.imsi(found["sim"].to_numpy())),
            "iccid": identifiers.iccid(found["sim"].to_numpy()),
            "imei": imei[found["device"].to_numpy()],
            "plan": found["plan"].cast(pl.Int32),
            "plan_id": plans["plan_id"][found["plan"].to_numpy()],
            "customer": found["customer"].cast(pl.Int32),
        }
    )


def never_as_null(seconds: np.ndarray) -> pl.Series:
    return local(np.where(seconds >= NEVER, FOREVER, seconds))
