"""Who works together: where each employer's people work, whom they call there, and firms that nobody registered.

An employer has one work place, a single radio cell, in each city; colleagues are people of the same work place. Beside
the registered enterprises there are firms in one city each whose people the operator knows as private customers only:
nobody of theirs stands in an enterprise's workbook, or hardly anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from pipelines.synthetic import graph
from pipelines.synthetic.geography import CITIES, CITY_SHARE, COUNTIES, Geography
from pipelines.synthetic.graph import Graph
from pipelines.synthetic.population import HANDSET, Lines, People
from pipelines.synthetic.settings import Settings

HIDDEN_PER_SUBSCRIBER = 1 / 200
HIDDEN_SIZES = (6, 31)  # people, some of whom are not customers yet or no longer
LEAST_SIZE = 8  # lines in service at the end that make a hidden group worth finding
PARTLY_REGISTERED = 0.35  # of the hidden firms
REGISTERED_SHARES = (0.08, 0.22)  # of their people
MOST_REGISTERED = 0.3  # of the lines; with more of them a group is not hidden
COLLEAGUES = 2.5  # mean number of colleagues that one picks out


@dataclass(frozen=True)
class Staff:
    """By line: `firm` is an enterprise, or from `enterprises` on a firm that is none; `registered_with` the enterprise
    in whose workbook the line stands because its user works there; -1 for neither."""

    enterprises: int
    firm: np.ndarray
    registered_with: np.ndarray
    work_cell: np.ndarray
    colleagues: Graph


def hire(
    settings: Settings, geography: Geography, crowd: People, held: Lines, enterprises: int, is_elsewhere: np.ndarray
) -> Staff:
    """Who works where, as things stand after the simulation. `is_elsewhere`: lines that nobody uses where he works."""
    rng = settings.rng("hidden groups")
    person = np.maximum(held.person, 0)
    is_user = (held.person >= 0) & (held.line_type == HANDSET) & ~is_elsewhere
    city_of = crowd.county // len(COUNTIES)
    firm_of, registered_of = crowd.employer.copy(), crowd.employer.copy()
    free = np.unique(held.person[is_user])
    free = rng.permutation(free[crowd.employer[free] < 0])
    member, hidden, registered = _recruit(rng, settings, free, city_of[free], enterprises)
    firm_of[member] = enterprises + hidden
    registered_of[member] = registered
    firm = np.where(is_user, firm_of[person], -1).astype(np.int32)
    branch = np.where(firm >= 0, firm * len(CITIES) + city_of[person], -1)
    cell = _work_cells(settings, geography, int(firm_of.max()) + 1)
    work_cell = np.where(branch >= 0, cell[branch], held.work_cell).astype(held.work_cell.dtype)
    left, right = graph.within(settings.rng("colleagues"), branch, COLLEAGUES)
    registered_with = np.where(held.person >= 0, registered_of[person], -1).astype(np.int32)
    return Staff(enterprises, firm, registered_with, work_cell, graph.from_pairs(left, right, len(held)))


def truth(staff: Staff, lines: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """One row per line of a hidden group: with eight lines in service at the end or more, few of them registered.

    Lines that came or left within the history are listed with their times; `is_registered`: stands in a workbook.
    """
    begins, ends = pl.lit(settings.first_day), pl.lit(settings.end + timedelta(days=1))
    found = lines.select(
        "user_id",
        "activated_at",
        "terminated_at",
        group=pl.Series(staff.firm - staff.enterprises),
        is_registered=pl.Series(staff.registered_with >= 0),
        stays=pl.col("terminated_at").is_null() | (pl.col("terminated_at") >= ends),
    ).filter(
        pl.col("group") >= 0,
        pl.col("activated_at") < ends,
        pl.col("terminated_at").is_null() | (pl.col("terminated_at") >= begins),
    )
    is_large = pl.col("stays").sum().over("group") >= LEAST_SIZE
    is_hidden = pl.col("is_registered").mean().over("group") < MOST_REGISTERED
    columns = ("group", "user_id", "is_registered", "activated_at", "terminated_at")
    return found.filter(is_large, is_hidden).select(columns).sort("group", "user_id")


def _recruit(
    rng: np.random.Generator, settings: Settings, free: np.ndarray, city_of: np.ndarray, enterprises: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who of the free people works at which hidden firm of his city, and the enterprise he is registered with or -1."""
    count = max(4, round(settings.subscribers * HIDDEN_PER_SUBSCRIBER))
    size, city = rng.integers(*HIDDEN_SIZES, size=count), rng.choice(len(CITIES), size=count, p=CITY_SHARE)
    members, firms = [], []
    for number in range(len(CITIES)):
        pool, here = free[city_of == number], np.flatnonzero(city == number)
        firm = np.repeat(here, size[here])[: len(pool)]
        members.append(pool[: len(firm)])
        firms.append(firm)
    member, firm = np.concatenate(members), np.concatenate(firms)
    share = np.where(rng.random(count) < PARTLY_REGISTERED, rng.uniform(*REGISTERED_SHARES, size=count), 0)
    host = rng.integers(
        0, max(1, enterprises // 3), size=count
    )  # the larger ones, which surely have lines of their own
    return member, firm, np.where(rng.random(len(member)) < share[firm], host[firm], -1)


def _work_cells(settings: Settings, geography: Geography, firms: int) -> np.ndarray:
    """A cell for each firm and city, firm by firm."""
    rng = settings.rng("work places")
    city_of_cell = geography.county_of_cell // len(COUNTIES)
    first = np.searchsorted(city_of_cell, np.arange(len(CITIES)))
    after = np.searchsorted(city_of_cell, np.arange(len(CITIES)), side="right")
    return (first + (rng.random((firms, len(CITIES))) * (after - first)).astype(np.int64)).ravel()
