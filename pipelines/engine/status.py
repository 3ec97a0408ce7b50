"""What arrived, what is late, what failed, how old the published data are: read beside the night, not through it."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pipelines.engine.contract import System, Table, load_contracts
from pipelines.engine.home import Home, operator, to_utc
from pipelines.engine.ledger import Delivery, Ledger


def last_business_day(now: datetime | None = None) -> date:
    """Yesterday, in the operator's time zone."""
    return (now or datetime.now(UTC)).astimezone(operator().zone).date() - timedelta(days=1)


def due_days(table: Table, first: date, last: date) -> set[date]:
    """The data dates from first to last for which the contract promises a delivery."""
    days = {first + timedelta(days=offset) for offset in range((last - first).days + 1)}
    match table.cadence:
        case "daily":
            return days
        case "monthly":
            return {day for day in days if day.day == 1}
        case "yearly":
            return {day for day in days if (day.month, day.day) == (1, 1)}
        case _:
            return set()


def deadline_at(table: Table, day: date) -> datetime:
    """The UTC instant (without zone) after which the delivery of a data date is late."""
    hour = time.fromisoformat(table.deadline)
    return to_utc(datetime.combine(day + timedelta(days=1), hour, tzinfo=operator().zone))


def status(home: Home, *, now: datetime | None = None) -> dict[str, Any]:
    """The state of an installation as plain values. Opens no database, so it works while a night runs."""
    moment = now or datetime.now(UTC)
    night = last_night(home)
    published = home.current if home.current.exists() else None
    run_id = published.resolve().parent.name if published else None
    as_of = run_id[:10] if run_id else None
    watched = date.fromisoformat(night["to_day"]) if night else last_business_day(moment)
    ledger = by_table(home)
    return {
        "as_of": as_of,
        "run_id": run_id,
        "published": str(published) if published else None,
        "days_behind": (last_business_day(moment) - date.fromisoformat(as_of)).days if as_of else None,
        "night": night,
        "business_day": str(watched),
        "sources": {
            name: of_system(home, system, ledger, watched, moment) for name, system in load_contracts().items()
        },
        "failures": night["failures"] if night else [],
        "waiting": night.get("waiting", []) if night else [],
    }


def last_night(home: Home) -> dict[str, Any] | None:
    """The running or last night as it told about itself; a night whose process is gone is 'broken off'."""
    path = home.root / "night.json"
    if not path.exists():
        return None
    night: dict[str, Any] = json.loads(path.read_text())
    if night["status"] == "running" and not is_running(home):
        night["status"] = "broken off"
    return night


def is_running(home: Home) -> bool:
    """Whether the process that the lock file names is alive."""
    try:
        holder = json.loads((home.root / "night.lock").read_text())
        os.kill(holder["pid"], 0)
    except (FileNotFoundError, json.JSONDecodeError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def by_table(home: Home) -> dict[tuple[str, str], list[Delivery]]:
    found: dict[tuple[str, str], list[Delivery]] = {}
    for delivery in Ledger(home.lake).deliveries():
        found.setdefault((delivery.system, delivery.table), []).append(delivery)
    return found


def of_system(
    home: Home, system: System, ledger: dict[tuple[str, str], list[Delivery]], day: date, now: datetime
) -> dict[str, Any]:
    """One source on one business day: what is expected, what landed, what is loaded, late, refused, missing."""
    landed = set(landed_tables(home, system, day))
    counts: dict[str, Any] = {
        "title": system.title,
        "expected": 0,
        "received": 0,
        "loaded": 0,
        "late": [],
        "missing": [],
        "notes": [],
    }
    refused: dict[str, str] = {}
    for name, table in system.tables.items():
        of_day = [entry for entry in ledger.get((system.name, name), []) if entry.data_date == day]
        is_due = day in due_days(table, day, day)
        is_loaded = any(entry.status == "loaded" for entry in of_day)
        counts["expected"] += is_due
        counts["received"] += name in landed or bool(of_day)
        counts["loaded"] += is_loaded
        if of_day and not is_loaded:
            refused[name] = str(of_day[-1].reason)
        counts["notes"] += [f"{name}: {note}" for entry in of_day if entry.rows for note in entry.notes]
        if any(entry.received_at > deadline_at(table, day) for entry in of_day):
            counts["late"].append(name)
        elif is_due and not of_day and name not in landed:
            is_late = now.astimezone(UTC).replace(tzinfo=None) > deadline_at(table, day)
            counts["missing"] += [name] if is_late else []
    return counts | {"refused": refused}


def landed_tables(home: Home, system: System, day: date) -> Iterator[str]:
    """Tables of a system for which something of a data date lies in the landing folder."""
    folder = home.landing / system.name
    for name, table in system.tables.items():
        files = table.files.format(date=f"{day:%Y%m%d}", part="*", redo="*").replace("_*", "*")
        if any(folder.glob(f"{name}_{day:%Y%m%d}*.manifest.json")) or any(folder.glob(files)):
            yield name
