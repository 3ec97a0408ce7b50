"""An IO manager that refuses: rows never pass between steps through Dagster, whose own managers would pickle them."""

from typing import Any

import dagster as dg


class NothingPasses(dg.IOManager):
    """Accepts None only. Steps meet in the warehouse."""

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        if obj is not None:
            raise dg.DagsterInvariantViolationError(
                f"{context.asset_key.to_user_string()} returned a {type(obj).__name__}; "
                "a step returns MaterializeResult and leaves its rows in the warehouse"
            )

    def load_input(self, context: dg.InputContext) -> None:
        raise dg.DagsterInvariantViolationError(
            f"{context.asset_key.to_user_string()} cannot be loaded through Dagster; read the warehouse"
        )
