"""What the learner may spend and what it judges by: `settings.yaml`, or the same words given by a caller."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

FILE = Path(__file__).parent / "settings.yaml"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class LearnerError(ValueError):
    """The data or the request cannot be used; the message names the column, what was found and what is expected."""


class Declared(BaseModel):
    """Base of what is declared: immutable, unknown words refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sample(Declared):
    """How much data a fit may hold."""

    rows: int = Field(ge=100)
    cells: int = Field(ge=10_000)
    linear_cells: int = Field(ge=10_000)
    tuning_cells: int = Field(ge=10_000)


class Validation(Declared):
    """How candidates are compared."""

    folds: int = Field(ge=2, le=20)
    repeats: int = Field(ge=1, le=20)
    few_positives: int = Field(ge=2)
    holdout_share: float = Field(gt=0, lt=1)
    gap_days: int = Field(ge=0)


class Columns(Declared):
    """How categories are read."""

    levels: int = Field(ge=2)
    one_hot: int = Field(ge=2)
    text_share: float = Field(gt=0, le=1)


class Leaks(Declared):
    """Above what a column is taken for the outcome itself."""

    auc: float = Field(gt=0.5, le=1)
    watch_auc: float = Field(gt=0.5, le=1)
    purity: float = Field(gt=0.5, le=1)
    rows: int = Field(ge=1)
    share: float = Field(ge=0, le=1)
    dated_after: float = Field(ge=0, le=1)


class Campaign(Declared):
    """What an offer costs and what it may keep, in the currency of the operator."""

    alpha: float = Field(gt=0)
    beta: float = Field(gt=0)
    lifetime_value: float = Field(gt=0)
    offer_cost: float = Field(ge=0)
    contact_cost: float = Field(ge=0)


class Drift(Declared):
    """Population stability index above which someone is told."""

    watch: float = Field(gt=0)
    alarm: float = Field(gt=0)


class Settings(Declared):
    """All of `settings.yaml`."""

    sample: Sample
    validation: Validation
    columns: Columns
    leaks: Leaks
    campaign: Campaign
    drift: Drift


Given = TypeVar("Given", bound=BaseModel)


@cache
def declared() -> dict[str, Any]:
    return yaml.load(FILE.read_text(encoding="utf-8"), Loader=LOADER)


def settings_of(given: dict[str, Any] | Settings | None = None) -> Settings:
    """The declared settings, with a caller's words in their place: `{"validation": {"repeats": 1}}`.

    Raises:
        LearnerError: a word is not known or a value is not possible.
    """
    if isinstance(given, Settings):
        return given
    merged = {part: dict(words) for part, words in declared().items()}
    for part, words in (given or {}).items():
        merged[part] = {**merged.get(part, {}), **words} if isinstance(words, dict) else words
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        found = [
            f"{'.'.join(str(at) for at in item['loc'])} is {item['input']!r}: {item['msg']}" for item in error.errors()
        ]
        raise LearnerError(f"settings of the learner ({FILE.name}): {'; '.join(found)}") from None
