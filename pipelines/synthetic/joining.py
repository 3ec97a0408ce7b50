"""How lines come to life: new customers, leavers who return under a new number, port-ins and invented customers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pipelines.synthetic import catalogue, devices, hazards, identifiers
from pipelines.synthetic.changes import Kind, Log
from pipelines.synthetic.clock import DAY, Month, office_time
from pipelines.synthetic.outlets import Outlets
from pipelines.synthetic.population import HANDSET, LINE_TYPES, PERSONAL, Customers, Lines, plan_for
from pipelines.synthetic.state import State

QUARANTINE_DAYS = 90  # a number rests at least so long before somebody else gets it
RECYCLED_SHARE = 0.45
PORT_IN_SHARE = 0.06
RETURN_SHARE = 0.14  # of those who left last month
FAKES_PER_DEVICE = 12


@dataclass
class Numbers:
    """Numbers to give: fresh ones, given-back ones that rest, and other operators' numbers that come with port-ins."""

    rng: np.random.Generator
    issued: int = 0
    ported: int = 0
    resting: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    since: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def give_back(self, number: np.ndarray, at: np.ndarray) -> None:
        """Own numbers rest; another operator's number goes home when its line ends."""
        own = np.isin(number // identifiers.SUFFIXES, identifiers.OWN_PREFIXES)
        self.resting = np.concatenate([self.resting, number[own]])
        self.since = np.concatenate([self.since, np.broadcast_to(at, number.shape)[own]])

    def take(self, count: int, month: Month) -> np.ndarray:
        ripe = np.flatnonzero(self.since + QUARANTINE_DAYS * DAY <= month.start)
        again = self.rng.permutation(ripe)[: round(count * RECYCLED_SHARE)]
        fresh = identifiers.msisdn(self.issued + np.arange(count - len(again)))
        self.issued += len(fresh)
        numbers = np.concatenate([self.resting[again], fresh])
        keeps = np.ones(len(self.resting), dtype=bool)
        keeps[again] = False
        self.resting, self.since = self.resting[keeps], self.since[keeps]
        return self.rng.permutation(numbers)

    def port_in(self, count: int) -> np.ndarray:
        self.ported += count
        return identifiers.msisdn(np.arange(self.ported - count, self.ported), identifiers.FOREIGN_PREFIXES)


@dataclass
class Joining:
    """Brings slots to life and keeps what only the truth knows: who returned, and who was invented."""

    rng: np.random.Generator
    held: Lines
    registry: Customers
    shops: Outlets
    plans: pl.DataFrame
    numbers: Numbers
    returns: list[pl.DataFrame] = field(default_factory=list)

    def start(self, month: Month, state: State, log: Log) -> None:
        """Bring the initial base to life, with a past: lines are up to seven years old, most of them younger."""
        slots = np.arange(self.held.initial)
        age = (self.rng.exponential(850, size=len(slots)) % 2_500).astype(np.int64)
        at = np.sort(office_time(self.rng, month.start - (1 + age) * DAY, 1, len(slots)))
        self._give_devices(slots, state, month)
        self._activate(slots, at, month, state, log)
        under_contract = state.contract_end[slots] > 0
        over = under_contract & (state.contract_end[slots] * DAY < month.start)
        renewed = over & (self.rng.random(len(slots)) < 0.5)
        state.contract_end[slots[over]] = 0
        days_left = self.rng.integers(0, 365, size=int(renewed.sum()))
        state.contract_end[slots[renewed]] = month.start // DAY + days_left
        state.remember(slots)

    def join(self, slots: np.ndarray, month: Month, state: State, log: Log) -> None:
        """Bring this month's slots to life."""
        at = np.sort(office_time(self.rng, month.start, month.days, len(slots)))
        self._give_devices(slots, state, month)
        returned = self._return(slots, state)
        self._invent(slots[~np.isin(slots, returned)], state)
        self._activate(slots, at, month, state, log)
        state.remember(slots)

    def _give_devices(self, slots: np.ndarray, state: State, month: Month) -> None:
        model = np.zeros(len(slots), dtype=np.int64)
        for kind, name in enumerate(LINE_TYPES):
            mine = np.flatnonzero(self.held.line_type[slots] == kind)
            model[mine] = devices.choose(self.rng, month.first, len(mine), name)
        state.new_devices(slots, model)
        # A second SIM often sits in the second slot of the phone of the first.
        first = self.held.first_line[slots]
        shares = (first != slots) & (self.rng.random(len(slots)) < 0.35) & (self.held.line_type[slots] == HANDSET)
        state.device[slots[shares]] = state.device[first[shares]]

    def _return(self, slots: np.ndarray, state: State) -> np.ndarray:
        """Give some slots to people who left last month, mostly with their old phone, sometimes with other papers."""
        rng, held = self.rng, self.held
        left = np.flatnonzero(state.left_last_month)
        fit = (held.line_type[left] == HANDSET) & ~np.isin(state.cause[left], [hazards.MOVED, hazards.FRAUD])
        old = left[fit & (rng.random(len(left)) < RETURN_SHARE)]
        free = slots[(held.line_type[slots] == HANDSET) & (held.first_line[slots] == slots)]
        new = np.sort(rng.permutation(free)[: len(old)])
        old = rng.permutation(old)[: len(new)]
        for values in (held.person, held.home_cell, held.work_cell, held.community, held.segment):
            values[new] = values[old]
        for values in held.rates.values():
            values[new] = values[old] * rng.lognormal(0, 0.12, size=len(new))
        held.rates["offnet_share"][new] = np.minimum(held.rates["offnet_share"][new], 0.95)
        same_phone = rng.random(len(new)) < 0.72
        state.device[new[same_phone]] = state.device[old[same_phone]]
        papers = rng.choice(3, size=len(new), p=[0.45, 0.35, 0.20])  # same customer, new customer, other papers
        state.customer[new] = np.where(papers == 0, state.customer[old], new)
        self.registry.person[new] = held.person[new]
        relative = self.registry.registrant[new]  # whoever the slot was drawn for
        self.registry.registrant[new] = np.where(papers == 2, relative, self.registry.registrant[state.customer[old]])
        self.returns.append(
            pl.DataFrame(
                {
                    "old_line": old.astype(np.int32),
                    "new_line": new.astype(np.int32),
                    "is_same_device": same_phone,
                    "is_same_customer": papers == 0,
                    "is_same_document": papers != 2,
                }
            )
        )
        return new

    def _invent(self, slots: np.ndarray, state: State) -> None:
        """A faking dealer registers strangers' papers: hardly any use, one cell, one phone for many cards."""
        held = self.held
        honest = np.flatnonzero(held.first_line[slots] == slots)
        candidates = slots[honest][held.line_type[slots[honest]] == HANDSET]
        share = self.shops.fake_share[state.outlet[candidates]]
        candidates, share = candidates[share > 0], share[share > 0]
        fake = candidates[self.rng.random(len(candidates)) < share]
        state.is_fake[fake] = True
        shop = state.outlet[fake]
        order = np.lexsort((fake, shop))
        fake, shop = fake[order], shop[order]
        rank = np.arange(len(fake)) - np.searchsorted(shop, shop)
        state.device[fake] = state.device[fake[np.arange(len(fake)) - rank % FAKES_PER_DEVICE]]
        held.home_cell[fake] = held.work_cell[fake] = self.shops.cell[shop]
        for name, factor in {"voice_per_day": 0.06, "sms_per_day": 0.05, "data_per_day": 0.04}.items():
            held.rates[name][fake] *= factor

    def _activate(self, slots: np.ndarray, at: np.ndarray, month: Month, state: State, log: Log) -> None:
        rng, held = self.rng, self.held
        size = len(slots)
        state.activated_at[slots] = at
        state.plan[slots] = catalogue.on_sale(self.plans, month.first)[plan_for(rng, held, slots)]
        term = self.plans["contract_months"].fill_null(0).to_numpy()[state.plan[slots]]
        signs = (term > 0) & (rng.random(size) < 0.8) & ~state.is_fake[slots]
        state.contract_end[slots] = np.where(signs, at // DAY + (term * 30.44).astype(np.int64), 0)
        ports = (held.line_type[slots] == HANDSET) & (held.segment[slots] == PERSONAL) & ~state.is_fake[slots]
        ports &= rng.random(size) < PORT_IN_SHARE
        state.number[slots[ports]] = self.numbers.port_in(int(ports.sum()))
        state.number[slots[~ports]] = self.numbers.take(int((~ports).sum()), month)
        pre_opens = ~ports & (rng.random(size) < 0.1)
        ahead = rng.integers(1, 40, size=int(pre_opens.sum())) * DAY
        log.add(slots[pre_opens], at[pre_opens] - ahead, Kind.PRE_OPEN)
        log.add(slots[ports], at[ports], Kind.PORT_IN)
        log.add(slots, at, Kind.ACTIVATE)
