"""A hand-made world for the tests of usage and money: a few plans, lines in a ring of friends, one spell each."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from pipelines.synthetic import catalogue
from pipelines.synthetic.geography import build
from pipelines.synthetic.settings import Settings


@dataclass(frozen=True)
class TinyWorld:
    settings: Settings
    lines: pl.DataFrame
    plans: pl.DataFrame
    spells: pl.DataFrame
    peer_start: np.ndarray
    peer_line: np.ndarray
    geography: Any
    active: pl.DataFrame

    def on(self, day: date) -> pl.DataFrame:
        return self.active


def tiny_world(lines: int = 300, days: int = 40, seed: int = 1, end: date = date(2026, 2, 28)) -> TinyWorld:
    settings = Settings(subscribers=max(lines, 100), days=days, end=end, seed=seed)
    rng = settings.rng("tiny")
    number = np.arange(lines)
    plans = catalogue.plans(settings)
    usable = plans.filter(pl.col("line_type") == "handset")
    plan = usable["plan"].to_numpy()[number % usable.height]
    chosen = plans[plan]
    frame = pl.DataFrame({"line": number.astype(np.int32)}).with_columns(
        user_id=pl.Series([f"U{n:011d}" for n in number]),
        person=pl.Series(number.astype(np.int32)),
        customer=pl.Series(number.astype(np.int32)),
        cust_no=pl.Series([f"C{n:011d}" for n in number]),
        account=pl.Series((number // 2).astype(np.int32)),
        acct_no=pl.Series([f"A{n // 2:011d}" for n in number]),
        pay_type=chosen["pay_type"],
        brand=chosen["brand"],
        line_type=chosen["line_type"],
        is_test=pl.lit(False),
        activated_at=pl.lit(datetime(2025, 1, 1)),
        terminated_at=pl.lit(None, dtype=pl.Datetime("us")),
        home_cell=pl.Series(rng.integers(0, 50, lines).astype(np.int32)),
        work_cell=pl.Series(rng.integers(0, 50, lines).astype(np.int32)),
        voice_per_day=pl.Series(rng.gamma(2, 1.3, lines).astype(np.float32)),
        sms_per_day=pl.Series(rng.gamma(2, 0.7, lines).astype(np.float32)),
        data_per_day=pl.Series(rng.gamma(2, 3.0, lines).astype(np.float32)),
        call_s=pl.Series(np.full(lines, 110, np.float32)),
        session_mb=pl.Series(np.full(lines, 60, np.float32)),
        offnet_share=pl.Series(np.full(lines, 0.4, np.float32)),
        roam_share=pl.Series(np.full(lines, 0.1, np.float32)),
        payer_risk=pl.Series(rng.random(lines).astype(np.float32) ** 2),
    )
    spells = frame.select(
        "line",
        from_at="activated_at",
        to_at=pl.lit(datetime(2099, 1, 1)),
        status=pl.lit("active"),
        msisdn=pl.Series([f"139{n:08d}" for n in number]),
        imsi=pl.Series([f"46000{n:010d}" for n in number]),
        iccid=pl.Series([f"898600{n:014d}" for n in number]),
        imei=pl.Series([f"86190105{n:07d}" for n in number]),
        plan=chosen["plan"],
        plan_id=chosen["plan_id"],
    )
    active = spells.select("line", "msisdn", "imsi", "imei", "plan").with_columns(
        active_from_s=pl.lit(0, pl.Int32),
        active_to_s=pl.when(pl.col("line") % 50 == 7).then(43_200).otherwise(86_400).cast(pl.Int32),
        voice_per_day=frame["voice_per_day"],
        sms_per_day=frame["sms_per_day"],
        data_per_day=frame["data_per_day"],
    )
    peers = (number[:, None] + np.arange(1, 21)) % lines
    start = np.arange(lines + 1, dtype=np.int64) * 20
    return TinyWorld(settings, frame, plans, spells, start, peers.ravel().astype(np.int32), build(settings, 3), active)


def tiny_days(world: TinyWorld) -> list[date]:
    return [world.settings.first_day + timedelta(days=n) for n in range(world.settings.days)]
