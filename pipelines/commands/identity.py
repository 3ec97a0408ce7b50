"""The group `bassline identity`: fit the weights that say who is one person, and see what other ones would change."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import HomeOption, Json, echo_json, home_of


def register(app: typer.Typer) -> None:
    identity = typer.Typer(no_args_is_help=True, help="Who is one person: fit weights, preview rules.")
    identity.command("fit")(fit)
    identity.command("preview")(preview)
    app.add_typer(identity, name="identity")


def fit(
    to: Annotated[Path, typer.Option(help="Where to write the weights, in the form of core.identity_weight's file.")],
    home: HomeOption = None,
) -> None:
    """Fit weights on the customer records as they stand. Takes minutes and changes nothing but the file.

    They are in force once they stand in pipelines/core/identity_weight.sql: from then on for new and changed records,
    and for all after `bassline backfill core.party_pair`. `bassline identity preview` shows first what they change.
    """
    from models.identity.fit import fit as fitted
    from models.identity.fit import in_file
    from pipelines.commands.parties import as_of, beside
    from pipelines.engine.table import load_tables

    with beside(home_of(home)) as connection:
        for name in ("core.customer_identity", "core.junk_document"):
            connection.execute(f"create table {name} as from warehouse.{name}")
        day = as_of(connection)
        connection.execute("detach warehouse")
        weights = fitted(connection)
    to.write_text(in_file(load_tables()["core.identity_weight"].path.read_text(), weights, as_of=day))
    typer.echo(f"{to}: {len(weights)} weights; `bassline identity preview --weights {to}` shows what they change")


def preview(
    weights: Annotated[Path | None, typer.Option(help="Other weights.", exists=True, dir_okay=False)] = None,
    rules: Annotated[
        list[Path] | None,
        typer.Option(help="Another file of a table of core, named as it, such as party_merge.sql.", exists=True),
    ] = None,
    home: HomeOption = None,
    json: Json = False,
) -> None:
    """Show who would become one party and who would part, against the last night. Changes nothing."""
    from pipelines.commands.parties import preview as looked_at

    instead = {f"core.{path.stem}": path for path in rules or ()}
    if weights:
        instead["core.identity_weight"] = weights
    found = looked_at(home_of(home), instead)
    if json:
        echo_json(asdict(found))
        return
    typer.echo(
        f"{found.records:,} customer records: {found.parties_now:,} parties now, {found.parties_then:,} then\n"
        f"{found.merges:,} parties come together, {found.splits:,} part"
    )
    for change in found.examples:
        records = ", ".join(f"{key} {name}" for key, name in zip(change.records, change.names, strict=True))
        typer.echo(f"  {'merge' if change.is_merge else 'split'}  {records}: {'; '.join(change.reasons)}")
