"""One line of the benchmark table."""

from dataclasses import dataclass
from pathlib import Path


def peak_gb() -> float:
    """Peak resident memory of this process, on Linux; `ru_maxrss` of a child would begin at its parent's peak."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(told["VmHWM"].split()[0]) / 1024**2


@dataclass(frozen=True)
class Line:
    """What was measured. `floor` is the time inside DuckDB statements; a line with a `note` shows only that."""

    name: str
    amount: int = 0
    unit: str = ""
    seconds: float = 0.0
    floor: float | None = None
    peak_gb: float | None = None
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        """Name, amount, seconds, rate, floor, seconds by floor, peak memory."""
        if self.note:
            return self.name, "", self.note
        rate = f"{self.amount / self.seconds:,.0f} {self.unit}/s" if self.seconds else ""
        floor = (f"{self.floor:.1f}", f"{self.seconds / self.floor:.2f}") if self.floor else ("", "")
        peak = f"{self.peak_gb:.2f}" if self.peak_gb else ""
        return self.name, f"{self.amount:,}", f"{self.seconds:.1f}", rate, *floor, peak
