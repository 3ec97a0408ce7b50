"""Maximum likelihood as the two purchase models share it: several starts, standard errors, and what cannot be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

LOWEST, HIGHEST = 1e-6, 1e6  # a parameter that ends here has run away: the data do not tell it
RUNAWAY = 10.0  # and one within this factor of the ends says the same
Objective = Callable[["np.ndarray"], tuple[float, "np.ndarray"]]


class FitError(ValueError):
    """The data cannot tell the parameters; the message says what was found and what is needed."""


@dataclass(frozen=True)
class Estimate:
    """Fitted parameters by name, with standard errors (None where the data do not tell them) and what is doubtful."""

    parameters: dict[str, float]
    standard_errors: dict[str, float | None]
    log_likelihood: float
    customers: int
    starts: int
    starts_agreeing: int
    told: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> float:
        return self.parameters[name]

    def as_dict(self) -> dict[str, Any]:
        return {
            "parameters": self.parameters, "standard_errors": self.standard_errors,
            "log_likelihood": self.log_likelihood, "customers": self.customers,
            "starts": self.starts, "starts_agreeing": self.starts_agreeing, "told": self.told,
        }  # fmt: skip


def maximise(objective: Objective, names: Sequence[str], starts: Sequence[Sequence[float]], customers: int) -> Estimate:
    """The best maximum over the starts.

    `objective` gives the mean log-likelihood of a customer and its gradient, both in the logarithms of the parameters,
    which are all positive. The Hessian at the maximum is taken from differences of that gradient.

    Raises:
        FitError: no start leads to a maximum.
    """
    import numpy as np
    from scipy.optimize import minimize

    def negative(logs: np.ndarray) -> tuple[float, np.ndarray]:
        with np.errstate(all="ignore"):
            value, gradient = objective(logs)
        if not np.isfinite(value) or not np.isfinite(gradient).all():
            return 1e10, np.zeros_like(logs)
        return -value, -gradient

    bounds = [(np.log(LOWEST), np.log(HIGHEST))] * len(names)
    options = {"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-9}
    found = [
        minimize(negative, np.log(np.asarray(start)), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        for start in starts
    ]
    best = min(found, key=lambda one: one.fun)
    if best.fun >= 1e9:
        raise FitError("no start led to a likelihood that can be computed; the amounts or times are beyond measure")
    again = minimize(negative, best.x, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    best = again if again.fun <= best.fun else best
    agreeing = sum(bool((one.fun - best.fun) * customers < 0.01) for one in found)
    parameters = {name: float(np.exp(log)) for name, log in zip(names, best.x, strict=True)}
    errors = _errors(negative, best.x, customers)
    told = []
    if runaway := [n for n, p in parameters.items() if not LOWEST * RUNAWAY < p < HIGHEST / RUNAWAY]:
        told.append(f"{', '.join(runaway)} ran to the end of the range: the data do not tell it, others still hold")
    elif errors is None:
        told.append("the likelihood is flat at its maximum: the data do not tell the parameters apart")
    elif unsure := [name for name, error in zip(names, errors, strict=True) if error > 1]:
        told.append(f"the data hardly tell {', '.join(unsure)}: the standard error is larger than the value")
    if agreeing < 2:
        told.append(f"only {agreeing} of {len(starts)} starts led to this maximum; another one may be higher")
    known = [None] * len(names) if errors is None else [float(e) for e in errors]
    return Estimate(
        parameters,
        {
            name: None if name in runaway or error is None else error * parameters[name]
            for name, error in zip(names, known, strict=True)
        },
        float(-best.fun * customers), customers, len(starts), agreeing, told,
    )  # fmt: skip


def _errors(negative: Objective, logs: np.ndarray, customers: int, step: float = 1e-4) -> np.ndarray | None:
    """Standard errors of the logarithms, which are relative errors of the parameters; None on a flat likelihood."""
    import numpy as np

    hessian = np.empty((len(logs), len(logs)))
    for place in range(len(logs)):
        move = np.zeros(len(logs))
        move[place] = step
        hessian[place] = (negative(logs + move)[1] - negative(logs - move)[1]) / (2 * step)
    hessian = (hessian + hessian.T) / 2 * customers
    values = np.linalg.eigvalsh(hessian)
    if not np.isfinite(hessian).all() or values[0] <= max(1e-3, values[-1] * 1e-12):
        return None
    return np.sqrt(np.diag(np.linalg.inv(hessian)))
