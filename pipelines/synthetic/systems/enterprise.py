"""S12 enterprise: the monthly workbook of enterprises, the lines that belong to them, and their contracts."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import polars as pl

from pipelines.synthetic import frames, identifiers, naming
from pipelines.synthetic.geography import CITIES, CITY_SHARE, COUNTIES, county_id
from pipelines.synthetic.world import World

PRODUCTS = ("专线接入", "集团短信", "物联网平台", "云桌面")
PRODUCT_FEES = ("2800.00", "600.00", "1200.00", "3500.00")
TEST_SHARE = 0.02


def tables(world: World, day: date) -> dict[str, pl.DataFrame]:
    """The workbook is filled in on the first of each month."""
    if day.day != 1 and day != world.settings.first_day:
        return {}
    known = _enterprises(world).filter(pl.col("since") <= day).drop("since")
    number = pl.col("enterprise_id").is_in(known["enterprise_id"].implode())
    member = _members(world).filter(number, pl.col("valid_from") <= day)
    return {
        "enterprise": known,
        "member": member.with_columns(valid_to=pl.when(pl.col("valid_to") <= day).then("valid_to")),
        "contract": _contracts(world).filter(number, pl.col("signed_on") <= day),
    }


@lru_cache(maxsize=1)
def _enterprises(world: World) -> pl.DataFrame:
    """Enterprises with a customer number, that is with at least one line of their own; `since`: its first day."""
    rng = world.settings.rng("enterprises")
    customer = np.flatnonzero(world.customers.enterprise >= 0)
    enterprise = world.customers.enterprise[customer]
    shares = np.repeat(CITY_SHARE / len(COUNTIES), len(COUNTIES))
    county = rng.choice(len(CITIES) * len(COUNTIES), size=len(customer), p=shares / shares.sum())
    rank = np.arange(len(customer)) / len(customer)
    frame = pl.DataFrame(
        {
            "customer": customer.astype(np.int32),
            "enterprise_id": enterprise_id(enterprise),
            "cust_no": frames.cust_no(customer),
            "name": naming.enterprise_names(enterprise),
            "level": pl.Series(["A", "B", "C"])[np.searchsorted([0.08, 0.35], rank)],
            "industry": pl.Series(naming.TRADES)[enterprise // len(naming.BRANDS) % len(naming.TRADES)],
            "manager": identifiers.numbered("M", 100 + enterprise % 40, 3),
            "area_id": county_id(county),
            "is_test": (rng.random(len(customer)) < TEST_SHARE).astype(np.int8),
        }
    )
    begun = world.lines.group_by("customer").agg(since=pl.col("activated_at").min().dt.date())
    return frame.join(begun, on="customer").sort("enterprise_id").drop("customer")


def enterprise_id(enterprise: np.ndarray) -> pl.Series:
    return identifiers.numbered("E", enterprise, 7)


@lru_cache(maxsize=1)
def _members(world: World) -> pl.DataFrame:
    """Cards that the enterprise holds, and the lines of those who work there."""
    lines = world.lines
    holder = world.customers.enterprise[lines["customer"].to_numpy()]
    enterprise = np.where(holder >= 0, holder, world.staff.registered_with)
    role = pl.when(pl.Series(holder < 0)).then(pl.lit("employee")).otherwise("line_type")
    members = lines.select(
        enterprise_id=enterprise_id(np.maximum(enterprise, 0)),
        user_id="user_id",
        role=role,
        valid_from=pl.col("activated_at").dt.date(),
        valid_to=pl.col("terminated_at").dt.date(),
    )
    return members.filter(pl.Series(enterprise >= 0)).sort("enterprise_id", "user_id")


@lru_cache(maxsize=1)
def _contracts(world: World) -> pl.DataFrame:
    """One to three contracts of two years per enterprise, signed at some time of the three years before the end."""
    rng = world.settings.rng("enterprise contracts")
    enterprise = np.repeat(np.arange(world.enterprises), rng.integers(1, 4, size=world.enterprises))
    size = len(enterprise)
    signed = [world.settings.end - timedelta(days=int(back)) for back in rng.integers(0, 1_095, size=size)]
    product = rng.integers(0, len(PRODUCTS), size=size)
    return pl.DataFrame(
        {
            "contract_no": identifiers.numbered("K", np.arange(size), 7),
            "enterprise_id": enterprise_id(enterprise),
            "product": pl.Series(PRODUCTS)[product],
            "signed_on": pl.Series(signed),
            "ends_on": pl.Series([day + timedelta(days=730) for day in signed]),
            "monthly_amt": pl.Series(PRODUCT_FEES)[product].cast(pl.Decimal(18, 2)),
            "is_unified_payment": (rng.random(size) < 0.4).astype(np.int8),
        }
    )
