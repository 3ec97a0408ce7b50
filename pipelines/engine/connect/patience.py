"""How long a fetch waits and how often it tries again: one place for databases and stores."""

import time
from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field

Result = TypeVar("Result")


class FetchError(Exception):
    """What could not be fetched, and why: without credentials."""


class Unreachable(FetchError):
    """A fault that may pass by itself: refused, reset, silent, a table that is being replaced."""


class Patience(BaseModel):
    """Tries of one table or file, the pause before the second (it doubles), and the longest silence of the other end.

    It is `fetch` in pipelines/operator.yaml. `answer_seconds` includes the time that a database thinks before its
    first row.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tries: int = Field(4, ge=1)
    pause_seconds: float = Field(2.0, ge=0)
    connect_seconds: int = Field(15, ge=1)
    answer_seconds: float = Field(600.0, gt=0)

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
