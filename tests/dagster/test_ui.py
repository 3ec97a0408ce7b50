"""`bassline ui` serves the whole graph with its schedule and sensors, on this machine only, inside the home."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from pipelines.engine.home import PROJECT

PATIENCE = 240
QUESTION = """{ repositoriesOrError { ... on RepositoryConnection { nodes {
    location { name } jobs { name } schedules { name scheduleState { status } } sensors { name sensorState { status } }
    assetNodes { assetKey { path } }
} } } }"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def ui(home: Path, port: int) -> Generator[None]:
    """The command itself; in the end exactly the processes that it started are ended."""
    with (home / "ui.log").open("wb") as log:
        command = [sys.executable, "-m", "pipelines.cli", "ui", "--home", str(home), "--port", str(port)]
        environment = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)
    own = psutil.Process(process.pid)
    try:
        yield
    finally:
        started = [*own.children(recursive=True), own]
        process.send_signal(signal.SIGINT)
        _, left = psutil.wait_procs(started, timeout=20)
        for one in left:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        process.wait()


def ask(port: int) -> dict[str, Any] | None:
    """The repository as Dagster's GraphQL describes it; None while it is not up."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        json.dumps({"query": QUESTION}).encode(),
        {"Content-Type": "application/json"},
    )
    with suppress(OSError), urllib.request.urlopen(request, timeout=30) as answer:
        nodes = json.load(answer)["data"]["repositoriesOrError"].get("nodes", [])
        return nodes[0] if nodes else None
    return None


def test_the_pages_show_the_whole_graph_its_schedule_and_its_sensors(tmp_path: Path) -> None:
    port, until = free_port(), time.monotonic() + PATIENCE
    with ui(tmp_path, port):
        while (found := ask(port)) is None:
            assert time.monotonic() < until, (tmp_path / "ui.log").read_text()
            time.sleep(1)

    reviewed = (PROJECT / "tests" / "__snapshots__" / "graph.txt").read_text().splitlines()
    assert found["location"]["name"] == "bassline"
    assert {"/".join(node["assetKey"]["path"]) for node in found["assetNodes"]} == {
        line.split(" <-")[0] for line in reviewed
    }
    assert "nightly" in {job["name"] for job in found["jobs"]}
    assert [(one["name"], one["scheduleState"]["status"]) for one in found["schedules"]] == [("every_night", "RUNNING")]
    assert {one["name"]: one["sensorState"]["status"] for one in found["sensors"]} == {
        "tell_failure": "RUNNING", "tell_success": "RUNNING",
    }  # fmt: skip
    assert (tmp_path / "dagster" / "history").is_dir()
