"""Where things lie on disk (one folder, BASSLINE_HOME) and what the operator's own settings are."""

import os
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict

from pipelines.engine.connect.patience import Patience

PROJECT = Path(__file__).resolve().parents[2]


class Operator(BaseModel):
    """Settings of the operator, from pipelines/operator.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    time_zone: str
    currency: str
    night_at: str
    late_days: int
    fetch: Patience = Patience()
    relationships: tuple[str, ...]
    landing_days: int

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def known_at(self, day: date) -> datetime:
        """The UTC instant (without zone) up to which the night of a business day knows deliveries."""
        local = datetime.combine(day + timedelta(days=1), time.fromisoformat(self.night_at), tzinfo=self.zone)
        return to_utc(local)

    def first_night(self, received_at: datetime) -> date:
        """The first business day whose night knows a delivery received at this UTC instant (without zone)."""
        local = received_at.replace(tzinfo=ZoneInfo("UTC")).astimezone(self.zone)
        day = local.date() - timedelta(days=1)
        return day if received_at <= self.known_at(day) else day + timedelta(days=1)


def to_utc(moment: datetime) -> datetime:
    """A zone-aware moment as the warehouse keeps it: UTC, without zone."""
    return moment.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


@cache
def operator() -> Operator:
    return Operator.model_validate(yaml.safe_load((PROJECT / "pipelines" / "operator.yaml").read_text()))


@dataclass(frozen=True)
class Home:
    """The one folder in which everything of an installation lies."""

    root: Path

    @classmethod
    def default(cls) -> "Home":
        return cls(Path(os.environ.get("BASSLINE_HOME", PROJECT / "data")).resolve())

    def prepared(self) -> "Home":
        """The same home with its folders made; the vault's and the quarantine's are closed to other users."""
        for folder in (self.landing, self.lake, self.published, self.dagster, self.spill):
            folder.mkdir(parents=True, exist_ok=True)
        self.quarantine.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def current(self) -> Path:
        return self.published / "current" / "bassline.duckdb"

    @property
    def vault(self) -> Path:
        return self.root / "vault.duckdb"

    @property
    def models(self) -> Path:
        """Fitted versions of the models, one folder per model."""
        return self.root / "models"

    @property
    def lists(self) -> Path:
        """Frozen lists of lines for campaigns."""
        return self.root / "lists"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def spill(self) -> Path:
        return self.root / "spill"
