"""A failed night tells people in plain words: in a file always, over the webhook if there is one."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import pytest

from pipelines.engine.home import Home
from pipelines.engine.sensors import alert, summary, tell_failure


class Listener(HTTPServer):
    """A real server on this machine that keeps what is posted to it."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        super().__init__(("127.0.0.1", 0), Listening)


class Listening(BaseHTTPRequestHandler):
    server: Listener  # ty: ignore[incompatible-mutable-override]

    def do_POST(self) -> None:
        self.server.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    failure = {"where": "core.fct_voice", "rule": "BrokenPromise", "message": "3 calls last forever", "blocking": True}
    state = {"run_id": "2026-01-05-001", "from_day": "2026-01-05", "to_day": "2026-01-05", "status": "failed"}
    night = {**state, "at": str(datetime.now(UTC)), "failures": [failure]}
    (tmp_path / "night.json").write_text(json.dumps(night))
    return Home(tmp_path)


def test_the_summary_says_what_happened_what_analysts_see_why_and_what_to_do(home: Home) -> None:
    text = summary(home, "the run failed", [])

    assert text.startswith("The night of 2026-01-05 did not publish.\nAnalysts keep what they had: nothing yet.")
    assert "- core.fct_voice: 3 calls last forever" in text
    assert "run `bassline night`" in text


def test_an_alert_is_posted_to_the_webhook(home: Home, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASSLINE_WEBHOOK", f"http://127.0.0.1:{listener.server_port}/hook")

    path = alert(home, "run", "the night failed\n")

    assert listener.heard == ["the night failed\n"]
    assert path.read_text() == "the night failed\n"


def test_a_webhook_that_does_not_answer_is_noted_and_loses_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASSLINE_WEBHOOK", "http://127.0.0.1:1/hook")

    path = alert(home, "run", "the night failed\n")

    assert path.read_text().startswith("the night failed\n\nThis could not be posted to the webhook: ")


def test_the_sensor_tells_about_a_failed_run(home: Home, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASSLINE_HOME", str(home.root))
    monkeypatch.setenv("BASSLINE_WEBHOOK", f"http://127.0.0.1:{listener.server_port}/hook")

    @dg.op
    def broken() -> None:
        raise dg.Failure("the disk is full")

    @dg.job
    def nightly() -> None:
        broken()

    with dg.DagsterInstance.ephemeral() as instance:
        result = nightly.execute_in_process(instance=instance, raise_on_error=False)
        event = result.get_run_failure_event()
        context = dg.build_run_status_sensor_context(
            sensor_name="tell_failure", dagster_instance=instance, dagster_run=result.dagster_run, dagster_event=event
        ).for_run_failure()
        tell_failure(context)

    assert "step broken: " in listener.heard[0]
    assert "the disk is full" in listener.heard[0]
    assert (home.root / "alerts" / f"{result.run_id}.txt").read_text() == listener.heard[0]
