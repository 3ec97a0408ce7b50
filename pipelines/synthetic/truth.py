"""The ground truth, one frame per question a detector or model is measured on. No source system tells any of it."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.synthetic import frames
from pipelines.synthetic.campaigning import campaign_ids
from pipelines.synthetic.clerks import Spelling
from pipelines.synthetic.hazards import CAUSES
from pipelines.synthetic.life import Life
from pipelines.synthetic.population import Customers


def tell(life: Life, lines: pl.DataFrame, port_reversed: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """`port_reversed`: lines that came back when their port was undone."""
    return {
        "person": _person(life, lines),
        "family": _family(life, lines),
        "multi_sim": _multi_sim(lines),
        "re_entry": _re_entry(life, lines),
        "fake_activation": _fake_activation(life, lines),
        "cross_region": _cross_region(life, lines),
        "commission_anomaly": _commission_anomaly(life),
        "churn": _churn(life, lines, port_reversed),
        "treatment_effect": _treatment_effect(life, lines),
    }


def _person(life: Life, lines: pl.DataFrame) -> pl.DataFrame:
    """One row per line of a person: who really uses it."""
    held = lines.filter(pl.col("person").is_not_null()).select("line", "user_id", "cust_no", "person")
    crowd, person = life.crowd, held["person"].to_numpy()
    return held.with_columns(
        community=pl.Series(crowd.community[person]),
        employer=pl.Series(crowd.employer[person]),
        price_sensitivity=pl.Series(crowd.price_sensitivity[person]),
        discontent=pl.Series(crowd.discontent[person]),
    )


def customer(registry: Customers, spelling: Spelling, used: np.ndarray) -> pl.DataFrame:
    """One row per customer record of a person: whose papers were shown, who it really is, what the clerk made of it."""
    found = used[registry.registrant[used] >= 0]
    words = (spelling.document, spelling.birth, spelling.address, spelling.name, spelling.contact)
    names = ("document", "birth", "address", "name", "contact")
    return pl.DataFrame(
        {"cust_no": frames.cust_no(found), "registrant": registry.registrant[found], "person": registry.person[found]}
        | {name: pl.Series(word[found], dtype=pl.Utf8) for name, word in zip(names, words, strict=True)}
    ).with_columns(is_again=pl.Series(spelling.first[found] != found))


def _family(life: Life, lines: pl.DataFrame) -> pl.DataFrame:
    """One row per person in a household with at least two customers."""
    person = lines.select(pl.col("person").drop_nulls().unique().sort()).to_series()
    frame = pl.DataFrame({"household": life.crowd.household[person.to_numpy()], "person": person})
    return frame.filter(pl.len().over("household") > 1)


def _multi_sim(lines: pl.DataFrame) -> pl.DataFrame:
    """One row per line of a person who holds several at some time at once or in turn."""
    columns = ("person", "line", "user_id", "activated_at", "terminated_at")
    held = lines.filter(pl.col("person").is_not_null()).select(columns)
    return held.filter(pl.len().over("person") > 1).sort("person", "line")


def _re_entry(life: Life, lines: pl.DataFrame) -> pl.DataFrame:
    """One row per leaver who came back under a new number."""
    found = pl.concat(life.joining.returns)
    old, new = lines[found["old_line"].to_numpy()], lines[found["new_line"].to_numpy()]
    return found.with_columns(
        old_user_id=old["user_id"], new_user_id=new["user_id"], person=new["person"], left_at=old["terminated_at"],
        returned_at=new["activated_at"],
    )  # fmt: skip


def _fake_activation(life: Life, lines: pl.DataFrame) -> pl.DataFrame:
    fake = lines.filter(pl.Series(life.state.is_fake))
    return fake.select("line", "user_id", "outlet_id", "activated_at", "terminated_at")


def _cross_region(life: Life, lines: pl.DataFrame) -> pl.DataFrame:
    """One row per line sold by an outlet that sells in every city but its own."""
    strays = life.joining.shops.is_straying[life.state.outlet]
    return lines.filter(pl.Series(strays)).select("line", "user_id", "outlet_id", "activated_at", "terminated_at")


def _commission_anomaly(life: Life) -> pl.DataFrame:
    """One row per outlet and month in which it had lines booked over and over."""
    shops = life.joining.shops
    return shops.padded.select(outlet_id=shops.outlet_id.gather(shops.padded["outlet"]), month="month")


def _churn(life: Life, lines: pl.DataFrame, port_reversed: pl.DataFrame) -> pl.DataFrame:
    """One row per line in service at the start of a month: hazard = 1 - exp(-(observable + hidden)), cause if it left.

    `is_back`: the line was reactivated within days, or its port reversed; of the latter nothing is told from then on.
    The two parts are intensities per month.
    """
    found = pl.concat(life.hazard)
    is_undone = pl.col("cause").ge(0) & pl.col("line").is_in(port_reversed["line"].implode())
    return found.with_columns(is_back=pl.col("is_back") | is_undone).with_columns(
        user_id=lines["user_id"][found["line"].to_numpy()],
        cause=pl.Series([*CAUSES, None])[found["cause"].to_numpy()],
        left_at=frames.never_as_null(found["left_at"].to_numpy()),
    )


def _treatment_effect(life: Life, lines: pl.DataFrame) -> pl.DataFrame:
    """One row per campaign and target: the share by which contact lowers (negative: raises) the intensity of leaving.

    It acts in the three months after the campaign's, on those who were reached; for controls it is what they missed.
    """
    targets = pl.concat(life.campaigns.targets)
    begin = pl.Series([month.first for month in life.campaigns.months])[targets["campaign"].to_numpy() // 2]
    campaign_id = pl.Series(campaign_ids([month.first for month in life.campaigns.months]))[
        targets["campaign"].to_numpy()
    ]
    return targets.select("line", "is_control", "effect").with_columns(
        campaign_id=campaign_id,
        user_id=lines["user_id"][targets["line"].to_numpy()],
        is_reached=targets["is_contacted"] & (targets["outcome"] == 0),
        acts_from=begin.dt.offset_by("1mo"),
        acts_to=begin.dt.offset_by("4mo"),
    )
