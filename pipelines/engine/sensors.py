"""What tells people how a night ended: a plain-language file in BASSLINE_HOME/alerts, and a webhook if one is set."""

import json
import os
import urllib.request
from collections.abc import Iterable
from pathlib import Path

import dagster as dg

from pipelines.engine.home import Home
from pipelines.engine.status import last_night, status

WEBHOOK_SECONDS = 10


def summary(home: Home, problem: str, steps: Iterable[str]) -> str:
    """What a person on call reads first: what happened, what analysts see meanwhile, why, and what to do."""
    now = status(home)
    night = now["night"] or {}
    published = f"as of {now['as_of']}" if now["as_of"] else "nothing yet"
    lines = [
        f"The night of {night.get('to_day', 'an unknown day')} did not publish.",
        f"Analysts keep what they had: {published}.",
        "",
        "Why:",
        *(f"- {failure['where']}: {failure['message']}" for failure in now["failures"] if failure["blocking"]),
        *(f"- {step}" for step in steps),
        f"- {problem}",
    ]
    for name, source in now["sources"].items():
        lines += [f"- {name}.{table} was refused: {reason}" for table, reason in source["refused"].items()]
        lines += [f"- {name}.{table} has not come" for table in source["missing"]]
    lines += ["", "What to do: repair the cause, then run `bassline night`; it takes up every day that is open."]
    return "\n".join(lines) + "\n"


def alert(home: Home, name: str, text: str) -> Path:
    """Leave a message in alerts/ and post it to BASSLINE_WEBHOOK; a webhook that is silent is noted in the file."""
    path = home.root / "alerts" / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    if webhook := os.environ.get("BASSLINE_WEBHOOK"):
        try:
            post(webhook, text)
        except OSError as error:
            text += f"\nThis could not be posted to the webhook: {error}\n"
    path.write_text(text, encoding="utf-8")
    return path


def post(url: str, text: str) -> None:
    if not url.startswith(("https://", "http://")):
        raise OSError(f"BASSLINE_WEBHOOK is '{url}'; expected an address that begins with https:// or http://")
    body = json.dumps({"text": text}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=WEBHOOK_SECONDS):
        pass


@dg.run_failure_sensor(
    description="Writes why a night failed into alerts/ and posts it to BASSLINE_WEBHOOK.",
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def tell_failure(context: dg.RunFailureSensorContext) -> None:
    home = Home.default()
    steps = []
    for event in context.get_step_failure_events():
        error = event.step_failure_data.error
        cause = error.cause if error and error.cause else error
        steps.append(f"step {event.step_key}: {cause.message.strip() if cause else 'no message'}")
    path = alert(home, context.dagster_run.run_id, summary(home, context.failure_event.message or "", steps))
    context.log.info("wrote %s", path)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    description="Adds a line to alerts/nights.txt for each night that ended well.",
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def tell_success(context: dg.RunStatusSensorContext) -> None:
    home = Home.default()
    night = last_night(home)
    if night is None:
        return
    path = home.root / "alerts" / "nights.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    watched = len(night["failures"])
    with path.open("a", encoding="utf-8") as file:
        file.write(
            f"{night['at']} UTC  night of {night['to_day']} published, run {night['run_id']}, {watched} to watch\n"
        )
    context.log.info("wrote %s", path)
