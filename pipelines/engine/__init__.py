"""How deliveries become lake partitions and files become tables; no telecom word in here."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.engine.component import SourceSystem

__all__ = ["SourceSystem"]


def __getattr__(name: str) -> Any:
    """The component is imported when Dagster asks for it, so that the engine works, and is fast, without Dagster."""
    if name == "SourceSystem":
        from pipelines.engine.component import SourceSystem

        return SourceSystem
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
