"""Customers who buy and leave as the models say they do, with known parameters."""

from typing import Any

import numpy as np

BG_NBD = {"r": 0.6, "alpha": 8.0, "a": 0.8, "b": 2.4}
GAMMA_GAMMA = {"p": 6.0, "q": 4.0, "v": 15.0}


def histories(customers: int, *, age: float = 52.0, seed: int = 1) -> tuple[Any, Any, Any]:
    """frequency, recency and age under BG_NBD; ages differ, as customers come at different times."""
    chance = np.random.default_rng(seed)
    rate = chance.gamma(BG_NBD["r"], 1 / BG_NBD["alpha"], customers)
    leaving = chance.beta(BG_NBD["a"], BG_NBD["b"], customers)
    ages = chance.uniform(age / 2, age, customers)
    frequency, recency, now = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    alive = np.ones(customers, dtype=bool)
    while alive.any():
        now += chance.exponential(1 / rate)
        alive &= now < ages
        frequency[alive] += 1
        recency[alive] = now[alive]
        alive &= chance.random(customers) > leaving
    return frequency, recency, ages


def means(customers: int, *, seed: int = 1) -> tuple[Any, Any]:
    """Numbers of purchases and their mean amounts under GAMMA_GAMMA."""
    chance = np.random.default_rng(seed)
    purchases = chance.geometric(0.3, customers).astype(float)
    nu = chance.gamma(GAMMA_GAMMA["q"], 1 / GAMMA_GAMMA["v"], customers)
    return purchases, chance.gamma(GAMMA_GAMMA["p"] * purchases, 1 / nu) / purchases
