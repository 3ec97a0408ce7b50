"""Who is one person: how many parties are resolved in how long, and how right it is against the synthetic truth.

`python -m benchmarks identity` takes an operator with 14 months behind it as its systems know it on one day, without
usage: customer records, subscriptions and handsets. What resolves parties is measured, not the loading.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from benchmarks.detectors.score import beside_truth
from benchmarks.line import Line, peak_gb
from pipelines.engine.home import PROJECT, Home
from pipelines.engine.night import Night
from pipelines.synthetic.daily import Told
from pipelines.synthetic.deliver import Delivery, Landing
from pipelines.synthetic.faults_ledger import Ledger
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import write_truth
from pipelines.synthetic.systems import crm, device, provisioning
from pipelines.synthetic.world import simulate

DAY = date(2026, 3, 31)
DAYS = 425


def deliver(folder: Path, subscribers: int, seed: int = 1) -> Home:
    """One delivery of each table that knows who is who, with everything up to the day, and the truth about it."""
    settings = Settings(subscribers=subscribers, days=DAYS, end=DAY, seed=seed, out=folder)
    world = simulate(settings)
    for name, frame in world.truth.items():
        write_truth(folder / "truth", name, frame)
    pairs = device._pairs(world).filter(pl.col("first") <= DAY)
    customers = crm._versions(world).until(DAY).unique("customer", keep="last", maintain_order=True)
    told = {
        ("crm", "party"): crm._party(world, customers.sort("customer")).with_columns(op=pl.lit("I")),
        ("provisioning", "subscription"): until(provisioning._subscriptions(world)),
        ("provisioning", "status_history"): until(provisioning._events(world)),
        ("device", "subscriber_device"): pairs.select(
            user_id=world.lines["user_id"].gather(pairs["line"]),
            imei="imei",
            first_seen_on="first",
            last_seen_on=pl.min_horizontal("last", pl.lit(DAY)),
            events=pl.lit(1),
        ),
    }
    with Ledger(folder / "truth" / "fault.parquet") as ledger, ThreadPoolExecutor(2) as pool:
        landing = Landing(folder / "landing", ledger, pool)
        for (system, table), frame in told.items():
            landing.write(Delivery.on_time(system, table, DAY, frame, second=0))
        landing.finish_day()
    return Home(folder)


def until(told: Told) -> pl.DataFrame:
    """All rows due by the day, as the system words them."""
    return told.words(told.rows.until(DAY))


RESULTS = ("core.dim_party", "mart_customer.family", "mart_customer.person_line")
RESOLVING = (
    "core.customer_identity", "core.junk_document", "core.crowded_block", "core.party_pair", "core.party_merge",
    "core.xref_party", *RESULTS,
)  # fmt: skip
# By question: key, what was found, what is true. A customer record is whose papers it shows; that is all CRM can know.
QUESTIONS = {
    "persons": """
        select record.key, xref.party_key as found, truth.registrant as truly
        from truth.customer as truth
        inner join vault.customer as record on truth.cust_no = record.value
        inner join core.xref_party as xref on record.key = xref.customer_key and xref.valid_to = date '9999-12-31'""",
    "users of records": """
        select record.key, xref.party_key as found, truth.person as truly
        from truth.customer as truth
        inner join vault.customer as record on truth.cust_no = record.value
        inner join core.xref_party as xref on record.key = xref.customer_key and xref.valid_to = date '9999-12-31'""",
    "multi-line persons": """
        select line.key, person_line.person_key as found, truth.person as truly
        from truth.person as truth
        inner join vault.subscription as line on truth.user_id = line.value
        inner join core.dim_subscription as known on line.key = known.subscription_key
        left join mart_customer.person_line as person_line on line.key = person_line.subscription_key
        where known.first_activated_at is not null""",
    "households": """
        select truth.person as key, coalesce(min(family.family_key), -truth.person - 1) as found,
            any_value(home.household) as truly
        from truth.person as truth
        inner join truth.family as home on truth.person = home.person
        inner join vault.subscription as line on truth.user_id = line.value
        inner join core.dim_subscription as known on line.key = known.subscription_key
        left join mart_customer.family as family on line.key = family.subscription_key
        where known.first_activated_at is not null and known.status_type <> 'terminated'
        group by truth.person""",
}


@dataclass(frozen=True)
class Accuracy:
    """Pairs: how many are truly one, how many were found, how many of these are true."""

    true: int
    found: int
    hits: int

    @property
    def precision(self) -> float:
        return self.hits / self.found

    @property
    def recall(self) -> float:
        return self.hits / self.true


def resolve(home: Home) -> dict[str, float]:
    """Load what was delivered and build the parties, families and people; seconds by table."""
    with Night(home, DAY, DAY) as night:
        night.ingest()
        wanted: set[str] = set()
        open_names = list(RESULTS)
        while open_names:
            name = open_names.pop()
            if name in night.tables and name not in wanted:
                wanted.add(name)
                open_names += night.tables[name].sources
        runs = night.build([name for name in night.tables if name in wanted])
        assert not night.failures, night.failures
    return {run.table: run.seconds for run in runs}


def accuracy(home: Home) -> dict[str, Accuracy]:
    """How right the parties, people and families are, by question."""
    with beside_truth(home.root, "customer", "subscription") as db:
        return {question: Accuracy(*counted(db, query)) for question, query in QUESTIONS.items()}


def counted(db: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int, int]:
    """Pairs truly one, pairs found, and pairs of which both hold: n records of a group are n(n - 1) / 2 pairs."""

    def pairs(group: str) -> int:
        sql = f"select coalesce(sum(n * (n - 1) // 2), 0) from (select count(*) as n from answer group by {group})"
        return int(db.execute(sql).fetchall()[0][0])

    db.execute(
        f"create or replace temp table answer as select key, coalesce(found, -key) as found, truly from ({query})"
    )
    return pairs("truly"), pairs("found"), pairs("found, truly")


def lines(folder: Path, subscribers: int = 1_000_000) -> list[Line]:
    """The lines of the benchmark table. The night runs in a process of its own, so that its peak memory is its own."""
    home = deliver(folder, subscribers)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.identity", str(folder)],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"identity: the night broke off:\n{done.stderr}")
    told = json.loads(done.stdout.splitlines()[-1])
    seconds = sum(told["seconds"][name] for name in RESOLVING)
    made = [Line("identity: records into parties", told["records"], "records", seconds, peak_gb=told["peak_gb"])]
    for question, found in accuracy(home).items():
        note = f"precision {found.precision:.4f}, recall {found.recall:.4f} ({found.true:,} pairs)"
        made.append(Line(f"identity: {question}", note=note))
    return made


def main(folder: str) -> None:
    home = Home(Path(folder))
    seconds = resolve(home)
    with duckdb.connect(str(home.warehouse), read_only=True) as db:
        records = db.execute("select count(distinct customer_key) from core.customer_identity").fetchall()[0][0]
    print(json.dumps({"seconds": seconds, "records": records, "peak_gb": peak_gb()}))


if __name__ == "__main__":
    main(sys.argv[1])
