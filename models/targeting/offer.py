"""Next best offers: who may have what, times the chance that it is taken, times what it brings."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from models.targeting.audience import AudienceError, Declared
from models.targeting.bitmap import Bits, Values, combined, holds, leaves, pack, unpack, values_of
from models.targeting.column import Catalogue, Column, Relation
from models.targeting.condition import Members, Node, Parser, Predicate
from models.targeting.contradiction import contradictions

FILE = Path(__file__).with_name("offers.yaml")
FACTS = {
    "pay_type": "varchar", "line_type": "varchar", "plan_id": "varchar", "tenure_months": "integer",
    "tenure_type": "varchar", "contract_days_left": "integer", "is_convergent": "boolean",
    "overdue_amt": "decimal(18,2)",
    "active_days": "decimal(9,2)", "data_gb": "decimal(18,6)", "billed_minutes": "decimal(18,2)",
    "revenue_amt": "decimal(18,2)",
}  # fmt: skip
SCHEMA = pa.schema(
    [
        ("month_start", pa.date32()), ("subscription_key", pa.int64()), ("place", pa.int32()),
        ("offer_id", pa.string()),
        ("p_accept", pa.float64()), ("basis_type", pa.string()), ("margin_amt", pa.float64()),
        ("expected_amt", pa.float64()), ("version", pa.int32()),
    ]
)  # fmt: skip
CATALOGUE = Catalogue(
    {"": Relation("", {name: Column(name, kind) for name, kind in FACTS.items()}, "subscription_key")}
)


class Offer(Declared):
    """One offer: its fee is declared, or the catalogue's of a plan or a service."""

    title: str
    months: int = Field(ge=1, le=60)
    fee_amt: float = Field(0, ge=0)
    plan: str | None = None
    service: str | None = None
    revenue_share: float = Field(0, ge=0, le=1)
    cost_amt: float = Field(0, ge=0)
    where: Any

    @model_validator(mode="after")
    def _one_price(self) -> Self:
        if sum(map(bool, (self.fee_amt, self.plan, self.service))) > 1:
            raise ValueError("has more than one of fee_amt, plan and service; one of them says what it brings")
        return self


class Offers(Declared):
    """The file as a whole."""

    most_offers: int = Field(ge=1, le=20)
    cells: list[str]
    prior_contacts: float = Field(gt=0)
    model_from_acceptances: int = Field(500, ge=50)
    margin_share: float = Field(gt=0, le=1)
    contact_cost_amt: float = Field(ge=0)
    offers: dict[str, Offer] = Field(min_length=1)


@dataclass(frozen=True)
class Terms:
    """Offers whose conditions are typed, with the fees of the catalogue."""

    offers: Offers
    nodes: Mapping[str, Node]
    plan_fees: Mapping[str, float]
    service_fees: Mapping[str, float]


def terms(offers: Offers, plan_fees: Mapping[str, float], service_fees: Mapping[str, float], file: str) -> Terms:
    """Raises AudienceError for a condition that is not sound, a cell or a price that is not there."""
    parser, nodes = Parser(CATALOGUE), {}
    for name, offer in offers.offers.items():
        where = f"offers.{name}"
        node = parser.node(offer.where, f"{where}.where")
        if node is not None:
            parser.mistakes += contradictions(node)
            nodes[name] = node
        for word, wanted, known in (("plan", offer.plan, plan_fees), ("service", offer.service, service_fees)):
            if wanted is not None and wanted not in known:
                parser.refuse(f"{where}.{word}", f"found {wanted!r}; the catalogue has {', '.join(sorted(known))}")
    for name in offers.cells:
        if FACTS.get(name) != "varchar":
            parser.refuse(
                "cells", f"found {name!r}; expected some of {', '.join(n for n, k in FACTS.items() if k == 'varchar')}"
            )
    if parser.mistakes:
        raise AudienceError("\n".join(f"{file}: {one}" for one in parser.mistakes))
    return Terms(offers, nodes, plan_fees, service_fees)


Answers = Mapping[str, Mapping[str, tuple[int, int]]]
"""Contacted and accepted lines by offer and cell."""


def rates(answers: Answers, offers: Sequence[str], prior_contacts: float) -> dict[str, Any]:
    """Chance of acceptance by offer and cell, by empirical Bayes: what few answers do not tell, more of them lend.

    A cell is drawn towards its offer as strongly as the offer's cells are alike (beta-binomial, by moments); an offer
    towards all offers by as many contacts as declared. What was never offered has the chance of all others.
    """
    contacted = {o: sum(n for n, _ in cells.values()) for o, cells in answers.items()}
    accepted = {o: sum(a for _, a in cells.values()) for o, cells in answers.items()}
    overall = sum(accepted.values()) / max(sum(contacted.values()), 1)
    found = {}
    for offer in offers:
        own, cells = contacted.get(offer, 0), answers.get(offer, {})
        mean = (accepted.get(offer, 0) + prior_contacts * overall) / (own + prior_contacts)
        strength = alike(cells.values(), mean)
        found[offer] = {
            "mean": round(mean, 6), "contacted": own, "accepted": accepted.get(offer, 0),
            "strength": None if strength is None else round(strength, 3),
            "cells": {
                cell: round(mean if strength is None else (a + strength * mean) / (n + strength), 6)
                for cell, (n, a) in sorted(cells.items())
            },
        }  # fmt: skip
    return {"overall": round(overall, 6), "offers": found}


def alike(cells: Any, mean: float) -> float | None:
    """Contacts that the offer's mean weighs in each of its cells; None when they differ by no more than chance."""
    known = [(n, a) for n, a in cells if n > 0]
    total = sum(n for n, _ in known)
    if len(known) < 2 or not 0 < mean < 1:
        return None
    centre = sum(a for _, a in known) / total
    spread = sum(n * (a / n - centre) ** 2 for n, a in known)
    degrees = len(known) - 1
    room = total - sum(n * n for n, _ in known) / total - degrees
    if room <= 0 or not 0 < centre < 1:
        return None
    correlation = (spread / (centre * (1 - centre)) - degrees) / room  # Kleinman, JASA 68 (1973), weights by size
    return None if correlation <= 0 else max(1 / correlation - 1, 0.0)


def apply(rows: pa.RecordBatchReader, fitted: Path) -> Iterator[pa.RecordBatch]:
    """The offers of each row's line, with the rates in force when its month closed. Raises VersionError."""
    from models import versions

    found = cache(partial(versions.in_force_at_end, fitted))
    kept: dict[int, tuple[Terms, dict[str, Any], dict[str, Any]]] = {}
    for batch in rows:
        months = batch.column("month_start").to_pylist()
        for month in sorted(set(months)):
            version = found(month)
            if version is None:
                continue
            if version.number not in kept:
                told = version.json("offers.json")
                offers = Offers.model_validate(told["declared"])
                sound = terms(offers, told["plan_fees"], told["service_fees"], "offers.json")
                kept[version.number] = sound, told["rates"], models_of(fitted, told["models"])
            of_month = batch.filter(pa.array([one == month for one in months]))
            yield best(of_month, month, version.number, *kept[version.number])


def models_of(fitted: Path, numbers: Mapping[str, int]) -> dict[str, Any]:
    """The models that a version of the rates names, by offer."""
    if not numbers:
        return {}
    from models.learner.model import load

    return {offer: load(fitted / "offers" / offer / f"{number:04d}") for offer, number in numbers.items()}


def best(
    rows: pa.RecordBatch, month: date, version: int, known: Terms, chances: Mapping[str, Any], models: Mapping[str, Any]
) -> pa.RecordBatch:
    """The best offers of lines of one month."""
    size, names = rows.num_rows, list(known.offers.offers)
    facts = {name: values_of(rows.column(name), Column(name, kind).kind or "text") for name, kind in FACTS.items()}
    held = rows.column("offers_held").to_pylist()
    cells = [
        "/".join(str(part) for part in label)
        for label in zip(*(rows.column(c).to_pylist() for c in known.offers.cells), strict=True)
    ] or [""] * size
    expected, margins, p = (
        np.full((size, len(names)), -np.inf),
        np.zeros((size, len(names))),
        np.zeros((size, len(names))),
    )
    basis = np.empty((size, len(names)), object)
    for n, name in enumerate(names):
        may = eligible(known.nodes[name], facts, size) & np.array([f"|{name}|" not in one for one in held])
        rate = chances["offers"][name]
        p[:, n] = [rate["cells"].get(cell, rate["mean"]) for cell in cells]
        if rate["contacted"]:
            basis[:, n] = [
                "cell" if cell in rate["cells"] and rate["strength"] is not None else "offer" for cell in cells
            ]
        else:
            basis[:, n] = "other_offers"
        if name in models and size:
            scored = pa.Table.from_batches(models[name].score(pa.Table.from_batches([rows])))
            p[:, n], basis[:, n] = np.round(scored.column("score").to_numpy(), 6), "model"
        margins[:, n] = margin(known, name, facts, size)
        gain = np.round(p[:, n] * margins[:, n] - known.offers.contact_cost_amt, 2)
        expected[:, n] = np.where(may & (gain > 0), gain, -np.inf)
    order = np.argsort(-expected, axis=1, kind="stable")[:, : known.offers.most_offers]  # ties: as declared
    line, place = np.nonzero(np.isfinite(np.take_along_axis(expected, order, axis=1)))
    offer = order[line, place]
    keys = values_of(rows.column("subscription_key"), "integer").data
    return pa.RecordBatch.from_arrays(
        [
            pa.array([month] * len(line), pa.date32()), pa.array(keys[line]), pa.array(place.astype(np.int32) + 1),
            pa.array([names[at] for at in offer], pa.string()), pa.array(p[line, offer]),
            pa.array(basis[line, offer].tolist(), pa.string()), pa.array(margins[line, offer]),
            pa.array(expected[line, offer]), pa.array(np.full(len(line), version, np.int32)),
        ],
        schema=SCHEMA,
    )  # fmt: skip


def eligible(node: Node, facts: Mapping[str, Values], size: int) -> np.ndarray:
    known: dict[Predicate | Members, Bits] = {
        leaf: pack(holds(facts[leaf.feature.column], leaf)) for leaf in leaves([node]) if isinstance(leaf, Predicate)
    }
    return unpack(combined(node, known), size)


def margin(known: Terms, name: str, facts: Mapping[str, Values], size: int) -> np.ndarray:
    """What the offer brings over its months, less its own cost; of a plan, what its fee is above the present one."""
    offer = known.offers.offers[name]
    fee = np.full(size, known.service_fees[offer.service] if offer.service else offer.fee_amt)
    if offer.plan:
        present, wanted = facts["plan_id"], known.plan_fees[offer.plan]
        table = np.array([wanted - known.plan_fees.get(plan or "", wanted) for plan in present.names] or [0.0])
        fee = table[present.data if present.valid is None else np.where(present.valid, present.data, 0)]
    revenue = facts["revenue_amt"].data / 100 * offer.revenue_share
    return np.round(offer.months * known.offers.margin_share * (fee + revenue) - offer.cost_amt, 2)


def in_version(
    offers: Offers, plan_fees: Mapping[str, float], service_fees: Mapping[str, float], fitted: Mapping[str, Any],
    models: Mapping[str, int],
) -> str:  # fmt: skip
    """The file `offers.json` of a version: all that a night needs."""
    told = {
        "declared": offers.model_dump(mode="json"),
        "plan_fees": dict(plan_fees),
        "service_fees": dict(service_fees),
        "rates": fitted,
        "models": dict(models),
    }
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)
