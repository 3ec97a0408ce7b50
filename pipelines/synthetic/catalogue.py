"""The tariffs on offer: twelve plans, one of them in two versions, one whose price changes without a word, and one
whose id is used again for another plan.

A row of `plans` is one state of one tariff, so that a line's plan index alone says what its usage costs.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl

from pipelines.synthetic.settings import Settings

LAUNCHED_ON = date(2018, 1, 1)
VERSIONED_PLAN = "PLQ088"
SILENT_PLAN = "PLY029"
REUSED_PLAN = "PLD050"
REUSED_FOR = {"name_zh": "随身WiFi套餐", "name_en": "Pocket Wi-Fi 50", "data_allowance_mb": 51200}

# plan_id, Chinese name, English name, pay type, brand, line type, fee, minutes, MB, messages, per minute, per message,
# per MB, contract months, convergent
OFFERS: list[tuple[str, str, str, str, str, str, str, int, int, int, str, str, str, int | None, bool]] = [
    ("PLY008", "神州行长话卡", "Easyown Basic", "prepaid", "easyown", "handset", "8.00", 0, 200, 0, "0.19", "0.10",
     "0.010", None, False),
    ("PLY029", "神州行流量卡", "Easyown Data 29", "prepaid", "easyown", "handset", "29.00", 60, 5120, 0, "0.15", "0.10",
     "0.005", None, False),
    ("PLY039", "动感地带青春卡", "M-Zone Youth 39", "prepaid", "m-zone", "handset", "39.00", 100, 10240, 50, "0.15",
     "0.10", "0.004", None, False),
    ("PLY059", "动感地带畅玩卡", "M-Zone Play 59", "prepaid", "m-zone", "handset", "59.00", 200, 20480, 50, "0.15",
     "0.10", "0.003", None, False),
    ("PLQ038", "全球通轻享套餐", "GoTone Light 38", "postpaid", "gotone", "handset", "38.00", 120, 3072, 0, "0.19",
     "0.10", "0.005", None, False),
    ("PLQ058", "全球通畅享套餐58", "GoTone 58", "postpaid", "gotone", "handset", "58.00", 200, 8192, 50, "0.15", "0.10",
     "0.004", 12, False),
    ("PLQ088", "全球通畅享套餐88", "GoTone 88", "postpaid", "gotone", "handset", "88.00", 400, 20480, 100, "0.15",
     "0.10", "0.003", 12, False),
    ("PLQ128", "全球通尊享套餐128", "GoTone 128", "postpaid", "gotone", "handset", "128.00", 700, 40960, 200, "0.15",
     "0.10", "0.003", 24, False),
    ("PLQ198", "全球通尊享套餐198", "GoTone 198", "postpaid", "gotone", "handset", "198.00", 1500, 81920, 300, "0.12",
     "0.10", "0.002", 24, False),
    ("PLF169", "全家福融合套餐169", "Family Convergent 169", "postpaid", "gotone", "handset", "169.00", 1000, 61440,
     200, "0.15", "0.10", "0.002", 24, True),
    ("PLD050", "随e行数据卡", "Mobile Broadband 50", "postpaid", "e-travel", "data_card", "50.00", 0, 30720, 0, "0.25",
     "0.10", "0.003", None, False),
    ("PLM005", "物联网基础套餐", "IoT Basic 5", "postpaid", "iot", "m2m", "5.00", 0, 30, 30, "0.25", "0.10", "0.290",
     None, False),
]  # fmt: skip
ROAMING = {"international_voice_price": "0.990000", "roam_voice_price": "0.990000", "roam_sms_price": "0.390000",
           "roam_data_price": "0.300000"}  # fmt: skip


def month_start(day: date, offset: int = 0) -> date:
    month = day.year * 12 + day.month - 1 + offset
    return date(month // 12, month % 12 + 1, 1)


def change_days(settings: Settings) -> tuple[date, date, date]:
    """When a new version starts, an id is used again, a price changes silently: month starts inside a long history."""
    months = max(1, settings.days // 30)
    versioned_on, reused_on, silent_on = (
        month_start(settings.first_day, 1 + round(months * share)) for share in (0.3, 0.45, 0.6)
    )
    return versioned_on, reused_on, silent_on


def plans(settings: Settings) -> pl.DataFrame:
    """One row per tariff state; `valid_to` is the first day on which it is no longer on sale, else null.

    Prices are per minute, message and megabyte; allowances are per calendar month, national, for outgoing usage.
    """
    versioned_on, reused_on, silent_on = change_days(settings)
    rows = [_row(offer, 1, LAUNCHED_ON, None) for offer in OFFERS]
    for row in list(rows):
        if row["plan_id"] == VERSIONED_PLAN:
            rows.append(row | {"plan_version": 2, "valid_from": versioned_on, "data_allowance_mb": 30720})
            row["valid_to"] = versioned_on
        if row["plan_id"] == REUSED_PLAN:
            rows.append(row | REUSED_FOR | {"plan_version": 2, "valid_from": reused_on})
            row["valid_to"] = reused_on
        if row["plan_id"] == SILENT_PLAN:
            rows.append(row | {"valid_from": silent_on, "monthly_fee": Decimal("32.00"), "is_silent": True})
            row["valid_to"] = silent_on
    money = {name: pl.Decimal(18, 6) for name in rows[0] if name.endswith("_price")}
    frame = pl.DataFrame(
        rows, schema_overrides={"monthly_fee": pl.Decimal(18, 2), "contract_months": pl.Int32, **money}
    )
    return frame.with_row_index("plan").with_columns(pl.col("plan").cast(pl.Int32))


def on_sale(plans: pl.DataFrame, day: date) -> np.ndarray:
    """For each of the first versions, the row that a customer gets who takes the plan up on this day."""
    current = {
        row["plan_id"]: row["plan"]
        for row in plans.sort("valid_from").iter_rows(named=True)
        if row["valid_from"] <= day or row["valid_from"] == LAUNCHED_ON
    }
    return np.array([current[offer[0]] for offer in OFFERS], dtype=np.int32)


def first_version(plans: pl.DataFrame) -> np.ndarray:
    """For each row of `plans`, the position of its plan among the first versions."""
    position = {offer[0]: number for number, offer in enumerate(OFFERS)}
    return np.array([position[plan_id] for plan_id in plans["plan_id"]], dtype=np.int32)


def _row(offer: tuple, version: int, valid_from: date, valid_to: date | None) -> dict[str, object]:
    plan_id, name_zh, name_en, pay_type, brand, line_type, fee, minutes, megabytes, messages, *rest = offer
    voice_price, sms_price, data_price, contract_months, is_convergent = rest
    return {
        "plan_id": plan_id, "plan_version": version, "name_zh": name_zh, "name_en": name_en, "pay_type": pay_type,
        "brand": brand, "line_type": line_type, "monthly_fee": Decimal(fee), "voice_allowance_min": minutes,
        "data_allowance_mb": megabytes, "sms_allowance": messages, "voice_price": Decimal(voice_price),
        "sms_price": Decimal(sms_price), "data_price": Decimal(data_price),
        **{name: Decimal(price) for name, price in ROAMING.items()},
        "contract_months": contract_months, "is_convergent": is_convergent, "valid_from": valid_from,
        "valid_to": valid_to, "is_silent": False,
    }  # fmt: skip
