"""From any table to the rows that are learned from: what is of no use or knows the outcome is left out, by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np

from models import versions
from models.learner import calibrate, folds, leaks
from models.learner.fitted import Rows
from models.learner.prepare import Feature, Preparation, understood, without_repeats
from models.learner.settings import LearnerError, Settings
from models.learner.table import Label, Table, workbench
from models.sql import quoted

FEW_LEAVERS = 5_000  # that a sample by chance must still hold; else all leavers are kept and stayers are sampled
OWN = ("row_number", "rowid")  # columns that the reading adds


@dataclass
class Drawn:
    """The rows a model is fitted on, in an order that their content decides, and what was left out."""

    connection: duckdb.DuckDBPyConnection
    preparation: Preparation
    matrix: np.ndarray
    label: np.ndarray
    groups: np.ndarray
    times: np.ndarray | None
    numbers: np.ndarray
    data_hash: str
    excluded: dict[str, str]
    told: dict[str, Any]
    shift: float
    weight: np.ndarray | None

    @property
    def rows(self) -> Rows:
        return Rows(self.preparation, self.matrix, self.label, self.groups, self.times)


def drawn_from(
    table: Table, label: Label, settings: Settings, *, id: str | None = None, time: str | None = None,
    train_where: str | None = None, score_where: str | None = None, prior: float | None = None,
    keep_suspect: Sequence[str] = (), say: Callable[[str], None] = lambda _: None,
) -> Drawn:  # fmt: skip
    """The rows to fit on, read, typed and freed of what is useless or knows the outcome."""
    rows = table.rows(train_where)
    columns = table.columns
    used = [
        name
        for name in columns
        if name.lower() not in {label.column.lower(), (id or "").lower(), (time or "").lower(), *OWN}
    ]
    if not used:
        raise LearnerError(f"{table.name}: has no column beside label, id and time; expected features")
    for name in keep_suspect:
        table.column(name, "keep-suspect option")
    total, labelled, leavers = table.ask(
        f"select count(*), count(label), coalesce(sum(label), 0) from (select {label.sql} as label from {rows})"
    ).fetchall()[0]
    leavers, stayers = int(leavers), int(labelled - leavers)
    if not leavers or not stayers:
        raise LearnerError(
            f"{table.name}: {labelled:,} rows with a label, {leavers:,} of them leavers, in label '{label.column}'; "
            "expected both classes"
        )
    told: dict[str, Any] = {
        "rows": total, "rows_without_label": total - labelled, "leavers": leavers,
        "label": {"column": label.column, "positive": list(label.positive)},
    }  # fmt: skip
    budget = min(settings.sample.rows, settings.sample.cells // len(used))
    keep_left = keep_stayed = min(1.0, budget / labelled)
    if keep_left < 1 and leavers * keep_left < FEW_LEAVERS:
        keep_left = min(1.0, budget / 2 / leavers)
        keep_stayed = min(1.0, (budget - leavers * keep_left) / stayers)
    key = quoted(id) if id else "bassline_row"
    sampled = ""
    if keep_left < 1 or keep_stayed < 1:
        least = f"case bassline_label when 1 then {keep_left * 1e6:.0f} else {keep_stayed * 1e6:.0f} end"
        sampled = f" and hash({key}) % 1000000 < {least}"
    connection = workbench()
    extra = f", {quoted(time)}" if time else ""
    drawn = table.ask(
        f"""select bassline_label, bassline_row, {key} as bassline_id,
            {", ".join(quoted(name) for name in used)}{extra}
        from (select *, {label.sql} as bassline_label from {rows}) where bassline_label is not null{sampled}"""
    )
    connection.register("told", drawn.to_arrow_reader(65_536))
    connection.execute("create table drawn as from told")
    connection.unregister("told")
    count, left = connection.execute("select count(*), sum(bassline_label) from drawn").fetchall()[0]
    told["rows_fitted"] = count
    if sampled:
        told["sampled"] = f"{count:,} of {labelled:,} rows, by a hash of {id or 'the row number'}" + (
            "" if keep_left == keep_stayed else f"; {keep_left:.1%} of leavers and {keep_stayed:.1%} of stayers"
        )
        say(f"fitting on a sample: {told['sampled']}")
    share = left / count
    true = prior if prior is not None else leavers / labelled
    shift = (
        calibrate.prior_shift(share, true) if abs(true - share) > 1e-9 and (prior or keep_left != keep_stayed) else 0.0
    )
    excluded = _split_columns(table, used, train_where, score_where)
    say(f"reading {len(used)} columns")
    features, useless = understood(connection, "drawn", [n for n in used if n not in excluded], settings.columns)
    excluded |= useless
    kept_anyway = {name.lower() for name in keep_suspect}
    preparation = Preparation(tuple(features))
    types = {name: str(kind) for name, kind, *_ in connection.execute("describe drawn").fetchall()}
    matrix, outcome, copies, ids, numbers = _read(connection, preparation, types)
    places, repeats = without_repeats(features, matrix)
    excluded |= repeats
    groups = folds.groups_of(copies, ids)
    times = _times(connection, time, settings, numbers) if time else None
    parts = np.random.default_rng(5).integers(0, 5, int(groups.max()) + 1)[groups]
    found = leaks.suspects(
        tuple(features[at] for at in places), matrix[:, places] if len(places) < len(features) else matrix,
        outcome, parts, settings.leaks, times,
    )  # fmt: skip
    told["suspects"] = [{**one.told(), "kept": not one.is_leak or one.column.lower() in kept_anyway} for one in found]
    for one in found:
        if one.is_leak and one.column.lower() not in kept_anyway:
            excluded[one.column] = f"knows the outcome: {one.found}; --keep-suspect {one.column} keeps it"
    places = [at for at in places if features[at].name not in excluded]
    if not places:
        reasons = "; ".join(f"{name}: {why}" for name, why in excluded.items())
        raise LearnerError(f"{table.name}: no column is left to learn from: {reasons}")
    if len(places) < len(features):
        matrix = matrix[:, places]
    described = tuple(_described(features[at], matrix[:, place]) for place, at in enumerate(places))
    data_hash = versions.data_hash(connection, "drawn")
    connection.execute("drop table drawn")
    told["same_rows"] = int(len(copies) - len(np.unique(copies)))
    weight = np.where(outcome > 0, true / share, (1 - true) / (1 - share)) if shift else None
    return Drawn(connection, Preparation(described), matrix, outcome, groups, times, numbers, data_hash, excluded, told,
                 shift, weight)  # fmt: skip


def _described(feature: Feature, column: np.ndarray) -> Feature:
    from dataclasses import replace

    if feature.kind == "category":
        return replace(feature, missing_share=round(float((column == 0).mean()), 6))
    low, high = np.nanquantile(column[:: max(1, len(column) // 100_000)], [0.25, 0.75])
    return replace(feature, quartiles=(float(low), float(high)), missing_share=round(float(np.isnan(column).mean()), 6))


def _split_columns(table: Table, used: list[str], train_where: str | None, score_where: str | None) -> dict[str, str]:
    """Columns that a condition names and that share no value between the two parts: they only say which part it is."""
    if not train_where or not score_where:
        return {}
    excluded = {}
    for name in used:
        if any(re.search(rf"\b{re.escape(name)}\b", where, re.I) for where in (train_where, score_where)):
            column = quoted(name)
            common = table.ask(
                f"""select 1 from (select distinct {column} as value from {table.rows(train_where)}) as one
                inner join (select distinct {column} as value from {table.rows(score_where)}) as two
                    on one.value is not distinct from two.value limit 1"""
            ).fetchall()
            if not common:
                excluded[name] = "separates the rows to train on from those to score"
    return excluded


def _read(
    connection: duckdb.DuckDBPyConnection, preparation: Preparation, types: dict[str, str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Matrix, label, hash of the features, hash of the id and row number, in the order of those hashes."""
    chosen = preparation.select(types, "the table")
    values = ", ".join(one.rsplit(" as ", 1)[0] for one in chosen) or "0"
    keys = connection.execute(
        f"""select bassline_label::double as label, hash({values}) as copy, hash(bassline_id) as own,
            bassline_row::bigint as number from drawn order by bassline_row"""
    ).fetchnumpy()
    order = np.lexsort((keys["label"], keys["own"], keys["copy"]))
    matrix = np.empty((len(order), len(chosen)), dtype=np.float32)
    for first in range(0, len(chosen), 16):
        some = connection.sql(
            f"select {', '.join(chosen[first : first + 16])} from drawn order by bassline_row"
        ).to_arrow_table()
        part = Preparation(preparation.features[first : first + 16])
        matrix[:, first : first + 16] = part.matrix(some.columns, some.num_rows)[order]
    label, copies, ids, numbers = (np.asarray(keys[name])[order] for name in ("label", "copy", "own", "number"))
    return matrix, label, copies, ids, numbers


def _times(connection: duckdb.DuckDBPyConnection, time: str, settings: Settings, numbers: np.ndarray) -> np.ndarray:
    """Days since 1970 of each row's observation; the end of the month where only months are told."""
    features, why = understood(connection, "drawn", [time], settings.columns.model_copy(update={"text_share": 1.0}))
    if not features or features[0].kind == "category":
        raise LearnerError(
            f"time column '{time}' holds no dates: {why.get(time, 'it reads as text')}; expected days or months"
        )
    types = {name: str(kind) for name, kind, *_ in connection.execute("describe drawn").fetchall()}
    value = features[0].sql(types[time])
    held = connection.execute(f"select bassline_row::bigint as number, {value} as day from drawn").fetchnumpy()
    days = np.asarray(held["day"], dtype=float)[np.argsort(held["number"])][np.argsort(np.argsort(numbers))]
    present = np.unique(days[~np.isnan(days)])
    if not len(present):
        raise LearnerError(f"time column '{time}' is empty; expected days or months")
    if features[0].kind == "number":
        if not ((present >= 190001) & (present <= 299912) & (present % 100 >= 1) & (present % 100 <= 12)).all():
            return days
        months = (days // 100 - 1970) * 12 + days % 100
        return _month_start(months) - 1
    dates = present.astype("datetime64[D]")
    if (dates == dates.astype("datetime64[M]")).all():
        started = np.floor(np.where(np.isnan(days), 0, days)).astype("datetime64[D]").astype("datetime64[M]")
        return np.where(np.isnan(days), np.nan, _month_start(started.astype(float) + 1) - 1)
    return days


def _month_start(months: np.ndarray) -> np.ndarray:
    """Days since 1970 of the first of a month, counted in months since January 1970."""
    whole = np.where(np.isnan(months), 0, months).astype("int64").astype("datetime64[M]")
    return np.where(np.isnan(months), np.nan, whole.astype("datetime64[D]").astype(float))
