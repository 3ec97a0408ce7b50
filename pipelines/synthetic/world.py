"""The synthetic operator's world: everything that is true about it, from which every source system tells its part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from pipelines.synthetic import (
    bundles,
    catalogue,
    changes,
    clerks,
    devices,
    frames,
    geography,
    graph,
    identifiers,
    leaving,
    outlets,
    population,
    services,
    staff,
    truth,
)
from pipelines.synthetic.clock import DAY, cohorts, epoch_day, months
from pipelines.synthetic.geography import Geography
from pipelines.synthetic.joining import Joining, Numbers
from pipelines.synthetic.leaving import Leaving
from pipelines.synthetic.life import Life
from pipelines.synthetic.outlets import Outlets
from pipelines.synthetic.population import Customers, People
from pipelines.synthetic.seasons import rhythm
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.staff import Staff
from pipelines.synthetic.state import State


@dataclass(frozen=True, eq=False)
class World:
    """Row i of `lines` is line i; all times are naive local time.

    `changes` is every change of every line with the state after it (epoch seconds; status, plan, customer, sim, number,
    device, contract_end as numbers), `spells` the stretches of constant state in service. A line's pay type is that of
    its plan at the time: `plans[spell.plan].pay_type`; `lines.pay_type` is the one it started with. Call partners of
    line i are `peer_line[peer_start[i]:peer_start[i + 1]]`, some of them not active on a given day. `sales` are the
    handsets sold (see `bundles`), `away_cell` is where lines live that left for another city, else -1.
    """

    settings: Settings
    lines: pl.DataFrame
    spells: pl.DataFrame
    plans: pl.DataFrame
    peer_start: np.ndarray
    peer_line: np.ndarray
    truth: dict[str, pl.DataFrame]
    changes: pl.DataFrame
    people: People
    customers: Customers
    spelling: clerks.Spelling
    enterprises: int
    geography: Geography
    outlets: Outlets
    tickets: pl.DataFrame
    targets: pl.DataFrame
    campaign_months: list[date]
    device_tac: np.ndarray
    fades_from: np.ndarray
    fades_to: np.ndarray
    terminated_at: np.ndarray
    sales: pl.DataFrame
    away_cell: np.ndarray
    staff: Staff
    orders: pl.DataFrame
    leaving: Leaving

    def on(self, day: date) -> pl.DataFrame:
        """One row per line with an active spell on the day: who it is, when it may be used, and the day's mean events.

        Of a line with several spells on the day the longest counts. Columns: line, msisdn, imsi, imei, plan,
        active_from_s, active_to_s (seconds of the day), voice_per_day, sms_per_day, data_per_day.
        """
        start = epoch_day(day) * DAY
        spell = self._spells_on(start)
        holder, begin, until, _ = self._bounds
        line = holder[spell]
        begins = np.maximum(begin[spell] - start, 0).astype(np.int32)
        ends = np.minimum(until[spell] - start, DAY).astype(np.int32)
        swing, left = rhythm(day), self._share_left(line, start)
        rows = self.spells[spell].select("line", "msisdn", "imsi", "imei", "plan")
        intensity = {
            name: pl.Series(self._rate[name][line] * left * np.float32(factor))
            for name, factor in (
                ("voice_per_day", swing.voice),
                ("sms_per_day", swing.sms),
                ("data_per_day", swing.data),
            )
        }
        return rows.with_columns(active_from_s=pl.Series(begins), active_to_s=pl.Series(ends), **intensity)

    @cached_property
    def _bounds(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Line, first second, second after the last, and whether active, by spell."""
        times = self.spells.select(pl.col("from_at", "to_at").dt.epoch("s"))
        is_active = (self.spells["status"] == "active").to_numpy()
        return self.spells["line"].to_numpy(), times["from_at"].to_numpy(), times["to_at"].to_numpy(), is_active

    @cached_property
    def _rate(self) -> dict[str, np.ndarray]:
        return {name: self.lines[name].to_numpy() for name in ("voice_per_day", "sms_per_day", "data_per_day")}

    def _spells_on(self, start: int) -> np.ndarray:
        """Active spells that touch the day, the longest of each line."""
        holder, begin, until, is_active = self._bounds
        found = np.flatnonzero((begin < start + DAY) & (until > start) & is_active)
        line = holder[found]
        doubled = np.flatnonzero(np.isin(line, line[1:][line[1:] == line[:-1]]))
        if not len(doubled):
            return found
        length = np.minimum(until[found], start + DAY) - np.maximum(begin[found], start)
        order = doubled[np.lexsort((-length[doubled], line[doubled]))]
        further = np.append(False, line[order][1:] == line[order][:-1])
        return np.delete(found, order[further])

    def _share_left(self, line: np.ndarray, start: int) -> np.ndarray:
        """1 for those who stay; those who will leave use less and less."""
        begins, left_at = self.fades_from[line], self.terminated_at[line]
        progress = np.clip((start - begins) / np.maximum(left_at - begins, 1), 0, 1)
        return (1 - progress * (1 - self.fades_to[line])).astype(np.float32)


def simulate(settings: Settings) -> World:
    """The same settings give the same world, on any machine and in any number of threads."""
    life, shops, enterprises = _lived(settings)
    state, returns = life.state, pl.concat(life.joining.returns)
    returned = np.concatenate([returns["old_line"].to_numpy(), returns["new_line"].to_numpy()])
    numbers = life.joining.numbers
    left = leaving.leave(settings, life.log, state, life.held, returns["old_line"].to_numpy(), numbers.ported)
    sold = bundles.sell(settings, left.log, state, life.held, shops, life.geography, returned)
    device_tac = devices.tac_of(np.arange(state.devices), np.concatenate(state.device_model))
    imei = identifiers.text(identifiers.imei(device_tac, np.arange(state.devices)))
    history = changes.history(sold.log, state.first)
    is_elsewhere = state.is_fake | (sold.away_cell >= 0)
    team = staff.hire(settings, life.geography, life.crowd, life.held, enterprises, is_elsewhere)
    life.held.work_cell[:] = team.work_cell
    lines = frames.lines(life.held, state, life.plans, shops)
    orders = services.orders(settings, lines, history, life.plans)
    old, new = returns["old_line"].to_numpy(), returns["new_line"].to_numpy()
    used = np.unique(lines["customer"].to_numpy())
    spelling = clerks.spelling(settings, life.joining.registry, used)
    peers = graph.with_returned(life.graph, old, new, settings.rng("returned partners"))
    return World(
        settings=settings,
        lines=lines,
        spells=frames.spells(history, life.plans, imei),
        plans=life.plans,
        peer_start=peers.peer_start,
        peer_line=peers.peer_line,
        truth=truth.tell(life, lines, left.reversed)
        | {
            "customer": truth.customer(life.joining.registry, spelling, used),
            "port_out": leaving.truth(left, lines, settings),
            "service_order": services.truth(orders, lines),
            "hidden_group": staff.truth(team, lines, settings),
            "unpacked_bundle": bundles.truth(sold, lines, settings),
        },
        changes=history,
        people=life.crowd,
        customers=life.joining.registry,
        spelling=spelling,
        enterprises=enterprises,
        geography=life.geography,
        outlets=shops,
        tickets=pl.concat(life.complaints.tickets),
        targets=pl.concat(life.campaigns.targets),
        campaign_months=[month.first for month in life.campaigns.months],
        device_tac=device_tac,
        fades_from=state.fades_from,
        fades_to=state.fades_to,
        terminated_at=state.terminated_at,
        sales=sold.sales,
        away_cell=sold.away_cell,
        staff=team,
        orders=orders,
        leaving=left,
    )


def _lived(settings: Settings) -> tuple[Life, Outlets, int]:
    """Draw the population and let it live through the simulated months."""
    initial, joining = cohorts(settings)
    total = initial + sum(joining)
    enterprises = max(5, settings.subscribers // 400)
    place = geography.build(settings, len(months(settings)))
    crowd = population.people(settings, place, total, enterprises)
    held = population.lines(settings, crowd, enterprises, initial, total)
    shops = outlets.build(settings, place)
    state = State.blank(total, held.customer)
    state.outlet[:] = outlets.sold_by(settings, place, shops, held.home_cell)
    plans = catalogue.plans(settings)
    registry = population.customers(settings, crowd, held, enterprises)
    person = np.maximum(held.person, 0)
    is_own = (held.person >= 0) & (held.line_type == population.HANDSET)
    circles = {
        "household": (np.where(is_own, crowd.household[person], -1), 0.9),
        "community": (np.where(is_own, crowd.community[person], -1), 2.2),
        "work": (np.where(is_own, crowd.employer[person], -1), 1.2),
    }
    partners = graph.build(settings, circles, total)
    numbers = Numbers(settings.rng("numbers"))
    arrivals = Joining(settings.rng("joining"), held, registry, shops, plans, numbers)
    life = Life(settings, place, crowd, held, partners, plans, arrivals, state)
    life.run(joining)
    return life, shops, enterprises
