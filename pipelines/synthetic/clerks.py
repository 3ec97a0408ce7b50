"""What clerks make of what customers show: one person looks different from one customer record to the next.

A second record of a person is mostly made because the clerk did not find the first: other papers, a mistyped number.
So those records carry far more mistakes than others. No source system tells of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.synthetic.population import Customers
from pipelines.synthetic.settings import Settings

# Share of records by what was written: of persons who have a record already, and of all others.
DOCUMENT = {
    "mistyped": (0.12, 0.004),  # one digit replaced, or two neighbours swapped
    "old_card": (0.05, 0.004),  # fifteen digits, as cards had until 2013
    "passport": (0.08, 0.006),
    "missing": (0.06, 0.004),
    "made_up": (0.02, 0.002),  # one number for everybody who has no papers at hand
}
BIRTH = {"missing": (0.04, 0.01), "swapped": (0.03, 0.002)}  # swapped: month and day
ADDRESS = {"other_words": (0.20, 0.10), "no_flat": (0.06, 0.02)}
NAME = {"spaced": (0.03, 0.01)}
CONTACT = {"known": (0.35, 0.0)}  # the number that the person's first record has
LEVELS = {"none": 0.0, "default": 1.0, "heavy": 1.6}
MADE_UP = "123456789012345678"


@dataclass(frozen=True)
class Spelling:
    """By customer slot: what was written of each attribute; empty text where it was written as shown."""

    document: np.ndarray
    birth: np.ndarray
    address: np.ndarray
    name: np.ndarray
    contact: np.ndarray
    first: np.ndarray  # the slot of the registrant's first record, itself for most


def spelling(settings: Settings, registry: Customers, used: np.ndarray) -> Spelling:
    """`used`: the customer slots that lines name."""
    slots = len(registry.registrant)
    first = np.arange(slots)
    people = np.sort(used[registry.registrant[used] >= 0])
    _, place, inverse = np.unique(registry.registrant[people], return_index=True, return_inverse=True)
    first[people] = people[place[inverse]]
    is_again, is_person = first != np.arange(slots), registry.registrant >= 0
    rng = settings.rng("clerks")

    def written(shares: dict[str, tuple[float, float]]) -> np.ndarray:
        draw, edge = rng.random(slots), np.zeros(slots)
        found = np.full(slots, "", dtype=object)
        for word, (again, once) in shares.items():
            share = LEVELS[settings.faults] * np.where(is_again, again, once) * is_person
            found[(draw >= edge) & (draw < edge + share)] = word
            edge += share
        return found

    return Spelling(written(DOCUMENT), written(BIRTH), written(ADDRESS), written(NAME), written(CONTACT), first)


def papers(number: pl.Series, person: np.ndarray, word: np.ndarray) -> pl.DataFrame:
    """Columns id_type and id_no as written for people with these identity cards; no number where they showed none."""
    card, word_is = pl.col("number"), pl.col("word")
    place = pl.col("person") % 15 + 1  # of the wrong character
    digit = card.str.slice(place, 1).cast(pl.Int32)
    replaced = (
        card.str.head(place) + ((digit + 1 + pl.col("person") % 9) % 10).cast(pl.Utf8) + card.str.slice(place + 1)
    )
    swapped = card.str.head(place) + card.str.slice(place + 1, 1) + card.str.slice(place, 1) + card.str.slice(place + 2)
    passport = pl.lit("E") + (pl.col("person") * 7_919 % 100_000_000).cast(pl.Utf8).str.zfill(8)
    frame = pl.DataFrame({"number": number, "person": person.astype(np.int64), "word": pl.Series(word, dtype=pl.Utf8)})
    return frame.select(
        id_type=pl.when(word_is == "passport").then(pl.lit("passport")).when(word_is == "missing").then(pl.lit("none"))
        .otherwise(pl.lit("id_card")),
        id_no=pl.when((word_is == "mistyped") & (pl.col("person") % 3 == 0)).then(swapped)
        .when(word_is == "mistyped").then(replaced)
        .when(word_is == "old_card").then(card.str.slice(0, 6) + card.str.slice(8, 9))
        .when(word_is == "passport").then(passport)
        .when(word_is == "made_up").then(pl.lit(MADE_UP))
        .when(word_is != "missing").then(card),
    )  # fmt: skip


def births(birth: pl.Series, word: np.ndarray) -> pl.Series:
    """Birth dates as written; month and day change places where that gives a day."""
    frame = pl.DataFrame({"birth": birth, "word": pl.Series(word, dtype=pl.Utf8)})
    day, month = pl.col("birth").dt.day(), pl.col("birth").dt.month()
    swapped = pl.when(day <= 12).then(pl.date(pl.col("birth").dt.year(), day.clip(1, 12), month)).otherwise("birth")
    word_is = pl.col("word")
    return frame.select(
        pl.when(word_is == "swapped").then(swapped).when(word_is != "missing").then("birth").alias("birth")
    ).to_series()


def addresses(address: pl.Series, word: np.ndarray) -> pl.Series:
    """Addresses as written: without the city and in other words, or without building, entrance and flat."""
    frame = pl.DataFrame({"address": address, "word": pl.Series(word, dtype=pl.Utf8)})
    other = pl.col("address").str.replace("^[^市]+市", "").str.replace("号楼", "栋").str.replace("室$", "")
    street = pl.col("address").str.extract("^(.*?[0-9]+号)")
    word_is = pl.col("word")
    return frame.select(
        pl.when(word_is == "other_words").then(other).when(word_is == "no_flat").then(street).otherwise("address")
    ).to_series()


def names(name: pl.Series, word: np.ndarray) -> pl.Series:
    """Names as written: some with a space after the surname."""
    frame = pl.DataFrame({"name": name, "word": pl.Series(word, dtype=pl.Utf8)})
    spaced = pl.col("name").str.head(1) + " " + pl.col("name").str.slice(1)
    return frame.select(pl.when(pl.col("word") == "spaced").then(spaced).otherwise("name")).to_series()
