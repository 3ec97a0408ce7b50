"""How long a fetch waits and how often it tries again: one place for databases and stores."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Result = TypeVar("Result")


class FetchError(Exception):
    """What could not be fetched, and why: without credentials."""


class Unreachable(FetchError):
    """A fault that may pass by itself: refused, reset, silent, a table that is being replaced."""


@dataclass(frozen=True)
class Patience:
    """Tries of one table or file, the pause before the second (it doubles), and the longest silence of the other end.

    `answer_seconds` includes the time that a database thinks before its first row.
    """

    tries: int = 4
    pause_seconds: float = 2.0
    connect_seconds: int = 15
    answer_seconds: float = 600.0

    def insist(self, attempt: Callable[[], Result]) -> Result:
        """The result of the first attempt that succeeds. Raises the last Unreachable, saying how often it was tried."""
        for number in range(1, self.tries + 1):
            try:
                return attempt()
            except Unreachable as error:
                if number == self.tries:
                    raise Unreachable(f"{error} (tried {self.tries} times)") from None
                time.sleep(self.pause_seconds * 2 ** (number - 1))
        raise AssertionError("at least one try")
