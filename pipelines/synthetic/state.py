"""The state of every line slot between two months of the simulation."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

NEVER = np.iinfo(np.int64).max // 2
FIRST = ("plan", "number", "sim", "device", "customer", "contract_end")
PAID, VOLUNTARY, ARREARS = range(3)  # why a line is suspended; PAID: it is not


@dataclass
class State:
    """Arrays by line slot."""

    activated_at: np.ndarray
    terminated_at: np.ndarray
    suspension: np.ndarray
    plan: np.ndarray
    number: np.ndarray
    sim: np.ndarray
    device: np.ndarray
    customer: np.ndarray
    contract_end: np.ndarray  # days since 1970-01-01, 0 without
    outlet: np.ndarray
    is_fake: np.ndarray
    is_unresolved: np.ndarray
    left_last_month: np.ndarray
    cause: np.ndarray
    relief: np.ndarray
    relief_until: np.ndarray
    fades_from: np.ndarray  # usage declines from here to termination
    fades_to: np.ndarray  # share of usage left at the end
    device_model: list[np.ndarray] = field(default_factory=list)  # model of device 0, 1, 2, ... in pieces
    devices: int = 0
    sims: int = 0
    first: dict[str, np.ndarray] = field(default_factory=dict)  # what each line was activated with

    @classmethod
    def blank(cls, slots: int, customer: np.ndarray) -> State:
        def full(value: int, dtype: type = np.int32) -> np.ndarray:
            return np.full(slots, value, dtype=dtype)

        return cls(
            activated_at=full(NEVER, np.int64), terminated_at=full(NEVER, np.int64), suspension=full(PAID, np.int8),
            plan=full(-1), number=full(0, np.int64), sim=np.arange(slots, dtype=np.int32),
            device=np.arange(slots, dtype=np.int32), customer=customer.copy(), contract_end=full(0),
            outlet=full(0), is_fake=full(0, np.bool_), is_unresolved=full(0, np.bool_),
            left_last_month=full(0, np.bool_), cause=full(-1, np.int8), relief=full(0, np.float32),
            relief_until=full(-1), fades_from=full(NEVER, np.int64), fades_to=full(1, np.float32), sims=slots,
        )  # fmt: skip

    def remember(self, lines: np.ndarray) -> None:
        """Keep what these lines are activated with, before anything changes."""
        for name in FIRST:
            current = getattr(self, name)
            self.first.setdefault(name, np.zeros_like(current))[lines] = current[lines]

    def in_service(self, at: int) -> np.ndarray:
        """Lines activated before this second and not terminated by then, suspended ones included."""
        return np.flatnonzero((self.activated_at < at) & (self.terminated_at > at))

    def new_sims(self, lines: np.ndarray) -> np.ndarray:
        self.sim[lines] = self.sims + np.arange(len(lines))
        self.sims += len(lines)
        return self.sim[lines]

    def new_devices(self, lines: np.ndarray, model: np.ndarray) -> np.ndarray:
        self.device[lines] = self.more_devices(model)
        return self.device[lines]

    def more_devices(self, model: np.ndarray) -> np.ndarray:
        """Numbers of further devices of these models."""
        self.device_model.append(model.astype(np.int16))
        self.devices += len(model)
        return self.devices - len(model) + np.arange(len(model))
