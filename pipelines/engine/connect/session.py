"""Our end of a session with a database: asks the process that reads, and ends it when it falls silent."""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any, Self

from pipelines.engine.connect.dialect import Bound, Described
from pipelines.engine.connect.patience import FetchError, Patience, Unreachable
from pipelines.engine.secrets import Connection

MODULE = "pipelines.engine.connect.reader"
Source = dict[str, str]


class Session:
    """Begins with the first question, and anew after a fault: what follows is then of a later moment."""

    def __init__(self, connection: Connection, patience: Patience) -> None:
        self.connection, self.patience = connection, patience
        self.process: subprocess.Popen[str] | None = None
        self.lines: Queue[str] = Queue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def describe(self, source: Source) -> list[Described]:
        """Names and types of the columns of a source."""
        reply = self._ask({"describe": source}, until="columns")
        return [(name, kind) for name, kind in reply["columns"]]

    def read(self, source: Source, columns: dict[str, str], bound: Bound | None, to: Path) -> int:
        """Write the rows into a Parquet file; how many they are."""
        said = vars(bound) if bound else None
        return self._ask({"read": source, "columns": columns, "bound": said, "to": str(to)}, until="done")["done"]

    def end(self) -> None:
        if self.process:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def _ask(self, request: dict[str, Any], *, until: str) -> dict[str, Any]:
        """Raises Unreachable for what may pass, FetchError for what will not."""
        try:
            process = self.process or self._begin()
            with suppress(BrokenPipeError):  # it ended with a message, which is read below
                self._tell(process, request)
            while True:
                reply: dict[str, Any] = json.loads(self.lines.get(timeout=self.patience.answer_seconds))
                if "error" in reply:
                    raise self._fault(reply["error"], reply["kind"])
                if until in reply:
                    return reply
        except Empty:
            self.end()
            raise Unreachable(f"no answer for {self.patience.answer_seconds:g} s, given up") from None
        except FetchError:
            self.end()
            raise

    def _begin(self) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", MODULE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.process, self.lines = process, Queue()
        Thread(target=_listen, args=(process, self.lines), daemon=True).start()
        seconds = self.patience.connect_seconds
        first = {"name": self.connection.name, "url": self.connection.url, "connect_seconds": seconds}
        self._tell(process, first)
        return process

    @staticmethod
    def _tell(process: "subprocess.Popen[str]", request: dict[str, Any]) -> None:
        assert process.stdin
        process.stdin.write(f"{json.dumps(request)}\n")
        process.stdin.flush()

    def _fault(self, text: str, kind: str) -> FetchError:
        lines = [line.strip() for line in self.connection.redact(text).splitlines() if line.strip()]
        told = lines[0] if lines else "no message"
        return Unreachable(told) if kind == "other" else FetchError(told)


def _listen(process: "subprocess.Popen[str]", lines: "Queue[str]") -> None:
    """Lines as they come; a process that ends without a word is a fault like others."""
    assert process.stdout
    for line in process.stdout:
        lines.put(line)
    lines.put(json.dumps({"error": f"the reading process ended with code {process.wait()}", "kind": "other"}))
