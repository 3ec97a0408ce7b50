"""Lists of people and figures of groups leave the house only here: for a purpose, logged, without those who said no."""

import csv
import hashlib
import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict

from pipelines.commands.rows import harmless
from pipelines.engine.home import Home
from pipelines.engine.sandbox import Refused, bounded, quoted, reading, reading_warehouse, select
from pipelines.engine.vault import Vault
from pipelines.engine.workbench import workbench
from pipelines.privacy import register
from pipelines.privacy.threshold import K, few_apart, redacted, too_close

PURPOSES = Path(__file__).with_name("purposes.yaml")
WHO = {"subscription_key": "subscription", "party_key": "customer"}
"""The columns that make a query a list, and the vault domain of each."""


class Purpose(BaseModel):
    """What an export is for, from purposes.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    needs_consent: bool
    detokenise: tuple[str, ...]


@dataclass(frozen=True)
class Export:
    """An export as it was written: its number, the rows of its file, and people left out or rows hidden."""

    number: int
    rows: int
    suppressed: int


@dataclass(frozen=True)
class Asked:
    """What a query returned: column names and rows; `dimensions` and `people` are places of columns, for figures."""

    names: list[str]
    rows: list[tuple[Any, ...]]
    who: str | None
    dimensions: tuple[int, ...] = ()
    people: int = 0


def export(home: Home, sql: str, *, purpose: str, to: Path, detokenise: str | None = None) -> Export:
    """Write a list or figures as CSV. Raises Refused for whatever must not leave, saying why."""
    why = _purpose(purpose, detokenise)
    if to.exists():
        raise Refused(f"{to}: exists; choose another name, or remove it")
    with bounded(), reading(home) as connection:
        asked = ask(connection, sql)
    with reading_warehouse(home, "export of a list") as warehouse:
        erased: set[int] = set()
        rows, gone = redacted(asked.rows, asked.dimensions, asked.people) if asked.who is None else (asked.rows, 0)
        population: dict[str, Any] = {"cells": _cells(asked)}
        if asked.who:
            place, erased = asked.names.index(asked.who), _erased(home, WHO[asked.who])
            barred = erased | (_without_consent(warehouse, asked.who) if why.needs_consent else set())
            rows = [row for row in asked.rows if row[place] is not None and row[place] not in barred]
            gone = len(asked.rows) - len(rows)
            population = {"who": asked.who, "keys": sorted({row[place] for row in rows})}
        population |= {"purpose": purpose, "columns": [asked.names[at] for at in asked.dimensions]}
        _refuse_difference(home, population, erased)
        names = asked.names
        if detokenise:
            names, rows = _detokenised(home, warehouse, replace(asked, rows=rows), detokenise)
        number = _remember(home, population)
        unfinished, digest = _written(to, names, rows)
        register.record(
            home, "export-list", number=number, purpose=purpose, sql_sha256=hashlib.sha256(sql.encode()).hexdigest(),
            rows=len(rows), suppressed=gone, detokenised=detokenise, file=to.name, file_sha256=digest,
        )  # fmt: skip
        unfinished.rename(to)
    return Export(number, len(rows), gone)


def declared_purpose(name: str) -> Purpose:
    """Raises Refused for a purpose that is not declared, saying which are."""
    declared = {key: Purpose.model_validate(one) for key, one in yaml.safe_load(PURPOSES.read_text()).items()}
    if name not in declared:
        told = "; ".join(f"{key}: {one.title}" for key, one in declared.items())
        raise Refused(f"'{name}' is no purpose; declared in {PURPOSES.name} are {told}")
    return declared[name]


def _purpose(name: str, detokenise: str | None) -> Purpose:
    found = declared_purpose(name)
    if detokenise and detokenise not in found.detokenise:
        allowed = ", ".join(found.detokenise) or "nothing"
        raise Refused(f"for {name}, {detokenise} may not be added; {PURPOSES.name} allows {allowed}")
    return found


def ask(connection: duckdb.DuckDBPyConnection, sql: str) -> Asked:
    """Run the query. Raises Refused when it is neither a list of people nor figures that say how many they are of."""
    found = select(connection, sql)
    names = [column[0] for column in found.description or ()]
    rows = found.fetchall()
    who = next((name for name in WHO if name in names), None)
    if who:
        return Asked(names, rows, who)
    tree = json.loads(connection.execute(f"select json_serialize_sql({quoted(sql)})").fetchall()[0][0])
    items = tree["statements"][0]["node"].get("select_list", [])
    if "people" not in names or len(items) != len(names) or not _counts_people(items[names.index("people")]):
        raise Refused(
            "an export is a list with the column subscription_key or party_key, or figures with the column "
            "`count(distinct subscription_key) as people` (or of party_key), by which small groups are hidden"
        )
    found = connection.execute(
        "select distinct function_name from duckdb_functions() where function_type = 'aggregate'"
    )
    aggregates = {row[0] for row in found.fetchall()}
    dimensions = tuple(n for n, item in enumerate(items) if not _functions(item) & aggregates)
    return Asked(names, rows, None, dimensions, names.index("people"))


def _counts_people(item: Mapping[str, Any]) -> bool:
    arguments = item.get("children") or [{}]
    return (
        item.get("function_name") == "count" and bool(item.get("distinct"))
        and arguments[0].get("column_names", [""])[-1] in WHO
    )  # fmt: skip


def _functions(node: Any) -> set[str]:
    if isinstance(node, list):
        return {name for item in node for name in _functions(item)}
    if isinstance(node, dict):
        own = {str(node["function_name"])} if "function_name" in node else set()
        return own | {name for item in node.values() for name in _functions(item)}
    return set()


def _cells(asked: Asked) -> list[list[Any]]:
    return [[*(str(row[at]) for at in asked.dimensions), int(row[asked.people])] for row in asked.rows]


def _erased(home: Home, domain: str) -> set[int]:
    with workbench(home) as bench:
        vault = Vault(bench, home)
        found = vault.buried(domain)
        vault.close()
    return found


def _without_consent(warehouse: duckdb.DuckDBPyConnection, who: str) -> set[int]:
    """The people, or the lines of people, who did not agree; a line whose holder nobody knows is one of them."""
    source = "core.dim_party" if who == "party_key" else "core.dim_subscription"
    found = warehouse.execute(
        f"""select one.{who} from {source} as one left join core.dim_party as party on one.party_key = party.party_key
        where party.has_consent is not true"""
    ).fetchall()
    return {row[0] for row in found}


def _refuse_difference(home: Home, population: Mapping[str, Any], erased: Collection[int]) -> None:
    """Two exports for one purpose that differ by a few people tell of those few; erased ones make no difference."""
    for number, old in remembered(home):
        if any(old.get(key) != population.get(key) for key in ("purpose", "columns", "who")):
            continue
        if "keys" in population:
            told = few_apart(population["keys"], set(old["keys"]) - set(erased))
        else:
            now, before = ({tuple(cell[:-1]): cell[-1] for cell in one["cells"]} for one in (population, old))
            told = bool(too_close(now, before))
        if told:
            raise Refused(
                f"it differs from export {number} for {population['purpose']} by fewer than {K} people, who would be "
                f"known by comparing the two; export what differs from it by nobody, or by at least {K}"
            )


def remembered(home: Home) -> list[tuple[int, dict[str, Any]]]:
    """Number and population of the exports so far: keys or sizes of groups, no value of a person."""
    return [(int(path.stem), json.loads(path.read_text())) for path in sorted((home.root / "exports").glob("*.json"))]


def _remember(home: Home, population: Mapping[str, Any]) -> int:
    folder = home.root / "exports"
    folder.mkdir(mode=0o700, exist_ok=True)
    number = max((number for number, _ in remembered(home)), default=0) + 1
    path = folder / f"{number:06d}.json"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(population, file, default=str)
    return number


def naming(home: Home, keys: Mapping[str, Collection[int]]) -> list[int]:
    """The numbers of the lists that named one of some people."""
    return [
        n for n, old in remembered(home) if set(keys.get(WHO.get(old.get("who"), ""), ())) & set(old.get("keys", ()))
    ]


def _detokenised(
    home: Home, warehouse: duckdb.DuckDBPyConnection, asked: Asked, kind: str
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The list with the number that each subscription holds now."""
    if asked.who != "subscription_key" or kind != "msisdn":
        raise Refused(f"{kind} can be added to a list with subscription_key only; a party may have several")
    held = dict(
        warehouse.execute(
            "select subscription_key, msisdn_key from core.bridge_msisdn where valid_to > timestamp '9999-01-01'"
        ).fetchall()
    )
    place = asked.names.index(asked.who)
    with workbench(home) as bench:
        vault = Vault(bench, home)
        values = vault.reveal(kind, {held[row[place]] for row in asked.rows if row[place] in held})
        vault.close()
    rows = [(*row, values.get(held.get(row[place], 0))) for row in asked.rows]
    return [*asked.names, kind], rows


def _written(to: Path, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> tuple[Path, str]:
    """The CSV file under a name that nobody reads yet, for its owner only, and its SHA-256."""
    unfinished = to.with_name(f".{to.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(map(harmless, names))
        writer.writerows([harmless(value) for value in row] for row in rows)
    return unfinished, hashlib.sha256(unfinished.read_bytes()).hexdigest()
