"""The group `bassline targeting`: audiences are counted before they run, and frozen as lists with controls."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.commands.options import DAY, HomeOption, Json, echo_json, home_of, parse_day

if TYPE_CHECKING:
    from pipelines.commands.audiences import Counted
    from pipelines.engine.home import Home

Files = Annotated[
    list[Path] | None,
    typer.Argument(help="Audience files; models/targeting/README.md shows them. [default: audiences/*.yaml]"),
]
PURPOSE = "What people would be contacted for: one of pipelines/privacy/purposes.yaml."


def register(app: typer.Typer) -> None:
    targeting = typer.Typer(no_args_is_help=True, help="Who is offered what: audiences, contact policy, frozen lists.")
    for command in (count, run, ls, fit):
        targeting.command()(command)
    app.add_typer(targeting, name="targeting")


def count(
    audiences: Files = None,
    purpose: Annotated[str, typer.Option(help=PURPOSE)] = "marketing",
    table: Annotated[
        Path | None, typer.Option(help="A wide Parquet file instead of the published tables.", exists=True)
    ] = None,
    id: Annotated[
        str, typer.Option("--id", help="Its column of integers that tells lines apart.")
    ] = "subscription_key",
    home: HomeOption = None,
    json: Json = False,
) -> None:
    """Count audiences: each condition alone, what remains after each, why lines are not contacted. Changes nothing.

    With --table, columns are named by themselves and no contact policy is applied; many audiences share one pass.
    """
    from pipelines.commands.audiences import name_of, published
    from pipelines.commands.audiences import table as wide
    from pipelines.commands.lists import Lists

    place = home_of(home)
    files = files_of(audiences, place)
    if table:
        found = wide(table, id).count(files, None)
    else:
        check_purpose(purpose)
        lists = Lists(place)
        with published(place, [name_of(path) for path in files], lists) as campaigns:
            found = campaigns.count(files, purpose, lists)
    if json:
        echo_json([as_json(one) for one in found])
        return
    for one in found:
        echo(one)


def run(
    purpose: Annotated[str, typer.Option(help=PURPOSE)],
    audiences: Files = None,
    day: Annotated[
        Any, typer.Option("--day", parser=parse_day, metavar=DAY, help="Business day of the freeze (default: today).")
    ] = None,
    home: HomeOption = None,
    json: Json = False,
) -> None:
    """Freeze the list of each audience, one after the other: the next night loads it as core.target_list_member.

    The same audience on the same published run gives the same list, which is not frozen twice.
    """
    from pipelines.commands.audiences import name_of, published
    from pipelines.commands.lists import Lists, moment_of
    from pipelines.engine.lock import writer_lock
    from pipelines.privacy import register as audit

    check_purpose(purpose)
    place, told = home_of(home), []
    lists = Lists(place)
    with writer_lock(place.root / "lists.lock", "freezing of lists"):
        for path in files_of(audiences, place):
            with published(place, [name_of(path)], lists) as campaigns:
                counted = campaigns.count([path], purpose, lists)[0]
                as_of, run_id = campaigns.as_of, campaigns.run_id
            if as_of is None or not len(counted.chosen.keys):
                told.append({**as_json(counted), "list": None})
                typer.echo(f"{path}: nobody is left; nothing was frozen", err=True)
                continue
            frozen, is_new = lists.freeze(
                counted.outcome.plan, counted.chosen, purpose=purpose, as_of=as_of, run_id=run_id,
                declared=path.read_text(encoding="utf-8"), now=moment_of(day),
            )  # fmt: skip
            if is_new:
                audit.record(
                    place, "targeting-run", list=frozen.list_id, purpose=purpose, rows=frozen.lines,
                    controls=frozen.controls,
                    definition_hash=frozen.definition_hash, list_sha256=frozen.digest, run=run_id,
                )  # fmt: skip
            told.append({**as_json(counted), "list": frozen.list_id, "is_new": is_new})
            if not json:
                echo(counted)
                word = "frozen" if is_new else "is frozen already"
                typer.echo(f"{frozen.list_id}: {word}: {frozen.lines:,} lines, {frozen.controls:,} of them left alone")
    if json:
        echo_json(told)


def ls(home: HomeOption = None, json: Json = False) -> None:
    """The frozen lists, and whether a night has loaded them."""
    from pipelines.commands.lists import Lists
    from pipelines.commands.rows import show_table
    from pipelines.engine.sandbox import NothingPublished, reading

    place = home_of(home)
    lists, loaded = Lists(place), set()
    try:
        with reading(place) as connection:
            loaded = lists.loaded(connection)
    except NothingPublished:
        pass
    names = ["list", "purpose", "offer", "chosen on", "frozen at", "ends on", "lines", "controls", "state"]
    rows = [
        (
            one.list_id, one.purpose, one.offer_id, one.chosen_on, one.frozen_at, one.ends_on, one.lines, one.controls,
            "loaded" if one.list_id in loaded else "waits for a night",
        )
        for one in lists.all()
    ]  # fmt: skip
    if json:
        echo_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        show_table(names, rows)


def fit(
    in_force_from: Annotated[
        Any,
        typer.Option(
            "--from",
            parser=parse_day,
            metavar=DAY,
            help="First month end that uses it is on or after this day (default: the last closed day).",
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Fit how often offers are taken, on the answers to campaigns that are over: the next version for nights to apply.

    The version holds models/targeting/offers.yaml and the catalogue's fees as they are now, too.
    """
    from pipelines.commands.offers import fit as fitted
    from pipelines.commands.rows import show_table

    version = fitted(home_of(home), in_force_from)
    typer.echo(
        f"version {version.number}, in force from {version.in_force_from}, fitted on answers up to "
        f"{version.fitted_as_of}"
    )
    models = version.json("offers.json")["models"]
    rows = [
        (name, one["contacted"], one["accepted"], one["mean"], "model" if name in models else "rates")
        for name, one in version.evaluation["offers"].items()
    ]
    show_table(["offer", "contacted", "accepted", "chance", "told apart by"], rows)


def files_of(given: list[Path] | None, home: "Home") -> list[Path]:
    """The files that were given, else all that lie in the home. Raises Refused when there are none."""
    from pipelines.engine.sandbox import Refused

    found = given or sorted((home.root / "audiences").glob("*.yaml"))
    if not found:
        raise Refused(f"{home.root / 'audiences'}: holds no audience; name a file, or put one there")
    return found


def check_purpose(name: str) -> None:
    """Raises Refused for a purpose that is not declared."""
    from pipelines.privacy.export import declared_purpose

    declared_purpose(name)


def echo(one: "Counted") -> None:
    """The counts as a table of three columns."""
    outcome, chosen = one.outcome, one.chosen
    typer.echo(f"{outcome.plan.name}: {outcome.plan.audience.title}")
    lines: list[tuple[str, str, str]] = [
        ("", "alone", "remaining"),
        ("lines in network", "", f"{outcome.population:,}"),
    ]
    for step, alone, left in zip(outcome.plan.steps, outcome.alone, outcome.remaining, strict=True):
        lines.append((f"  {step.title}", f"{alone:,}", f"{left:,}"))
    left = int(outcome.remaining[-1])
    if outcome.rules:
        lines.append(("contact policy", "holds for", "left out"))
        for rule, holding, first in zip(outcome.rules, outcome.holding, outcome.first, strict=True):
            lines.append((f"  {rule.name}: {rule.title}", f"{holding:,}", f"{first:,}"))
        several = int(outcome.holding.sum()) - (left - outcome.contactable)
        lines.append(("  reasons beyond the first one of a line", f"{several:,}", ""))
        lines.append(("can be contacted", "", f"{outcome.contactable:,}"))
    if outcome.plan.limit is not None:
        lines.append(("  without a value to rank by, or a seed", "", f"{chosen.without_value:,}"))
    for quota, over in zip(outcome.plan.quotas, chosen.over_quota, strict=True):
        lines.append((f"  over the quota of {quota.feature.title}", "", f"{over:,}"))
    if outcome.plan.limit is not None:
        lines.append((f"  beyond the first {outcome.plan.limit:,}", "", f"{chosen.beyond_number:,}"))
    lines.append(("on the list", "", f"{len(chosen.keys):,}"))
    lines.append(("  left alone, for comparison", "", f"{chosen.controls:,}"))
    width = max(len(name) for name, _, _ in lines)
    for name, alone, rest in lines:
        typer.echo(f"{name:<{width}}  {alone:>11}  {rest:>11}".rstrip())
    typer.echo()


def as_json(one: "Counted") -> dict[str, Any]:
    outcome, chosen = one.outcome, one.chosen
    steps = zip(outcome.plan.steps, outcome.alone, outcome.remaining, strict=True)
    reasons = zip(outcome.rules, outcome.holding, outcome.first, strict=True)
    return {
        "audience": outcome.plan.name,
        "definition_hash": outcome.plan.audience.definition_hash,
        "population": outcome.population,
        "steps": [{"condition": s.title, "alone": int(a), "remaining": int(r)} for s, a, r in steps],
        "policy": [{"rule": r.name, "holds": int(h), "left_out": int(f)} for r, h, f in reasons],
        "contactable": outcome.contactable,
        "without_value": chosen.without_value,
        "over_quota": chosen.over_quota,
        "beyond_number": chosen.beyond_number,
        "lines": len(chosen.keys),
        "controls": chosen.controls,
        "strata": [
            {"stratum": [str(part) for part in key], "lines": n, "controls": c}
            for key, (n, c) in chosen.strata.items()
        ],
    }  # fmt: skip
