"""Handset models with their type allocation codes (TAC), and which of them people buy when."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from pipelines.synthetic.identifiers import Ints

SERIALS_PER_TAC = 1_000_000

# brand, os, TAC of the first model, models as (name, generation, SIM slots, launched, price in CNY, popularity)
RANGES: list[tuple[str, str, int, list[tuple[str, str, int, str, int, float]]]] = [
    ("Huawei", "HarmonyOS", 86190105, [
        ("Mate 30", "4G", 2, "2019-09-26", 3999, 1.6), ("P40", "5G", 2, "2020-04-08", 4188, 1.5),
        ("nova 9", "4G", 2, "2021-09-23", 2699, 1.8), ("Mate 50", "4G", 2, "2022-09-21", 4999, 1.6),
        ("nova 11", "4G", 2, "2023-04-27", 2499, 1.8), ("Mate 60 Pro", "5G", 2, "2023-08-29", 6999, 2.6),
        ("Pura 70", "5G", 2, "2024-04-18", 5499, 2.2), ("nova 13", "5G", 2, "2024-10-22", 2699, 2.0),
        ("Mate 70", "5G", 2, "2024-12-04", 5499, 2.2), ("Enjoy 20e", "4G", 2, "2020-10-23", 999, 1.5),
    ]),
    ("Xiaomi", "Android", 86482204, [
        ("Mi 10", "5G", 2, "2020-02-14", 3999, 1.2), ("Mi 11", "5G", 2, "2021-01-01", 3999, 1.2),
        ("12S", "5G", 2, "2022-07-06", 3999, 1.1), ("13", "5G", 2, "2022-12-14", 3999, 1.6),
        ("14", "5G", 2, "2023-10-31", 3999, 2.0), ("15", "5G", 2, "2024-10-31", 4499, 2.0),
    ]),
    ("Redmi", "Android", 86764805, [
        ("Note 8", "4G", 2, "2019-08-29", 999, 2.0), ("9A", "4G", 2, "2020-07-07", 599, 1.8),
        ("Note 11", "5G", 2, "2021-11-01", 1199, 2.2), ("Note 12", "5G", 2, "2022-10-31", 1199, 2.2),
        ("K60", "5G", 2, "2023-01-01", 2499, 2.0), ("Note 13", "5G", 2, "2023-09-26", 1199, 2.2),
        ("K80", "5G", 2, "2024-11-29", 2499, 2.0),
    ]),
    ("OPPO", "Android", 86951304, [
        ("A5", "4G", 2, "2018-07-13", 1099, 1.6), ("Reno3", "5G", 2, "2019-12-31", 3399, 1.2),
        ("A72", "5G", 2, "2020-07-22", 1899, 1.4), ("Reno6", "5G", 2, "2021-06-11", 2799, 1.5),
        ("Reno9", "5G", 2, "2022-12-02", 2499, 1.5), ("A2", "5G", 2, "2023-11-11", 1699, 1.6),
        ("Reno12", "5G", 2, "2024-05-23", 2699, 1.8), ("Find X8", "5G", 2, "2024-10-30", 4199, 1.3),
    ]),
    ("vivo", "Android", 86573505, [
        ("Y85", "4G", 2, "2018-04-01", 1398, 1.4), ("S5", "4G", 2, "2019-11-22", 2698, 1.3),
        ("Y52s", "5G", 2, "2020-12-11", 1598, 1.5), ("S10", "5G", 2, "2021-07-15", 2799, 1.4),
        ("S16", "5G", 2, "2022-12-30", 2499, 1.5), ("Y100", "5G", 2, "2023-11-01", 1699, 1.6),
        ("X100", "5G", 2, "2023-11-21", 3999, 1.6), ("S19", "5G", 2, "2024-06-05", 2499, 1.6),
        ("X200", "5G", 2, "2024-10-19", 4299, 1.5),
    ]),
    ("Apple", "iOS", 35319611, [
        ("iPhone XR", "4G", 2, "2018-10-26", 6499, 1.6), ("iPhone 11", "4G", 2, "2019-09-20", 5499, 2.6),
        ("iPhone 12", "5G", 2, "2020-10-23", 6299, 2.2), ("iPhone 13", "5G", 2, "2021-09-24", 5999, 3.0),
        ("iPhone 14", "5G", 2, "2022-09-16", 5999, 2.0), ("iPhone 15", "5G", 2, "2023-09-22", 5999, 2.4),
        ("iPhone 16", "5G", 2, "2024-09-20", 5999, 2.4),
    ]),
    ("Honor", "Android", 86328706, [
        ("9X", "4G", 2, "2019-07-30", 1399, 1.6), ("Play4T", "4G", 2, "2020-04-09", 1199, 1.3),
        ("50", "5G", 2, "2021-06-25", 2699, 1.8), ("70", "5G", 2, "2022-06-02", 2699, 1.5),
        ("90", "5G", 2, "2023-06-07", 2499, 1.7), ("X50", "5G", 2, "2023-07-10", 1399, 1.9),
        ("200", "5G", 2, "2024-05-31", 2699, 1.8), ("X60", "5G", 2, "2024-10-16", 1199, 1.8),
    ]),
    ("Samsung", "Android", 35299811, [
        ("Galaxy S20", "5G", 2, "2020-02-21", 6999, 0.4), ("Galaxy S23", "5G", 2, "2023-02-17", 5199, 0.5),
    ]),
    ("Nokia", "RTOS", 35745208, [
        ("105", "2G", 2, "2019-09-10", 149, 0.8), ("220 4G", "4G", 2, "2019-10-24", 299, 0.7),
    ]),
]  # fmt: skip
EQUIPMENT: list[tuple[str, str, int, str, str, int, str, int]] = [
    ("ZTE", "MF286D router", 86441303, "embedded", "4G", 1, "2019-05-20", 499),
    ("Huawei", "5G CPE Pro 2", 86170903, "embedded", "5G", 1, "2020-06-30", 1699),
    ("Quectel", "EC200 module", 86683004, "embedded", "4G", 1, "2019-03-01", 60),
    ("SIMCom", "SIM800 module", 86671703, "embedded", "2G", 1, "2014-06-01", 25),
]
BANDS = [(800, "entry"), (2000, "low"), (3500, "mid"), (5000, "high"), (10**6, "flagship")]


def _models() -> pl.DataFrame:
    rows = [
        (brand, name, tac + 7 * step, os, rat, slots, date.fromisoformat(launched), price, popularity, "handset")
        for brand, os, tac, models in RANGES
        for step, (name, rat, slots, launched, price, popularity) in enumerate(models)
    ]
    kinds = ("data_card", "data_card", "m2m", "m2m")
    rows += [
        (brand, name, tac, os, rat, slots, date.fromisoformat(launched), price, 1.0, kind)
        for (brand, name, tac, os, rat, slots, launched, price), kind in zip(EQUIPMENT, kinds, strict=True)
    ]
    names = ["brand", "model", "tac", "os", "rat", "slots", "launched_on", "price", "popularity", "line_type"]
    bands = [next(band for limit, band in BANDS if row[7] < limit) for row in rows]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(price_band=pl.Series(bands))


MODELS = _models()


def choose(rng: np.random.Generator, day: date, count: int, line_type: str = "handset") -> Ints:
    """Models of devices bought on a day: only launched ones, recent ones more often."""
    age_years = np.array([(day - launched).days / 365 for launched in MODELS["launched_on"]])
    usable = (MODELS["line_type"] == line_type).to_numpy()
    weight = MODELS["popularity"].to_numpy() * np.exp(-np.clip(age_years, 0, None) / 2.5) * usable * (age_years >= 0)
    if not weight.any():  # a history before every launch: the oldest model of the kind
        weight = usable * (age_years == age_years[usable].max())
    return rng.choice(len(MODELS), size=count, p=weight / weight.sum())


def tac_of(device: np.ndarray, model: np.ndarray) -> Ints:
    """A model gets one more TAC for every million devices made, so that serial numbers never repeat."""
    return MODELS["tac"].to_numpy()[model] + np.asarray(device, dtype=np.int64) // SERIALS_PER_TAC
