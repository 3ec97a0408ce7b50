"""The life of the base, month by month: who leaves and why, who joins, and what happens to lines in between.

Arrays over all line slots are stepped through calendar months. Within a month a line meets at most one thing, at a
random time of one of its days.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pipelines.synthetic import catalogue, devices, hazards
from pipelines.synthetic.campaigning import Campaigning
from pipelines.synthetic.changes import Kind, Log
from pipelines.synthetic.clock import DAY, WARM_UP_MONTHS, Month, epoch_day, months, office_time
from pipelines.synthetic.complaints import Complaints
from pipelines.synthetic.geography import Geography
from pipelines.synthetic.graph import Graph
from pipelines.synthetic.joining import Joining
from pipelines.synthetic.population import HANDSET, LINE_TYPES, Lines, People, plan_for
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.state import ARREARS, NEVER, PAID, VOLUNTARY, State

# Monthly probabilities of what may happen to a line that stays.
RATES = {
    Kind.SUSPEND_VOLUNTARY: 0.0015, Kind.OWNER_CHANGE: 0.0010, Kind.SIM_CHANGE: 0.0060, Kind.NUMBER_CHANGE: 0.0015,
    Kind.PLAN_CHANGE: 0.0180, Kind.DEVICE_CHANGE: 0.0280,
}  # fmt: skip
PORT_OUT_SHARE = 0.22  # of those who leave for price, quality, service, contract end or friends
REACTIVATED_SHARE = 0.015  # of those who leave otherwise, back within days
RENEWAL_SHARE = 0.45
PORT_OUT, OTHER = "port_out", "other"
REASONS = ("price", "quality", "service", "contract_end", "moved", "arrears", "fraud", PORT_OUT, OTHER)
SPREADING = (hazards.PRICE, hazards.QUALITY, hazards.SERVICE, hazards.CONTRACT_END, hazards.FRIENDS)
FADING = (*SPREADING, hazards.MOVED)


@dataclass
class Life:
    """The simulation; after `run`, `log` and `state` hold what happened and `hazard` why."""

    settings: Settings
    geography: Geography
    crowd: People
    held: Lines
    graph: Graph
    plans: pl.DataFrame
    joining: Joining
    state: State
    log: Log = field(default_factory=Log)
    hazard: list[pl.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = self.settings.rng("life")
        self.campaigns = Campaigning(self.settings.rng("campaigns"))
        self.complaints = Complaints(self.settings.rng("complaints"))
        self.competition = self.rng.uniform(0.6, 1.4, size=len(months(self.settings)))
        self.base_plan = catalogue.first_version(self.plans)

    def run(self, cohorts: list[int]) -> None:
        calendar = months(self.settings)
        self.joining.start(calendar[0], self.state, self.log)
        following = self.held.initial
        for month, joining in zip(calendar, cohorts, strict=True):
            self._reprice(month)
            # Who returns left last month; who joins now is not yet part of this month's base.
            self.joining.join(np.arange(following, following + joining), month, self.state, self.log)
            self._live(month)
            following += joining

    def _live(self, month: Month) -> None:
        """One month of those in service when it begins."""
        state = self.state
        lines = state.in_service(month.start)
        person = np.maximum(self.held.person[lines], 0)
        if month.index + 1 >= WARM_UP_MONTHS and month.first <= self.settings.end:
            self.campaigns.freeze(month, lines, state, self.crowd.price_sensitivity[person])
        now = self._circumstances(month, lines, person)
        force = hazards.intensity(now)
        leaves, cause = hazards.leave(self.rng, force)
        left_at = self._leave(month, lines[leaves], cause[leaves])
        self._record(month, lines, force, leaves, cause, left_at)
        self.complaints.happen(month, lines, state, now.trouble, now.discontent)
        self._stay(month, lines[~leaves])
        if self.campaigns.months and self.campaigns.months[-1] is month:
            self.campaigns.contact(month, state, self.log)

    def _circumstances(self, month: Month, lines: np.ndarray, person: np.ndarray) -> hazards.Circumstances:
        state, held, crowd = self.state, self.held, self.crowd
        contract_end = state.contract_end[lines]
        first_day, after = month.start // DAY, month.end // DAY
        relief = np.where(state.relief_until[lines] >= month.index, state.relief[lines], 0)
        return hazards.Circumstances(
            overpays=self._overpays(month, lines),
            competition=float(self.competition[month.index]),
            price_sensitivity=crowd.price_sensitivity[person],
            trouble=self.geography.trouble[max(0, month.index - 1)][held.home_cell[lines]],
            is_unresolved=state.is_unresolved[lines],
            discontent=crowd.discontent[person],
            is_contract_over=(contract_end >= first_day - 20) & (contract_end < after),
            friends_left=self.graph.share(state.left_last_month)[lines],
            is_in_arrears=state.suspension[lines] == ARREARS,
            payer_risk=held.rates["payer_risk"][lines],
            tenure_months=((month.start - state.activated_at[lines]) / (30.44 * DAY)).astype(np.float32),
            is_corporate=held.enterprise[lines] >= 0,
            is_fake=state.is_fake[lines],
            relief=relief.astype(np.float32),
        )

    def _overpays(self, month: Month, lines: np.ndarray) -> np.ndarray:
        """0 (a bargain) to 2 (twice the worth of what is used), more in the months after the silent price rise."""
        rates = {
            name: self.held.rates[name][lines] for name in ("voice_per_day", "call_s", "data_per_day", "session_mb")
        }
        minutes = rates["voice_per_day"] * rates["call_s"] / 4
        gigabytes = rates["data_per_day"] * rates["session_mb"] * 30 / 1024
        worth = 6 + 0.08 * minutes + 14 * np.sqrt(gigabytes)
        fee = self.plans["monthly_fee"].cast(pl.Float64).to_numpy()[self.state.plan[lines]]
        silent = self.plans.filter("is_silent")
        since = (month.first - silent["valid_from"][0]).days
        rise = (self.state.plan[lines] == silent["plan"][0]) * (0 <= since < 100)
        return (np.clip(1 + 0.6 * np.log2(fee / worth), 0, 2) + 2.0 * rise).astype(np.float32)

    def _leave(self, month: Month, lines: np.ndarray, cause: np.ndarray) -> np.ndarray:
        """Terminate these lines within the month: some take their number along, a few are back within days."""
        rng, state = self.rng, self.state
        at = office_time(rng, month.start, month.days, len(lines))
        over = np.maximum(state.contract_end[lines].astype(np.int64) * DAY, month.start)
        late = np.minimum(over + rng.integers(0, 9, size=len(lines)) * DAY + 15 * 3600, month.end - 7200)
        at = np.where(cause == hazards.CONTRACT_END, late, at)
        ports = np.isin(cause, SPREADING) & (self.held.line_type[lines] == HANDSET)
        ports &= rng.random(len(lines)) < PORT_OUT_SHARE
        recorded = np.array(
            [REASONS.index(name) if name in REASONS else REASONS.index(OTHER) for name in hazards.CAUSES]
        )
        is_told = (rng.random(len(lines)) < 0.6) | (cause == hazards.ARREARS)
        reason = np.where(is_told & (cause != hazards.FRAUD), recorded[cause], REASONS.index(OTHER))
        reason = np.where(ports, REASONS.index(PORT_OUT), reason)
        self.log.add(lines[ports], at[ports], Kind.PORT_OUT)
        self.log.add(lines, at, Kind.TERMINATE, reason)

        early = at < month.start + 20 * DAY
        regrets = ~ports & early & (cause != hazards.FRAUD) & (rng.random(len(lines)) < 1.5 * REACTIVATED_SHARE)
        self.log.add(
            lines[regrets], office_time(rng, _midnight(at[regrets]) + DAY, 6, int(regrets.sum())), Kind.REACTIVATE
        )
        state.suspension[lines[regrets]] = PAID
        gone = lines[~regrets]
        state.terminated_at[gone] = at[~regrets]
        state.cause[gone] = cause[~regrets]
        returns_number = ~regrets & ~ports
        self.joining.numbers.give_back(state.number[lines[returns_number]], at[returns_number])
        state.left_last_month[:] = False
        state.left_last_month[gone] = True
        fades = ~regrets & np.isin(cause, FADING) & (rng.random(len(lines)) < 0.85)
        state.fades_from[lines[fades]] = at[fades] - rng.integers(20, 70, size=int(fades.sum())) * DAY
        state.fades_to[lines[fades]] = rng.uniform(0.05, 0.5, size=int(fades.sum()))
        return at

    def _record(
        self, month: Month, lines: np.ndarray, force: hazards.Intensity, leaves: np.ndarray, cause: np.ndarray,
        left_at: np.ndarray,
    ) -> None:  # fmt: skip
        if not (month.end // DAY > epoch_day(self.settings.first_day) and month.first <= self.settings.end):
            return
        at = np.full(len(lines), NEVER)
        at[leaves] = left_at
        observable, hidden = force.observable.sum(axis=0), force.hidden.sum(axis=0)
        self.hazard.append(
            pl.DataFrame(
                {
                    "line": lines.astype(np.int32),
                    "hazard": -np.expm1(-(observable + hidden)),
                    "hazard_observable": observable,
                    "hazard_hidden": hidden,
                    "cause": np.where(leaves, cause, -1).astype(np.int8),
                    "left_at": at,
                    "is_back": leaves & (self.state.terminated_at[lines] == NEVER),
                }
            ).with_columns(month=pl.lit(month.first))
        )

    def _stay(self, month: Month, lines: np.ndarray) -> None:
        """What happens to lines that stay: suspensions end or begin, contracts are renewed, things change hands."""
        rng, state = self.rng, self.state
        suspended = lines[state.suspension[lines] != PAID]
        back = suspended[rng.random(len(suspended)) < 0.8]
        self.log.add(back, office_time(rng, month.start, 20, len(back)), Kind.RESUME)
        paying = lines[state.suspension[lines] == PAID]
        state.suspension[back] = PAID
        self._renew(month, lines)
        draw = rng.random(len(paying))
        risk = self.held.rates["payer_risk"][paying] * np.where(state.is_fake[paying], 0, 0.8)
        self._suspend(month, paying[draw < risk], Kind.SUSPEND_ARREARS, ARREARS)
        edge = risk
        for kind, rate in RATES.items():
            chosen = paying[(draw >= edge) & (draw < edge + rate) & ~state.is_fake[paying]]
            edge = edge + rate
            self._happen(month, kind, chosen)

    def _happen(self, month: Month, kind: Kind, lines: np.ndarray) -> None:
        at = office_time(self.rng, month.start, month.days, len(lines))
        match kind:
            case Kind.SUSPEND_VOLUNTARY:
                self._suspend(month, lines, kind, VOLUNTARY)
            case Kind.SIM_CHANGE:
                self.log.add(lines, at, kind, self.state.new_sims(lines))
            case Kind.OWNER_CHANGE:
                self._change_owner(lines, at)
            case Kind.NUMBER_CHANGE:
                self.joining.numbers.give_back(self.state.number[lines], at)
                self.state.number[lines] = self.joining.numbers.take(len(lines), month)
                self.log.add(lines, at, kind, self.state.number[lines])
            case Kind.PLAN_CHANGE:
                self._change_plan(month, lines, at)
            case Kind.DEVICE_CHANGE:
                for number, name in enumerate(LINE_TYPES):
                    mine = np.flatnonzero(self.held.line_type[lines] == number)
                    model = devices.choose(self.rng, month.first, len(mine), name)
                    self.log.add(lines[mine], at[mine], kind, self.state.new_devices(lines[mine], model))

    def _suspend(self, month: Month, lines: np.ndarray, kind: Kind, why: int) -> None:
        """Half of the suspensions end within days, the others last into the next month."""
        at = office_time(self.rng, month.start, 14, len(lines))
        self.log.add(lines, at, kind)
        short = self.rng.random(len(lines)) < 0.5
        days = 1 + self.rng.integers(0, 10, size=int(short.sum()))
        self.log.add(lines[short], office_time(self.rng, _midnight(at[short]) + days * DAY, 1, len(days)), Kind.RESUME)
        self.state.suspension[lines[~short]] = why

    def _change_owner(self, lines: np.ndarray, at: np.ndarray) -> None:
        """A line passes to the customer of one of its call partners."""
        known = (self.graph.degree()[lines] > 0) & (self.held.enterprise[lines] < 0)
        lines, at = lines[known], at[known]
        partner = self.graph.peer_line[self.graph.peer_start[lines]]
        heir = self.state.customer[partner]
        joined = (self.state.activated_at[partner] < at) & (heir != self.state.customer[lines])
        self.state.customer[lines[joined]] = heir[joined]
        self.log.add(lines[joined], at[joined], Kind.OWNER_CHANGE, heir[joined])

    def _change_plan(self, month: Month, lines: np.ndarray, at: np.ndarray) -> None:
        """Most changes take effect with the billing month, some at once."""
        wanted = catalogue.on_sale(self.plans, month.first)[plan_for(self.rng, self.held, lines)]
        differs = self.base_plan[wanted] != self.base_plan[self.state.plan[lines]]
        lines, at, wanted = lines[differs], at[differs], wanted[differs]
        at = np.where(self.rng.random(len(lines)) < 0.75, month.start, at)
        self.state.plan[lines] = wanted
        self.log.add(lines, at, Kind.PLAN_CHANGE, wanted)

    def _renew(self, month: Month, lines: np.ndarray) -> None:
        end = self.state.contract_end[lines]
        ends = lines[(end >= month.start // DAY) & (end < month.end // DAY)]
        renews = ends[self.rng.random(len(ends)) < RENEWAL_SHARE]
        at = self.state.contract_end[renews].astype(np.int64) * DAY + 12 * 3600
        self.state.contract_end[renews] += 365
        self.log.add(renews, at, Kind.CONTRACT, self.state.contract_end[renews])

    def _reprice(self, month: Month) -> None:
        """The silent rise: everybody on the plan pays the new price from this month on, and nobody is told."""
        silent = self.plans.filter("is_silent").row(0, named=True)
        if silent["valid_from"] != month.first:
            return
        old = self.plans.filter((pl.col("plan_id") == silent["plan_id"]) & ~pl.col("is_silent"))["plan"][0]
        lines = self.state.in_service(month.start)
        lines = lines[self.state.plan[lines] == old]
        self.state.plan[lines] = silent["plan"]
        self.log.add(lines, month.start, Kind.PRICE_CHANGE, silent["plan"])


def _midnight(at: np.ndarray) -> np.ndarray:
    return at // DAY * DAY
