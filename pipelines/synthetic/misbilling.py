"""What billing gets wrong: services that were rated and do not stand on the bill, or stand there with another amount.

The error is billing's own: what is owed, paid, adjusted and booked follows the wrong bill, as it would in life. Only
the truth and the ledger of faults know what the rating said.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from pipelines.synthetic.faults import catalogue
from pipelines.synthetic.faults_ledger import Ledger
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.tally import ITEMS

UNBILLED, OVER_BILLED = "unbilled_usage", "over_billed"
LOST_SHARE = 0.6  # of the unbilled items: the others are billed in part
PART_BILLED = (0.1, 0.8)
TOO_MUCH = (0.05, 0.6)  # share of the rated amount that comes on top
LEAST_FEN = 5  # by which an item is wrong, so that no rounding hides it
TRUTH = {
    "kind": pl.String, "issued_on": pl.Date, "acct_no": pl.String, "user_id": pl.String, "cycle": pl.String,
    "item_code": pl.String, "rated_amt": pl.Decimal(18, 2), "billed_amt": pl.Decimal(18, 2),
}  # fmt: skip


def erring(settings: Settings, day: date, items: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """For each item of the bills issued on a day the kind of error, null for most, and what is billed, in fen; 0: none.

    `items` has item_code and amount_fen as rated; only usage is billed wrongly.
    """
    rates = [catalogue()[kind].rates[settings.faults] for kind in (UNBILLED, OVER_BILLED)]
    rng = settings.rng("billing errors", day)
    rated, (luck, part, share) = items["amount_fen"].to_numpy(), rng.random((3, items.height))
    is_usage = items["item_code"].is_in(ITEMS).to_numpy() & (rated >= LEAST_FEN)
    is_unbilled = is_usage & (luck < rates[0])
    is_too_much = is_usage & (luck >= rates[0]) & (luck < sum(rates))
    low, high = PART_BILLED
    less = (rated * (low + (high - low) * share)).astype(np.int64)
    less = np.where((part < LOST_SHARE) | (rated - less < LEAST_FEN), 0, less)
    low, high = TOO_MUCH
    more = rated + np.maximum(LEAST_FEN, np.rint(rated * (low + (high - low) * share)).astype(np.int64))
    kind = pl.Series(np.where(is_unbilled, 0, np.where(is_too_much, 1, 2)))
    billed = np.where(is_unbilled, less, np.where(is_too_much, more, rated))
    return pl.Series([UNBILLED, OVER_BILLED, None])[kind], pl.Series(billed)


def list_errors(errors: pl.DataFrame, ledger: Ledger) -> None:
    """One ledger row per wrong item: key `account/line/cycle/item`, charge = billed less rated.

    A missing item has no row in the file, and the file as a whole is in order: so rows have no file and no row number.
    """
    listed = errors.with_columns(fault_id=pl.Series(ledger.ids(errors.height), dtype=pl.Int64))
    ledger.note(
        listed["kind"],
        listed["fault_id"],
        key=listed.select(pl.format("{}/{}/{}/{}", "acct_no", "user_id", "cycle", "item_code")).to_series(),
        original=listed["rated_amt"].cast(pl.String),
        injected=listed["billed_amt"].cast(pl.String),
        charge=(listed["billed_amt"] - listed["rated_amt"]).cast(pl.Decimal(18, 6)),
        user_id=listed["user_id"],
    )
    for (day,), part in listed.partition_by("issued_on", as_dict=True, maintain_order=True).items():
        where = {"system": "billing", "table": "bill_item", "data_date": day, "redo": 0}
        ledger.place(part["fault_id"], **where, file=None, row_no=None, delivered_at=None)
