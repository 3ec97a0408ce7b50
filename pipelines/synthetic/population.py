"""Who there is: people in households and enterprises, and what does not change about each line they hold.

Slots for every line of the whole history are drawn at once; `joining` decides when a slot comes to life, and gives the
slot of a returning leaver the leaver's person. Slots 0..initial-1 are in service when the simulation starts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pipelines.synthetic.catalogue import OFFERS
from pipelines.synthetic.geography import CITY_SHARE, COUNTY_SHARE, Geography
from pipelines.synthetic.settings import Settings

HANDSET, DATA_CARD, M2M = 0, 1, 2
LINE_TYPES = ("handset", "data_card", "m2m")
LINE_TYPE_SHARES = (0.94, 0.03, 0.03)
HOUSEHOLD_SIZES = (0.22, 0.28, 0.28, 0.14, 0.08)
HOUSEHOLDS_PER_COMMUNITY = 14
SEGMENTS = ("personal", "enterprise", "official", "test")
PERSONAL, ENTERPRISE, OFFICIAL, TEST = range(4)


@dataclass(frozen=True)
class People:
    """Arrays by person; a household shares home, address and community."""

    household: np.ndarray
    community: np.ndarray
    county: np.ndarray
    home_cell: np.ndarray
    work_cell: np.ndarray
    birth_day: np.ndarray  # days since 1970-01-01
    is_female: np.ndarray
    employer: np.ndarray  # enterprise, -1 without
    activity: np.ndarray  # log scale: how much one uses at all
    price_sensitivity: np.ndarray  # 0..2, mean about 1
    discontent: np.ndarray  # 0..2, mean about 1: what no system sees
    risk: np.ndarray  # probability per month of not paying


@dataclass(frozen=True)
class Lines:
    """Arrays by line slot; person, customer and account are rewritten by `life` for those who come back."""

    initial: int
    first_line: np.ndarray  # the slot of the holder's first line, itself for most
    person: np.ndarray  # -1: held by an enterprise
    enterprise: np.ndarray  # -1: held by a person
    customer: np.ndarray
    account: np.ndarray
    line_type: np.ndarray
    segment: np.ndarray
    home_cell: np.ndarray
    work_cell: np.ndarray
    community: np.ndarray
    rates: dict[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True)
class Customers:
    """Arrays by customer slot: one per line slot, used when a line names it, then one per enterprise."""

    person: np.ndarray  # who it really is, -1 for an enterprise
    registrant: np.ndarray  # whose document and name were shown
    enterprise: np.ndarray
    is_mistyped: np.ndarray


def people(settings: Settings, geography: Geography, count: int, enterprises: int) -> People:
    rng = settings.rng("people")
    sizes = 1 + rng.choice(len(HOUSEHOLD_SIZES), size=count, p=HOUSEHOLD_SIZES)
    household = np.repeat(np.arange(count, dtype=np.int32), sizes)[:count]
    households = int(household[-1]) + 1
    # Strangers mix: without the shuffle, people who join later would be a world of their own.
    neighbourhood = rng.permutation(households) // HOUSEHOLDS_PER_COMMUNITY
    shares = (CITY_SHARE[:, None] * COUNTY_SHARE[None, :]).ravel()
    county_of_community = rng.choice(len(shares), size=int(neighbourhood.max()) + 1, p=shares)
    community = neighbourhood[household].astype(np.int32)
    county = county_of_community[community].astype(np.int32)
    household_draw = rng.random(households)[household]
    works = rng.random(count) < 0.14
    popularity = 1 / np.arange(1, enterprises + 1)
    employer = np.where(works, rng.choice(enterprises, size=count, p=popularity / popularity.sum()), -1)
    return People(
        household=household,
        community=community,
        county=county,
        home_cell=_cell_in(geography, county, household_draw),
        work_cell=_cell_in(geography, county // 5 * 5 + rng.integers(0, 5, size=count), rng.random(count)),
        birth_day=_birth_days(rng, count),
        is_female=rng.random(count) < 0.48,
        employer=employer.astype(np.int32),
        activity=rng.normal(0, 0.7, size=count).astype(np.float32),
        price_sensitivity=np.clip(rng.lognormal(-0.18, 0.6, size=count), 0, 4).astype(np.float32),
        discontent=np.clip(rng.lognormal(-0.18, 0.6, size=count), 0, 4).astype(np.float32),
        risk=np.clip(rng.exponential(0.010, size=count), 0, 0.2).astype(np.float32),
    )


def _birth_days(rng: np.random.Generator, count: int) -> np.ndarray:
    """Days since 1970-01-01, of people of 21 to 83; who falls outside is as likely to be of any age within."""
    day = rng.normal(5_000, 5_500, size=count).astype(np.int64)
    low, high = -10_000, 12_500
    return np.where((day >= low) & (day <= high), day, low + (day * 7_919 % (high - low)))


def _cell_in(geography: Geography, county: np.ndarray, draw: np.ndarray) -> np.ndarray:
    """A cell of the county; cells lie sorted by county."""
    first = np.searchsorted(geography.county_of_cell, county, side="left")
    after = np.searchsorted(geography.county_of_cell, county, side="right")
    return (first + (draw * (after - first)).astype(np.int64)).astype(np.int32)


def lines(settings: Settings, crowd: People, enterprises: int, initial: int, total: int) -> Lines:
    """Slots of all lines: most are of new people, some are a further line of somebody in the initial base."""
    rng = settings.rng("lines")
    line_type = rng.choice(3, size=total, p=LINE_TYPE_SHARES)
    is_corporate = (line_type != HANDSET) & (rng.random(total) < 0.75)
    is_further = ~is_corporate & (rng.random(total) < 0.19)
    is_further[0] = is_corporate[0] = False
    # Members of a household join at different times: people take slots in random order.
    is_first = ~is_corporate & ~is_further
    newcomer = rng.permutation(total)[np.maximum(np.cumsum(is_first) - 1, 0)]
    before = np.minimum(np.cumsum(is_first), int(is_first[:initial].sum()))
    holder = np.flatnonzero(is_first)[(rng.random(total) * before).astype(np.int64)]
    person = np.where(is_further, newcomer[holder], newcomer)
    person = np.where(is_corporate, -1, person).astype(np.int32)
    enterprise = np.where(is_corporate, _enterprise_of(rng, enterprises, total), -1).astype(np.int32)
    segment = rng.choice(4, size=total, p=[0.9945, 0, 0.0035, 0.002])
    segment[is_corporate] = ENTERPRISE
    first_line = _first_lines(person)
    customer, account = _customers_of(rng, first_line, enterprise, is_further)
    somebody = np.where(is_corporate, rng.integers(0, len(crowd.household), size=total), person)
    return Lines(
        initial, first_line, person, enterprise, customer, account, line_type.astype(np.int8), segment.astype(np.int8),
        crowd.home_cell[somebody].copy(), crowd.work_cell[somebody].copy(), crowd.community[somebody].copy(),
        _rates(rng, crowd, somebody, line_type),
    )  # fmt: skip


def _enterprise_of(rng: np.random.Generator, enterprises: int, total: int) -> np.ndarray:
    popularity = 1 / np.arange(1, enterprises + 1)
    return rng.choice(enterprises, size=total, p=popularity / popularity.sum())


def _first_lines(person: np.ndarray) -> np.ndarray:
    _, first, inverse = np.unique(person, return_index=True, return_inverse=True)
    return np.where(person >= 0, first[inverse], np.arange(len(person))).astype(np.int32)


def _customers_of(
    rng: np.random.Generator, first_line: np.ndarray, enterprise: np.ndarray, is_further: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Customer and account slot of each line: a further line mostly joins the first one's, sometimes CRM makes anew."""
    total = len(first_line)
    slot = np.arange(total, dtype=np.int32)
    is_duplicate = is_further & (rng.random(total) < 0.18)
    has_own_account = is_duplicate | (is_further & (rng.random(total) < 0.4))
    of_enterprise = total + enterprise
    customer = np.where(enterprise >= 0, of_enterprise, np.where(is_duplicate, slot, first_line))
    account = np.where(enterprise >= 0, of_enterprise, np.where(has_own_account, slot, first_line))
    return customer.astype(np.int32), account.astype(np.int32)


def customers(settings: Settings, crowd: People, held: Lines, enterprises: int) -> Customers:
    rng = settings.rng("customers")
    total = len(held)
    registrant = held.person.copy()
    # A tenth of the duplicates shows a relative's document: the next person is mostly of the same household.
    is_duplicate = (held.customer == np.arange(total)) & (held.first_line != np.arange(total))
    neighbour = np.minimum(held.person + 1, len(crowd.household) - 1)
    related = (held.person >= 0) & (crowd.household[neighbour] == crowd.household[held.person])
    borrowed = is_duplicate & related & (rng.random(total) < 0.1)
    registrant[borrowed] = neighbour[borrowed]
    mistyped = (held.person >= 0) & (rng.random(total) < np.where(is_duplicate, 0.2, 0.003))
    nobody, everyone = np.full(enterprises, -1, dtype=np.int32), np.arange(enterprises, dtype=np.int32)
    return Customers(
        np.concatenate([held.person, nobody]),
        np.concatenate([registrant, nobody]),
        np.concatenate([np.full(total, -1, dtype=np.int32), everyone]),
        np.concatenate([mistyped, np.zeros(enterprises, dtype=bool)]),
    )


def _rates(rng: np.random.Generator, crowd: People, person: np.ndarray, line_type: np.ndarray) -> dict[str, np.ndarray]:
    """Expected events per day and sizes: a person's activity, tilted by age, with a line's own deviation."""
    total = len(person)
    activity = crowd.activity[person]
    age = (20_500 - crowd.birth_day[person]) / 365.25
    young = np.clip((55 - age) / 25, 0, 1.4)

    def spread(sigma: float) -> np.ndarray:
        return np.exp(rng.normal(0, sigma, size=total) - sigma**2 / 2)

    person_factor = np.exp(activity - 0.245)
    voice = 2.75 * person_factor * spread(0.5) * (1.15 - 0.2 * young)
    sms = 1.35 * np.sqrt(person_factor) * spread(0.6)
    data = 6.6 * person_factor**0.8 * spread(0.6) * (0.35 + 0.8 * young)
    is_machine, is_card = line_type == M2M, line_type == DATA_CARD
    rates = {
        "voice_per_day": np.where(is_machine | is_card, 0.0, voice),
        "sms_per_day": np.where(is_machine, 0.8, np.where(is_card, 0.2, sms)),
        "data_per_day": np.where(is_machine, 2.0, np.where(is_card, data * 1.5, data)),
        "call_s": 95 * spread(0.5),
        "session_mb": np.where(is_machine, 0.3, 38 * spread(0.8) * np.where(is_card, 1.8, 0.5 + 0.6 * young)),
        "offnet_share": np.clip(rng.beta(3.2, 5.2, size=total), 0.02, 0.95),
        "roam_share": np.where(rng.random(total) < 0.25, rng.beta(1.2, 25, size=total), 0.002),
        "payer_risk": crowd.risk[person],
    }
    return {name: values.astype(np.float32) for name, values in rates.items()}


def plan_for(rng: np.random.Generator, held: Lines, slots: np.ndarray) -> np.ndarray:
    """The plan (index into the first versions) whose allowance fits what the line will use, not always the best one."""
    index = {offer[0]: number for number, offer in enumerate(OFFERS)}
    rates = {name: held.rates[name][slots] for name in ("voice_per_day", "call_s", "data_per_day", "session_mb")}
    data_gb = rates["data_per_day"] * rates["session_mb"] * 30 / 1024
    minutes = rates["voice_per_day"] / 2 * rates["call_s"] / 60 * 30
    need = np.log2(1 + data_gb / 2 + minutes / 60) + rng.normal(0, 0.7, size=len(slots))
    prefers_postpaid = rng.random(len(slots)) < np.clip(0.16 + 0.13 * need, 0.1, 0.75)
    prepaid = np.array([index[plan] for plan in ("PLY008", "PLY029", "PLY039", "PLY059")])
    postpaid = np.array([index[plan] for plan in ("PLQ038", "PLQ058", "PLQ088", "PLQ128", "PLQ198")])
    chosen = np.where(
        prefers_postpaid,
        postpaid[np.searchsorted([1.4, 2.3, 3.3, 4.2], need)],
        prepaid[np.searchsorted([0.7, 1.8, 2.8], need)],
    )
    convergent = prefers_postpaid & (need > 2) & (rng.random(len(slots)) < 0.12)
    chosen = np.where(convergent, index["PLF169"], chosen)
    chosen = np.where(held.line_type[slots] == DATA_CARD, index["PLD050"], chosen)
    return np.where(held.line_type[slots] == M2M, index["PLM005"], chosen).astype(np.int32)
