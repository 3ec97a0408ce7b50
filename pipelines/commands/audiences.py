"""Audience files against the published tables: read, counted, chosen."""

import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import yaml

from models.targeting.audience import Audience, AudienceError, Plan, compiled
from models.targeting.bitmap import Values
from models.targeting.choose import Chosen, Likeness, choose, likeness_of, refuse_impossible
from models.targeting.column import WHO, Catalogue, Column, Relation
from models.targeting.condition import Feature
from models.targeting.evaluate import Outcome, Rule, Source, evaluate
from models.targeting.policy import pending, read_policy, rules
from models.targeting.source import Parquet, Published
from pipelines.commands.lists import Lists
from pipelines.engine.codes import Codes
from pipelines.engine.declaration import LOADER, DeclarationError, read_declaration
from pipelines.engine.home import PROJECT, Home
from pipelines.engine.sandbox import reading
from pipelines.engine.table import Table, load_tables

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class Counted:
    """What became of an audience, up to the list that would be frozen."""

    file: str
    outcome: Outcome
    chosen: Chosen


@dataclass(frozen=True)
class Campaigns:
    """Audiences and what they are judged on: a source of lines, and the day that its tables close."""

    source: Source
    catalogue: Catalogue
    as_of: date | None = None
    run_id: str = ""

    def count(self, files: Sequence[Path], purpose: str | None, lists: Lists | None = None) -> list[Counted]:
        """Raises AudienceError before anything is counted if one of the files is not sound."""
        plans = [compiled(name_of(path), audience_of(path), self.catalogue, str(path)) for path in files]
        own = [self.rules(plan, purpose) for plan in plans]
        seeds = [seeds_of(plan, path, lists) for plan, path in zip(plans, files, strict=True)]
        outcomes, population = evaluate(plans, own, self.source)
        found, known = [], declared_codes()
        for path, outcome, keys in zip(files, outcomes, seeds, strict=True):
            refuse_impossible(outcome.plan, population, str(path), known)
            likeness = self.likeness(outcome.plan, keys, path) if keys is not None else None
            found.append(Counted(str(path), outcome, choose(outcome, likeness, keys)))
        return found

    def rules(self, plan: Plan, purpose: str | None) -> list[Rule]:
        """The contact policy; a table of the reader's own knows none."""
        return [] if purpose is None else rules(read_policy(), self.catalogue, purpose, plan.name)

    def likeness(self, plan: Plan, seeds: np.ndarray, path: Path) -> Likeness:
        known: dict[Feature, list[Values]] = {one: [] for one in plan.like}
        keys = []
        for load in self.source.blocks():
            block = load()
            keys.append(block.keys)
            for feature, values in block.values(plan.like):
                known[feature].append(values)
        try:
            whole = {one: _joined(pieces) for one, pieces in known.items()}
            return likeness_of(plan.like, whole, np.concatenate(keys), seeds)
        except AudienceError as error:
            raise AudienceError(f"{path}: {error}") from None


def _joined(pieces: Sequence[Values]) -> Values:
    valid = [np.ones(len(one.data), bool) if one.valid is None else one.valid for one in pieces]
    return Values(pieces[0].kind, np.concatenate([one.data for one in pieces]), np.concatenate(valid))


@contextmanager
def published(home: Home, audiences: Sequence[str], lists: Lists) -> Generator[Campaigns]:
    """The published run, as of the day that it closes, with the lists that wait to be loaded."""
    with reading(home) as connection:
        as_of, run_id = connection.execute("select as_of, run_id from as_of").fetchall()[0]
        catalogue = catalogue_of(connection, load_tables())
        waiting = {pending(name): lists.waiting(connection, except_audience=name) for name in audiences}
        yield Campaigns(Published(connection, catalogue, as_of, waiting), catalogue, as_of, run_id)


def table(path: Path, key: str) -> Campaigns:
    """A wide table of the reader's own."""
    source = Parquet(path, key)
    columns = source.catalogue.relations[""].columns
    if key not in columns or columns[key].kind != "integer":
        raise AudienceError(
            f"{path}: has no column of integers {key!r} that tells lines apart; it has {', '.join(list(columns)[:20])}"
        )
    return Campaigns(source, source.catalogue)


def catalogue_of(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Table]) -> Catalogue:
    """The tables of the project; those that the file does not have yet are as good as not public."""
    found = connection.execute("select schema_name || '.' || view_name from duckdb_views() where not internal")
    there = {row[0] for row in found.fetchall()}
    return Catalogue(
        {name: relation(one, is_there=name in there) for name, one in tables.items() if one.schema != "ops"}
    )


def relation(one: Table, *, is_there: bool) -> Relation:
    header = one.header
    columns = {name: Column(name, kind) for name, kind in header.types().items()}
    key = next((who for who in WHO if who in columns), None)
    period = header.refresh if header.refresh in ("day", "month") else None
    partition = header.partition if period else None
    is_single = set(header.grain) == {key, *([partition] if partition else [])}
    hidden = "" if is_there else "is not published yet; the next night publishes it"
    return Relation(one.name, columns, key, partition, period, is_single, hidden if header.public else "is not public")


def name_of(path: Path) -> str:
    if not NAME.fullmatch(path.stem):
        raise AudienceError(
            f"{path}: found the name {path.stem!r}; an audience is named by a-z, 0-9 and _, beginning with a letter"
        )
    return path.stem


def audience_of(path: Path) -> Audience:
    if not path.is_file():
        raise AudienceError(f"{path}: is no file; expected an audience, as models/targeting/README.md shows it")
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(path.read_text(encoding="utf-8"), LOADER)):
            raise AudienceError(
                f"{path}: found an alias (*); write conditions out, a few aliases may stand for billions"
            )
    except yaml.YAMLError:
        pass  # told with its line below
    except UnicodeDecodeError as error:
        raise AudienceError(f"{path}: is no text in UTF-8 ({error})") from None
    try:
        return read_declaration(path, Audience)
    except DeclarationError as error:
        raise AudienceError(str(error)) from None


def seeds_of(plan: Plan, path: Path, lists: Lists | None) -> np.ndarray | None:
    """The keys of a seed list: those of a frozen list by its name, or of a CSV file beside the audience."""
    if plan.audience.like is None:
        return None
    name = plan.audience.like.seeds
    if lists is not None and lists.knows(name):
        return lists.keys(name)
    beside = path.with_name(name)
    try:
        words = [line.split(",")[0].strip() for line in beside.read_text(encoding="utf-8").splitlines()]
        return np.array(sorted({int(word) for word in words[1:] if word}), np.int64)
    except (OSError, ValueError) as error:
        raise AudienceError(
            f"{path}: like.seeds: found {name!r}: {error}; expected a frozen list, or a CSV file beside the audience "
            "whose first column holds subscription keys under a title"
        ) from None


def declared_codes() -> dict[str, Sequence[str]]:
    """The codes that pipelines/core/codes.yaml declares, by column."""
    domains = read_declaration(PROJECT / "pipelines" / "core" / "codes.yaml", Codes).domains
    return {name: list(domain.standard) for name, domain in domains.items()}
