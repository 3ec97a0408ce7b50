"""S7 catalogue: every plan version with its components, and the value-added services; told anew when a plan changes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from pipelines.synthetic import services
from pipelines.synthetic.catalogue import change_days
from pipelines.synthetic.world import World

COMPONENT = pl.Struct(
    {
        "component_type": pl.Utf8, "service": pl.Utf8, "zone": pl.Utf8, "unit": pl.Utf8, "block": pl.Int32,
        "allowance": pl.Decimal(18, 2), "price": pl.Decimal(18, 6),
    }
)  # fmt: skip
HEAD = ("plan_id", "plan_version", "name_zh", "name_en", "pay_type", "brand", "monthly_fee", "valid_from", "valid_to",
        "contract_months", "is_convergent")  # fmt: skip


def tables(world: World, day: date) -> dict[str, pl.DataFrame]:
    if day != world.settings.first_day and day not in change_days(world.settings):
        return {}
    known = world.plans.filter(pl.col("valid_from") <= day).sort("plan_id", "plan_version", "valid_from")
    # The silent price takes the place of the old one under the same version, as if it had never been different.
    began = pl.col("valid_from").first().over("plan_id", "plan_version")
    told = known.with_columns(valid_from=began, valid_to=pl.when(pl.col("valid_to") <= day).then("valid_to"))
    told = told.unique(["plan_id", "plan_version"], keep="last", maintain_order=True)
    components = [_components(row) for row in told.iter_rows(named=True)]
    return {
        "service": services.listed(),
        "plan": told.select(HEAD).with_columns(
            pl.col("plan_version").cast(pl.Int32), components=pl.Series(components, dtype=pl.List(COMPONENT))
        ),
    }


def _components(plan: dict) -> list[dict]:
    def part(kind: str, service: str, zone: str, unit: str, allowance: int | None, price: Decimal | None) -> dict:
        amount = None if allowance is None else Decimal(allowance)
        return {
            "component_type": kind, "service": service, "zone": zone, "unit": unit, "block": 1, "allowance": amount,
            "price": price,
        }  # fmt: skip

    services = (("voice", "minute"), ("sms", "message"), ("data", "mb"))
    limits = {"voice": "voice_allowance_min", "sms": "sms_allowance", "data": "data_allowance_mb"}
    parts = [part("fee", "all", "all", "month", None, plan["monthly_fee"])]
    parts += [
        part("allowance", name, "national", unit, plan[limits[name]], None)
        for name, unit in services
        if plan[limits[name]]
    ]
    parts += [part("rate", name, "national", unit, None, plan[f"{name}_price"]) for name, unit in services]
    parts += [part("rate", name, "international", unit, None, plan[f"roam_{name}_price"]) for name, unit in services]
    return parts
