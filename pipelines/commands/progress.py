"""What a person sees while something long runs: a bar on a terminal, a line per message elsewhere, nothing if quiet."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class Watch:
    """Shows the steps of a night (`step`, `say`) or of a loop over days (`day`) on standard error."""

    def __init__(self, bar: Progress, console: Console, *, is_quiet: bool) -> None:
        self.bar = bar
        self.console = console
        self.is_quiet = is_quiet
        self.task: TaskID | None = None

    def begin(self, title: str, total: int | None = None) -> None:
        """A new bar in place of the one before."""
        if self.task is not None:
            self.bar.remove_task(self.task)
        self.task = self.bar.add_task(title, total=total)

    def step(self, name: str, done: int, total: int) -> None:
        if self.task is None:
            self.begin(name, total)
        if self.task is not None:
            self.bar.update(self.task, description=name, completed=done, total=total)

    def say(self, text: str) -> None:
        if not self.is_quiet:
            self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def day(self, day: date) -> None:
        if self.task is not None:
            self.bar.update(self.task, description=str(day), advance=1)


@contextmanager
def watching(*, quiet: bool) -> Generator[Watch]:
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        yield Watch(bar, console, is_quiet=quiet)
