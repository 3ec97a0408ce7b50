"""Fits the weights of identity resolution with Splink, on the customer records as they stand.

Nights do not come here: they apply what was fitted, in SQL (`pipelines/core/party_pair.sql`). The levels below are
those of that file, in Splink's words; a test holds the two to the same scores.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    from splink import Linker

RECORDS = """
    select
        record.customer_key, record.plain_name_key, record.name_front_key, record.name_back_key,
        record.plain_birth_date_key, record.birth_day_key, record.birth_month_key, record.birth_turned_key,
        case when junk.plain_document_key is null then record.plain_document_key end as plain_document_key,
        record.document_type, record.document_head_key, record.document_tail_key,
        record.plain_address_key, record.street_key, record.contact_msisdn_key, record.gender
    from core.customer_identity as record
    left join core.junk_document as junk on record.plain_document_key = junk.plain_document_key
    where record.seen_to = date '9999-12-31' and not record.is_organisation
"""
MISSING = "{0}_l is null or {0}_r is null"
SAME = "{0}_l = {0}_r"
EITHER = "{0}_l = {0}_r or {1}_l = {1}_r"
NUMBER, KIND = "plain_document_key", "document_type"
# By comparison the conditions of its levels, the first that holds; two documents of different kinds say nothing.
LEVELS: dict[str, dict[str, str]] = {
    "name": {
        "missing": MISSING.format("plain_name_key"), "same": SAME.format("plain_name_key"),
        "part": EITHER.format("name_front_key", "name_back_key"),
    },
    "birth": {
        "missing": MISSING.format("plain_birth_date_key"), "same": SAME.format("plain_birth_date_key"),
        "part": f"{EITHER.format('birth_day_key', 'birth_month_key')} or {SAME.format('birth_turned_key')}",
    },
    "document": {
        "missing": f"{MISSING.format(NUMBER)} or ({KIND}_l <> {KIND}_r and {NUMBER}_l <> {NUMBER}_r)",
        "same": SAME.format(NUMBER), "part": EITHER.format("document_head_key", "document_tail_key"),
    },
    "address": {
        "missing": MISSING.format("plain_address_key"), "same": SAME.format("plain_address_key"),
        "part": SAME.format("street_key"),
    },
    "phone": {"missing": MISSING.format("contact_msisdn_key"), "same": SAME.format("contact_msisdn_key")},
    "gender": {"missing": MISSING.format("gender"), "same": SAME.format("gender")},
}  # fmt: skip
SHARED_DOCUMENT = 0.8  # share of a person's pairs of records that show the same document, which starts the fit
LEAST_M, LEAST_U = 0.01, 1e-7  # what the fit saw less often may still happen: people move, and take other papers
PAIRS = 100_000_000  # random pairs that tell how often strangers agree
COMMA = ",\n"
BOUND = 6.0  # bits above which two records are one person's: odds of 64 to 1


@dataclass(frozen=True)
class Weight:
    """A row of core.identity_weight; m and u are None for the prior and the bound."""

    comparison: str
    level: str
    m: float | None
    u: float | None
    match_weight: float


def model(connection: duckdb.DuckDBPyConnection, weights: list[Weight] | None = None) -> Linker:
    """Splink over the records of core.customer_identity as they stand, with fitted weights where there are any."""
    import logging

    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    blocks = [
        ("plain_document_key",), ("plain_name_key", "plain_birth_date_key"), ("plain_name_key", "street_key"),
        ("plain_name_key", "contact_msisdn_key"), ("plain_birth_date_key", "street_key"),
        ("plain_birth_date_key", "contact_msisdn_key"),
    ]  # fmt: skip
    known = {(weight.comparison, weight.level): weight for weight in weights or ()}
    made = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="customer_key",
        comparisons=[comparison(name, known) for name in LEVELS],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in blocks],
        retain_matching_columns=False,
    )
    if known:
        made.probability_two_random_records_match = 1 / (1 + 2.0 ** -known["prior", "all"].match_weight)
    connection.execute(f"create or replace table identity_record as {RECORDS} order by customer_key")
    return Linker(DuckDBAPI(connection).register("identity_record"), made, log_level=logging.ERROR)


def comparison(name: str, weights: dict[tuple[str, str], Weight]) -> dict[str, Any]:
    """A comparison as Splink declares it, with fitted probabilities where there are weights."""
    levels = []
    for level, condition in {**LEVELS[name], "other": "ELSE"}.items():
        declared: dict[str, Any] = {"sql_condition": condition, "label_for_charts": level}
        if level == "missing":
            declared["is_null_level"] = True
        elif weights:
            known = weights[name, level]
            declared |= {"m_probability": known.m, "u_probability": known.u}
        levels.append(declared)
    return {"output_column_name": name, "comparison_levels": levels}


def fit(connection: duckdb.DuckDBPyConnection) -> list[Weight]:
    """Weights from the records of core.customer_identity as they stand, in minutes; the same records give the same."""
    from splink import block_on

    linker = model(connection)
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("plain_document_key")], recall=SHARED_DOCUMENT)
    training.estimate_u_using_random_sampling(max_pairs=PAIRS, seed=1, min_count_per_level=None)
    for columns in (("plain_name_key", "plain_birth_date_key"), ("plain_document_key",)):
        training.estimate_parameters_using_expectation_maximisation(
            block_on(*columns), fix_probability_two_random_records_match=False, record_sample_proportion=1.0
        )
    return read(linker.misc.save_model_to_json())


def in_file(text: str, weights: list[Weight], *, as_of: date) -> str:
    """The text of core.identity_weight's file with these weights as its next version."""
    version = int(re.findall(r"(\d+) as version", text)[0]) + 1
    values = [
        f"    ('{w.comparison}', '{w.level}', {_decimal(w.m)}, {_decimal(w.u)}, {w.match_weight:.4f})" for w in weights
    ]
    text = re.sub(r"(?s)    values\n.*?\n\) as fitted", f"    values\n{COMMA.join(values)}\n) as fitted", text)
    text = re.sub(r"\d+ as version", f"{version} as version", text)
    return re.sub(r"date '[0-9-]+' as fitted_as_of", f"date '{as_of}' as fitted_as_of", text)


def _decimal(share: float | None) -> str:
    return "null" if share is None else f"{share:.12f}"


def read(settings: dict[str, Any]) -> list[Weight]:
    """The weights in a trained model."""
    prior = settings["probability_two_random_records_match"]
    found = [Weight("prior", "all", None, None, round(math.log2(prior / (1 - prior)), 4))]
    for declared in settings["comparisons"]:
        for level in declared["comparison_levels"]:
            if level.get("is_null_level"):
                continue
            m = max(level.get("m_probability") or 0.0, LEAST_M)
            u = max(level.get("u_probability") or 0.0, LEAST_U)
            weight = round(math.log2(m / u), 4)
            found.append(Weight(declared["output_column_name"], level["label_for_charts"], m, u, weight))
    return [*found, Weight("decision", "one person", None, None, BOUND)]
