"""S1 CRM: customers as clerks registered them. One person may be two customers, and a name may be mistyped."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np
import polars as pl

from pipelines.synthetic import clerks, frames, naming
from pipelines.synthetic.asof import msisdn_at
from pipelines.synthetic.changes import Kind
from pipelines.synthetic.clock import DAY, epoch_day
from pipelines.synthetic.daily import Daily, Told
from pipelines.synthetic.geography import county_id
from pipelines.synthetic.world import World

UPDATES_PER_YEAR = 0.15  # address, consent or level, per customer
MOVED, CONSENT, LEVEL, NUMBER = range(4)


def tables(world: World, day: date) -> dict[str, pl.DataFrame]:
    told = {"party": _delta(world).on(day)}
    if day.day == 1:
        everybody = _versions(world).until(day).unique("customer", keep="last", maintain_order=True)
        told["party_full"] = _party(world, everybody.sort("customer"))
    return told


@lru_cache(maxsize=1)
def _delta(world: World) -> Told:
    def words(rows: pl.DataFrame) -> pl.DataFrame:
        op = pl.when(rows["version"] == 0).then(pl.lit("I")).otherwise(pl.lit("U"))
        return _party(world, rows).with_columns(op=op)

    return Told(_versions(world), words)


@lru_cache(maxsize=1)
def _versions(world: World) -> Daily:
    """One row per customer and day of change: moves, consents and levels up to then, and a line to reach him."""
    first = _contacts(world)
    created = first.select("customer", "at", kind=pl.lit(-1))
    updates = pl.concat([created, _updates(world, first), _new_numbers(world, first)]).sort("customer", "at", "kind")
    count = pl.col("kind")
    rows = updates.with_columns(
        moved=(count == MOVED).cum_sum().over("customer"),
        consents=(count == CONSENT).cum_sum().over("customer"),
        levels=(count == LEVEL).cum_sum().over("customer"),
        version=pl.int_range(pl.len()).over("customer"),
    ).drop("kind")
    contact = first.select("customer", "segment", "line", created_at="at")
    versions = rows.join(contact, on="customer", how="left", maintain_order="left")
    return Daily.latest(world.settings, versions, "customer")


@lru_cache(maxsize=1)
def _contacts(world: World) -> pl.DataFrame:
    """One row per customer: the first line that names it, its segment and when it began."""
    # A card opened ahead of its sale already has a customer, so the first change counts, not the activation.
    begun = world.changes.unique("line", keep="first", maintain_order=True)["at"]
    first = world.lines.select("customer", "line", "segment", at=begun)
    return first.sort("at", "line").unique("customer", keep="first", maintain_order=True)


def _updates(world: World, first: pl.DataFrame) -> pl.DataFrame:
    """Changes of address, consent and level at random times within the delivered days."""
    settings, rng = world.settings, world.settings.rng("customer updates")
    count = rng.poisson(len(first) * UPDATES_PER_YEAR * settings.days / 365)
    at = epoch_day(settings.first_day) * DAY + 9 * 3600 + rng.integers(0, settings.days, size=count) * DAY
    chosen = first[rng.integers(0, len(first), size=count)].select("customer", since="at")
    return chosen.select(
        "customer",
        "since",
        at=pl.Series(at + rng.integers(0, 10 * 3600, size=count)),
        kind=pl.Series(rng.choice(3, size=count, p=[0.5, 0.2, 0.3]).astype(np.int32)),
    ).filter(pl.col("at") > pl.col("since")).drop("since")  # fmt: skip


def _new_numbers(world: World, first: pl.DataFrame) -> pl.DataFrame:
    """A new number of the contact line is a new contact."""
    changed = world.changes.filter(pl.col("kind") == Kind.NUMBER_CHANGE).select("line", at=pl.col("at") + 60)
    return changed.join(first.select("line", "customer"), on="line").select("customer", "at", kind=pl.lit(NUMBER))


def _party(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    registry, crowd, spelling = world.customers, world.people, world.spelling
    customer = rows["customer"].to_numpy()
    enterprise, registrant = registry.enterprise[customer], registry.registrant[customer]
    is_enterprise, person = enterprise >= 0, np.maximum(registrant, 0)
    is_female = crowd.is_female[person]
    birth = pl.Series(crowd.birth_day[person].astype(np.int32)).cast(pl.Date)
    names = naming.person_names(person, crowd.household[person], is_female, registry.is_mistyped[customer])
    papers = clerks.papers(naming.documents(person, birth, is_female), person, spelling.document[customer])
    segment, level = rows["segment"], _vip_level(rows, crowd.activity[person])
    draw = np.asarray(customer) % 1000
    no_papers = (draw % 50 == 7) & (rows["created_at"].to_numpy() < epoch_day(date(2020, 1, 1)) * DAY)
    for_people = pl.Series(~is_enterprise)
    return pl.DataFrame({"cust_no": frames.cust_no(customer)}).with_columns(
        name=pl.when(segment == "test").then(pl.format("测试用户{}", pl.Series(customer)))
        .when(for_people).then(clerks.names(names, spelling.name[customer]))
        .otherwise(naming.enterprise_names(np.maximum(enterprise, 0))),
        id_type=pl.when(pl.Series(no_papers)).then(pl.lit("none")).when(for_people).then(papers["id_type"])
        .otherwise(pl.lit("licence")),
        id_no=pl.when(pl.Series(no_papers)).then(None).when(for_people).then(papers["id_no"])
        .otherwise(naming.credit_codes(np.maximum(enterprise, 0))),
        birth_date=pl.when(for_people).then(clerks.births(birth, spelling.birth[customer])),
        gender=pl.when(for_people).then(pl.Series(np.where(is_female, "F", "M"))).otherwise(pl.lit("U")),
        address=clerks.addresses(
            naming.addresses(
                crowd.county[person], crowd.community[person], crowd.household[person], rows["moved"].to_numpy()
            ),
            spelling.address[customer],
        ),
        contact_msisdn=msisdn_at(world, _contact_line(world, customer), rows["at"]),
        segment=segment,
        vip_level=level,
        is_blacklisted=pl.Series(crowd.risk[person] > 0.045).cast(pl.Int8) * for_people.cast(pl.Int8),
        has_consent=pl.Series((draw % 5 != 0) ^ (rows["consents"].to_numpy() % 2 == 1)).cast(pl.Int8),
        account_manager=pl.when(~for_people | (level >= 4)).then(pl.format("M{}", pl.Series(100 + draw % 40))),
        area_id=county_id(crowd.county[person]),
        created_at=frames.local(rows["created_at"]),
        updated_at=frames.local(rows["at"]),
    )  # fmt: skip


@lru_cache(maxsize=1)
def _first_lines(world: World) -> np.ndarray:
    """By customer slot: the first line that names it."""
    found = np.zeros(len(world.customers.registrant), dtype=np.int64)
    first = _contacts(world)
    found[first["customer"].to_numpy()] = first["line"].to_numpy()
    return found


def _contact_line(world: World, customer: np.ndarray) -> pl.Series:
    """The line on which to reach a customer: his first, or that of the same person's first record."""
    known = np.where(world.spelling.contact[customer] == "known", world.spelling.first[customer], customer)
    return pl.Series(_first_lines(world)[known])


def _vip_level(rows: pl.DataFrame, activity: np.ndarray) -> pl.Series:
    """0 to 5 by what one spends, moved by a level with each revision."""
    base = np.clip(np.floor(activity * 2 + 0.6), 0, 5).astype(np.int32)
    return pl.Series(np.minimum(5, base + rows["levels"].to_numpy() % 2).astype(np.int32))
