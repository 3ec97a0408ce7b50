"""Keeping customers against the truth of the synthetic operator: do intervals hold the true effect, does the list pay?

`python -m benchmarks retention` lives an operator's months without its systems. Effects are estimated from who was on a
list, who was left alone and who left, as `retention.effect_month` does, for several operators. The list is chosen as a
night chooses it, with what such lists were measured to do, and judged by what contact would truly have brought.
Scores are at their ceiling there, what could be seen of each line's intensity of leaving;
`python -m benchmarks.retention HOME` takes the scores of the churn model of an operator whose nights have run.
"""

import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from benchmarks.detectors.score import beside_truth
from benchmarks.line import Line, peak_gb
from models.retention.economics import Economics, choose, declared, millionths
from models.retention.effect import Effect, of_arms
from models.retention.listing import apply
from models.retention.measure import of_pooled
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.world import simulate

LAST, DAYS = date(2026, 3, 31), 425
MONTHS = 4  # the campaign's own and the three in which contact acts
EARLY = (
    2  # months after which no other campaign has acted on the lines left alone yet, which the operator does call again
)
REACHED = 0.62  # share of contacts that reach somebody, as the operator's campaigns have it
LISTS = [
    date(2025, month, 1) for month in range(8, 13)
]  # months whose four months are told, after some campaigns are over
CAPACITY_SHARE = 0.05  # of the base, for the list that is held short


@dataclass(frozen=True)
class Operator:
    """What is true of an operator: intensity of leaving by line and month without any contact, and its campaigns."""

    intensity: pl.DataFrame  # line, month, base, seen
    targets: pl.DataFrame  # campaign, month, line, is_control, effect, is_reached
    left: pl.DataFrame  # line, left_at
    fee: pl.DataFrame  # line, monthly_amt
    sensitivity: pl.DataFrame  # line, expected effect of contact
    known: pl.DataFrame  # line, activated_at, segment: what everybody knows of it


def operator(subscribers: int, seed: int) -> Operator:
    world = simulate(Settings(subscribers=subscribers, days=DAYS, end=LAST, seed=seed))
    fee = world.plans.select("plan_id", monthly_amt=pl.col("monthly_fee").cast(pl.Float64)).unique(
        "plan_id", keep="first", maintain_order=True
    )
    newest = world.spells.sort("line", "from_at").unique("line", keep="first", maintain_order=True)
    held = newest.select("line", "plan_id").join(fee, on="plan_id").drop("plan_id")
    return of_truth(world.truth, held, world.lines.select("line", "activated_at", "segment"))


def of_truth(truth: dict[str, pl.DataFrame], fee: pl.DataFrame, known: pl.DataFrame) -> Operator:
    targets = truth["treatment_effect"].with_columns(month=pl.col("acts_from").dt.offset_by("-1mo"))
    relieved = (
        targets.filter("is_reached")
        .select("line", "effect", month=pl.date_ranges("acts_from", pl.col("acts_to").dt.offset_by("-1mo"), "1mo"))
        .explode("month")
        .unique(["line", "month"], keep="last", maintain_order=True)
    )
    churn = truth["churn"].join(relieved, on=["line", "month"], how="left")
    spared = (1 - pl.col("effect").fill_null(0.0)).clip(0.01)
    intensity = churn.select(
        "line",
        "month",
        base=-(1 - pl.col("hazard").cast(pl.Float64)).clip(1e-9).log() / spared,
        seen=pl.col("hazard_observable").cast(pl.Float64) / spared,
    )
    person = truth["person"].select(
        "line", effect=(0.30 + 0.20 * (pl.col("price_sensitivity").cast(pl.Float64) - 1)).clip(-0.3, 0.8)
    )
    left = truth["churn"].filter(pl.col("cause").is_not_null() & ~pl.col("is_back")).select("line", "left_at")
    kept = targets.filter(pl.col("campaign_id").str.ends_with("R"))
    return Operator(
        intensity, kept.select("month", "line", "is_control", "effect", "is_reached", list_id="campaign_id"),
        left.unique("line", keep="last", maintain_order=True), fee, person, known,
    )  # fmt: skip


def ahead(found: Operator, month: date) -> pl.DataFrame:
    """By line in network when a month begins: base intensity in it and the three months after it, and whether it was
    there in each.

    Of months after a line left, nothing is recorded: they have what the line had in the months in which it stayed, not
    that of its last month, which is often the one that made it leave.
    """
    stayed = found.intensity.filter(pl.col("month") < pl.col("month").max().over("line"))
    usual = stayed.group_by("line").agg(usual_base=pl.col("base").mean(), usual_seen=pl.col("seen").mean())
    wide = found.intensity.filter(pl.col("month") == month).select("line").join(usual, on="line", how="left")
    for n in range(MONTHS):
        later = found.intensity.filter(pl.col("month") == pl.lit(month).dt.offset_by(f"{n}mo"))
        later = later.select("line", pl.col("base").alias(f"base_{n}"), pl.col("seen").alias(f"seen_{n}"))
        wide = wide.join(later, on="line", how="left").with_columns(
            pl.col(f"base_{n}").is_not_null().alias(f"is_there_{n}")
        )
    return wide.with_columns(
        pl.col(f"{part}_{n}").fill_null(pl.col(f"usual_{part}")).fill_null(found.intensity[part].mean())
        for part in ("base", "seen")
        for n in range(MONTHS)
    ).sort("line")


def campaigns(found: Operator, months: int = EARLY) -> pl.DataFrame:
    """Targets of the campaigns judged after so many months: risk, value, whether they stayed, and the true effect.

    The effect is told month by month: who is there stays with this much more probability through the month, and then
    through those that follow. So nothing is asked of months in which a line is gone.
    """
    told = []
    for month in found.targets["month"].unique().sort():
        if month < found.intensity["month"].min() or (month.year, month.month) > (LAST.year, LAST.month - months + 1):
            continue
        after = pl.lit(month).dt.offset_by(f"{months}mo").cast(pl.Datetime("us"))
        rows = found.targets.filter(pl.col("month") == month).join(ahead(found, month), on="line")
        relief = pl.col("effect") * pl.col("is_reached")
        gain = pl.lit(0.0)
        for n in range(1, months):
            base, later = pl.col(f"base_{n}"), sum((pl.col(f"base_{k}") for k in range(n + 1, months)), pl.lit(0.0))
            gain += pl.col(f"is_there_{n}") * ((-base * (1 - relief)).exp() - (-base).exp()) * (-later).exp()
        rows = (
            rows.join(found.left, on="line", how="left")
            .join(found.fee, on="line")
            .with_columns(has_stayed=pl.col("left_at").is_null() | (pl.col("left_at") >= after), true_effect=gain)
        )
        told.append(stratified(rows))
    rows = pl.concat(told).sort("month", "line")
    before = pl.col("month").shift(1).over("line").dt.offset_by(f"{months}mo")
    return rows.with_columns(is_apart=before.is_null() | (before <= pl.col("month")))


def stratified(rows: pl.DataFrame) -> pl.DataFrame:
    """With decile of the intensity seen and value band, 1 and top the highest."""
    return rows.with_columns(
        decile=(10 - (pl.col("seen_0").rank("ordinal") - 1) * 10 // pl.len()).cast(pl.Int32),
        value_band=pl.col("monthly_amt").cut([40, 80, 150], labels=["low", "mid", "high", "top"]).cast(pl.String),
    )


def effect(rows: pl.DataFrame) -> tuple[Effect, float]:
    """What the estimator says, and the true average effect on the lines to be contacted, a line once in a horizon."""
    if rows["list_id"].n_unique() > 1:
        rows = rows.filter("is_apart")
    arms = rows.group_by("list_id", "decile", "value_band", "is_control").agg(
        lines=pl.len().cast(pl.Int64),
        stayed=pl.col("has_stayed").sum().cast(pl.Int64),
        month_start=pl.col("month").min(),
    )
    estimate = of_arms(arms.with_columns(list_type=pl.lit("campaign")))
    assert estimate is not None, "no stratum has both arms"
    return estimate, float(rows.filter(~pl.col("is_control"))["true_effect"].mean())  # ty: ignore


def believed(rows: pl.DataFrame) -> Economics:
    """What the lists to come expect after these campaigns."""
    estimate, _ = effect(rows)
    economics = declared()
    contacted = estimate.treated
    pooled = {
        "contacted_treated": contacted, "accepted": round(contacted * economics.accept_share),
        "kept_share": estimate.kept_share, "difference": estimate.difference, "difference_low": estimate.low,
        "difference_high": estimate.high, "compared_controls": estimate.controls,
    }  # fmt: skip
    return economics.model_copy(update=of_pooled(pooled, economics).shares())


@dataclass(frozen=True)
class Outcome:
    """True expected profit of the list chosen and of the two best ones, and the lengths of the first and the second.

    `best`: by what contact truly brings each line. `knowable`: by the line's true risk and what contact brings on
    average, because how a person takes to being called is in no data.
    """

    chosen_amt: float = 0.0
    best_amt: float = 0.0
    knowable_amt: float = 0.0
    chosen: int = 0
    best: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


def list_of(
    found: Operator, month: date, economics: Economics, probability: pl.DataFrame, capacity: int | None
) -> Outcome:
    """The list chosen when a month begins from `probability` by line, against the best one: of the same candidates, by
    what contact truly brings each of them, with the same costs and the same capacity."""
    rows = (
        ahead(found, month).join(found.fee, on="line").join(found.sensitivity, on="line").join(probability, on="line")
    ).sort("line")
    acts = sum(rows[f"base_{n}"].to_numpy() for n in range(1, MONTHS))
    stays = np.exp(-rows["base_0"].to_numpy())
    gains = rows["effect"].to_numpy()
    saved, usual = (
        REACHED * stays * (np.exp(-acts * (1 - gain)) - np.exp(-acts)) for gain in (gains, float(gains.mean()))
    )
    leaves = 1 - np.exp(-acts * economics.horizon_months / (MONTHS - 1))
    fee = rows["monthly_amt"].to_numpy()
    cost = np.full(len(rows), millionths(economics.cost_amt))
    true, average = (millionths(kept * economics.value(fee, leaves)) - cost for kept in (saved, usual))
    risk = rows["probability"].to_numpy()
    expected = millionths(economics.kept(risk) * economics.value(fee, risk)) - cost
    key = rows["line"].to_numpy()
    chosen, best, knowable = (choose(each, cost, key, capacity=capacity) for each in (expected, true, average))
    brings = (float(true[each.listed].sum()) / 1e6 for each in (chosen, best, knowable))
    return Outcome(*brings, chosen.length, best.length)


def seen(found: Operator, month: date) -> pl.DataFrame:
    """The ceiling of a churn score when a month begins: the probability of leaving in the two months after that month.

    What could be seen of its intensity is known of each line; what is hidden is that of lines of like tenure and
    segment.
    """
    rows = (
        ahead(found, month)
        .join(found.known, on="line")
        .with_columns(
            tenure=((pl.lit(month).cast(pl.Datetime("us")) - pl.col("activated_at")).dt.total_days() // 90).clip(0, 20)
        )
    )
    hidden = (pl.col("base_0") - pl.col("seen_0")).mean().over("tenure", "segment")
    return rows.select("line", probability=1 - (-(pl.col("seen_1") + pl.col("seen_2") + 2 * hidden)).exp())


def lines(folder: Path, subscribers: int = 100_000) -> list[Line]:  # noqa: ARG001 - nothing is written
    """The lines of the benchmark table."""
    made = []
    found = operator(subscribers, seed=2026)
    rows, late = campaigns(found), campaigns(found, MONTHS)
    made.append(Line("retention: effect of its campaigns", note=told(*effect(rows))))
    made.append(Line("retention: the same after four months", note=told(*effect(late))))
    single = [effect(rows.filter(pl.col("list_id") == each)) for each in rows["list_id"].unique().sort()]
    others = [effect(campaigns(operator(max(1_000, subscribers // 5), seed))) for seed in range(1, 11)]
    for name, each in (("campaigns one by one", single), ("ten other operators", others)):
        held = sum(one.low <= true <= one.high for one, true in each)
        made.append(Line(f"retention: {name}", note=f"{held} of {len(each)} intervals hold the true effect"))
    for name, share in (("no limit", None), ("5 % of the base", CAPACITY_SHARE)):
        outcome = Outcome()
        for month in LISTS:
            economics = believed(late.filter(pl.col("month").dt.offset_by(f"{MONTHS}mo") <= month))
            capacity = None if share is None else round(ahead(found, month).height * share)
            outcome += list_of(found, month, economics, seen(found, month), capacity)
        made.append(Line(f"retention: lists of five months, {name}", note=paid(outcome)))
    return [*made, *speed(10 * subscribers)]


def told(estimate: Effect, true: float) -> str:
    holds = "holds" if estimate.low <= true <= estimate.high else "MISSES"
    return (
        f"{estimate.difference:+.5f} ({estimate.low:+.5f} to {estimate.high:+.5f}) {holds} the true {true:+.5f}; "
        f"{estimate.treated:,} lines, {estimate.controls:,} controls"
    )


def paid(outcome: Outcome) -> str:
    return (
        f"{outcome.chosen_amt / outcome.best_amt:.1%} of the best list's profit, "
        f"{outcome.chosen_amt / outcome.knowable_amt:.1%} of the best knowable one's: {outcome.chosen_amt:,.0f} with "
        f"{outcome.chosen:,} lines; {outcome.best_amt:,.0f} with {outcome.best:,}"
    )


def speed(candidates: int) -> list[Line]:
    rng = np.random.default_rng(1)
    amount = rng.gamma(2, 40, candidates)
    frame = pl.DataFrame(
        {
            "month_start": pl.Series([date(2026, 1, 1)]).new_from_index(0, candidates),
            "subscription_key": np.arange(candidates),
            "probability": rng.beta(1, 30, candidates),
            "decile": rng.integers(1, 11, candidates).astype(np.int32),
            "value_band": pl.Series(["low", "mid", "high", "top"]).gather(np.digitize(amount, [40, 80, 150])),
            "monthly_amt": np.round(amount, 2),
            "kept_share": pl.Series([None], dtype=pl.Float64).new_from_index(0, candidates),
            "method": pl.Series([None], dtype=pl.String).new_from_index(0, candidates),
        }
    ).to_arrow()
    began = time.perf_counter()
    reader = pa.RecordBatchReader.from_batches(frame.schema, frame.to_batches(max_chunksize=100_000))
    listed = sum(batch.num_rows for batch in apply(reader, Path("nothing was fitted")))
    seconds = time.perf_counter() - began
    return [
        Line("retention: list with controls", candidates, "candidates", seconds, peak_gb=peak_gb()),
        Line("retention: on that list", note=f"{listed:,} lines"),
    ]


def of_home(home: Path) -> list[str]:
    """Of an operator whose nights have run: the effect of its campaigns, and lists by the churn model's scores."""
    with beside_truth(home, "subscription") as db:
        truth = {name: db.execute(f"from truth.{name}").pl() for name in ("churn", "treatment_effect", "person")}
        line = "inner join vault.subscription as known on person.user_id = known.value"
        fee = db.execute(
            f"""select person.line, max(fact.monthly_amt)::double as monthly_amt from truth.person as person {line}
            inner join retention.candidate_month as fact on known.key = fact.subscription_key group by person.line"""
        ).pl()
        known = db.execute("select line, null::timestamp as activated_at, '' as segment from truth.person").pl()
        found = of_truth(truth, fee, known)
        scores = db.execute(
            """select cast(score.month_start + interval 1 month as date) as month, person.line,
                score.probability::double as probability
            from churn.score_month as score inner join vault.subscription as known on score.subscription_key = known.key
            inner join truth.person as person on person.user_id = known.value"""
        ).pl()
    rows, answers = campaigns(found), []
    answers.append(f"effect of its campaigns: {told(*effect(rows))}")
    for month in scores["month"].unique().sort():
        if (month.year, month.month) <= (LAST.year, LAST.month - MONTHS + 1):
            outcome = list_of(found, month, declared(), scores.filter(pl.col("month") == month).drop("month"), None)
            answers.append(f"list of {month}: {paid(outcome)}")
    return answers


if __name__ == "__main__":
    print("\n".join(of_home(Path(sys.argv[1]))))
