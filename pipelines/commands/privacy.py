"""Commands that protect people: erase one, export a list, show rejected rows, change the vault's key, audit."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import HomeOption, Json, echo_json, home_of


def register(app: typer.Typer) -> None:
    for command in (erase, export_list, audit):
        app.command()(command)
    quarantine = typer.Typer(no_args_is_help=True, help="Rows that broke their contract.")
    quarantine.command("show")(quarantine_show)
    app.add_typer(quarantine, name="quarantine")
    vault = typer.Typer(no_args_is_help=True, help="The vault, in which personal values are kept sealed.")
    vault.command("rotate")(vault_rotate)
    app.add_typer(vault, name="vault")


def erase(
    subject: Annotated[str, typer.Option(help="A phone number, a document, a customer or subscription number.")],
    reason: Annotated[str, typer.Option(help="Why, in a few words; kept in audit.jsonl for ever.")],
    kind: Annotated[str | None, typer.Option(help="What the value is, if several things have it.")] = None,
    home: HomeOption = None,
) -> None:
    """Erase a person: vault, landing and quarantine forget every value that stands for nobody else.

    Tables keep their rows, whose keys then stand for nobody; what is delivered of the person again is not taken.
    """
    from pipelines.privacy.erase import erase as forget

    done = forget(home_of(home), subject, kind=kind, reason=reason)
    told = ", ".join(f"{count} {domain}" for domain, count in done.values.items())
    typer.echo(
        f"erased: {told}; {done.landing_files} landed files, {done.quarantined_rows} quarantined rows and "
        f"{done.state_rows} rows that fetches remember removed"
    )
    for name in done.lists:
        typer.echo(f"tell whoever works with it: the frozen list {name} had lines of the person, and has them no more")
    for export in done.exports:
        typer.echo(f"tell whoever has it: the list {export} named the person")


def export_list(
    sql: Annotated[str, typer.Argument(help="One SELECT; with subscription_key or party_key, or with people.")],
    purpose: Annotated[str, typer.Option(help="One of pipelines/privacy/purposes.yaml.")],
    to: Annotated[Path, typer.Option(help="The CSV file to write; it must not exist.")],
    detokenise: Annotated[str | None, typer.Option(help="Add the value of this kind, such as msisdn.")] = None,
    home: HomeOption = None,
) -> None:
    """Write a list of people, or figures of groups of them, as CSV for a declared purpose; every export is logged.

    People who did not consent are left out where the purpose needs consent. In figures, `people` is the size of each
    row's group: groups of fewer than ten are hidden, and so is what would give them away.
    """
    from pipelines.privacy.export import export

    done = export(home_of(home), sql, purpose=purpose, to=to, detokenise=detokenise)
    typer.echo(f"{to}: {done.rows:,} rows; {done.suppressed:,} left out or hidden; export {done.number}")


def audit(home: HomeOption = None, json: Json = False) -> None:
    """Show who looked at or changed personal data, when and why; returns 1 if lines were changed or cut off."""
    from pipelines.privacy.register import broken, entries

    place = home_of(home)
    changed = broken(place)
    if json:
        echo_json({"entries": entries(place), "changed": changed})
    else:
        for entry in entries(place):
            told = entry.get("purpose") or entry.get("reason") or ""
            typer.echo(f"{entry['at']}  {entry['user']:<12}{entry.get('action', 'detail'):<18}{told}")
        for found in changed:
            typer.echo(found, err=True)
    raise typer.Exit(1 if changed else 0)


def quarantine_show(
    delivery: Annotated[int, typer.Argument(help="The delivery_id, as in ops.quarantine.")],
    purpose: Annotated[str, typer.Option(help="Why, in a few words; it is written to audit.jsonl with your name.")],
    home: HomeOption = None,
) -> None:
    """Show the rejected rows of a delivery as they came, personal data included. Every look is logged."""
    from pipelines.privacy.originals import originals

    for row in originals(home_of(home), delivery, purpose):
        where = f"{row['file']}:{row['row_no']}  {row['rule']} {row['column'] or ''}".rstrip()
        typer.echo(f"{where}\n  {row['original']}")


def vault_rotate(home: HomeOption = None) -> None:
    """Seal vault and quarantine anew under the next key, `vault-<n+1>`; until it is done the old one is in force."""
    from pipelines.privacy.originals import rotate

    number, files = rotate(home_of(home))
    typer.echo(f"sealed with key 'vault-{number}' now, {files} quarantine files too; the keys before it may go")
