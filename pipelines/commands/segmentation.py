"""The group `bassline segmentation`: fit segments on the warehouse's lines, or on any table."""

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.commands.options import DAY, HomeOption, Json, echo_json, home_of, parse_day

if TYPE_CHECKING:
    import duckdb

    from models.segmentation.fit import Segmentation

NUMERIC = ("INT", "DECIMAL", "DOUBLE", "FLOAT", "BOOLEAN")
FEATURES = (
    "tenure_months", "days_silent", "active_days", "voice_minutes", "on_net_share", "sms_sent", "data_gb",
    "roaming_minutes", "contacts", "spend_amt",
)  # fmt: skip
MONTHS = "select max(month_start) from warehouse.segmentation.feature_month"


def register(app: typer.Typer) -> None:
    segmentation = typer.Typer(no_args_is_help=True, help="Who resembles whom.")
    segmentation.callback()(_group)
    segmentation.command("fit")(fit)
    app.add_typer(segmentation, name="segmentation")


def _group() -> None:
    """Keeps `fit` a word of its own while it is the only command."""


def fit(
    table: Annotated[
        str | None, typer.Option(help="Any table instead of the warehouse's lines: CSV, Parquet, file.duckdb:table.")
    ] = None,
    id: Annotated[str | None, typer.Option(help="Of a table, the column that names its rows.")] = None,
    features: Annotated[str | None, typer.Option(help="Columns to go by, with commas (default: all numbers).")] = None,
    segments: Annotated[
        int | None, typer.Option(min=2, max=50, help="So many, instead of the clearest number.")
    ] = None,
    scores: Annotated[Path | None, typer.Option(help="Write the segment of each row: .parquet or .csv.")] = None,
    in_force_from: Annotated[
        date | None,
        typer.Option(
            parser=parse_day, metavar=DAY, help="Of a version, its first day (default: after the last night)."
        ),
    ] = None,
    home: HomeOption = None,
    json: Json = False,
) -> None:
    """Fit segments by k-means on scaled features and say whether they are groups that exist.

    Without --table it fits on the last closed month of the warehouse and keeps a version that the nights from then on
    apply; segments of the version before keep their ids. With --table it keeps nothing and prints what it found.
    """
    from pipelines.engine.sandbox import Refused

    if scores and scores.suffix not in (".parquet", ".csv"):
        raise typer.BadParameter(f"'{scores}' must end in .parquet or .csv", param_hint="--scores")
    wanted = [name.strip() for name in features.split(",") if name.strip()] if features else None
    number = range(segments, segments + 1) if segments else range(2, 11)
    if table is None:
        if id or scores:
            raise Refused("--id and --scores belong to --table; the warehouse's lines are in segmentation.member_month")
        found, answer = on_warehouse(home_of(home), wanted or list(FEATURES), number, in_force_from)
    elif id is None:
        raise Refused("--table needs --id, the column that names its rows")
    else:
        found, answer = on_table(table, id, wanted, number, scores)
    echo_json(answer) if json else typer.echo("\n".join(in_words(found, answer)))


def on_table(
    table: str, id: str, wanted: list[str] | None, numbers: range, scores: Path | None
) -> tuple["Segmentation", dict[str, Any]]:
    """Fit on any table, and write each row's segment where asked."""
    from pipelines.commands.table_file import opened
    from pipelines.engine.sandbox import Refused

    with opened(table) as (connection, relation):
        kinds = {name: kind for name, kind, *_ in connection.execute(f"describe from {relation}").fetchall()}
        for name in [id, *(wanted or [])]:
            if name not in kinds:
                raise Refused(f"{table}: has no column '{name}'; it has {', '.join(kinds)}")
        numbers_only = [name for name, kind in kinds.items() if kind.startswith(NUMERIC) or "INT" in kind]
        if text := [name for name in wanted or [] if name not in numbers_only]:
            raise Refused(f"{table}: {', '.join(text)} hold no numbers; segments are told apart by numbers only")
        names = wanted or [name for name in numbers_only if name != id]
        if not names:
            raise Refused(f"{table}: has no column of numbers beside '{id}'")
        return _fitted(connection, relation, id, names, numbers, scores, what=table)


def _fitted(
    connection: "duckdb.DuckDBPyConnection", relation: str, id: str, names: list[str], numbers: range,
    scores: Path | None = None, *, what: str, before: Any = None,
) -> tuple["Segmentation", dict[str, Any]]:  # fmt: skip
    from models.segmentation.fit import SegmentationError
    from models.segmentation.fit import fit as fitted_to
    from pipelines.engine.sandbox import Refused

    ids, values = _read(connection, relation, id, names)
    try:
        found = fitted_to(ids, values, numbers=numbers, before=before)
    except SegmentationError as error:
        raise Refused(f"{what}: {error}") from None
    if scores:
        _write(connection, found, ids, values, scores)
    return found, {"segments": [vars(one) for one in found.segments], "evaluation": found.evaluation()}


def _read(
    connection: "duckdb.DuckDBPyConnection", relation: str, id: str, names: list[str]
) -> tuple[list[Any], dict[str, Any]]:
    from models.sql import quoted

    columns = ", ".join(f"cast({quoted(name)} as double) as {quoted(name)}" for name in names)
    # Rows that share an id are put in order by their values, so that the order of the file decides nothing.
    rows = connection.execute(
        f"select {quoted(id)}, {columns} from {relation} order by {', '.join(map(quoted, (id, *names)))}"
    ).to_arrow_table()
    return rows.column(0).to_pylist(), {name: rows.column(place).to_numpy() for place, name in enumerate(names, 1)}


def _write(
    connection: "duckdb.DuckDBPyConnection", found: "Segmentation", ids: list[Any], values: dict[str, Any], to: Path
) -> None:
    import pyarrow as pa

    from models.segmentation.scale import coordinates, nearest

    place, distance = nearest(coordinates(found.features, values), found.centres)
    rows = pa.table({
        "id": ids,
        "segment_id": [found.segments[at].segment_id for at in place],
        "segment_name": [found.segments[at].name for at in place],
        "distance": distance.round(6),
    })  # fmt: skip
    connection.register("scored", rows)
    relation = connection.table("scored")
    relation.to_parquet(str(to)) if to.suffix == ".parquet" else relation.to_csv(str(to), header=True)


def on_warehouse(
    home: Any, names: list[str], numbers: range, in_force_from: date | None
) -> tuple["Segmentation", dict[str, Any]]:
    """Fit on the last closed month and keep a version."""
    from models import segmentation, versions
    from models.segmentation.fit import read
    from models.segmentation.member import FILE
    from pipelines.commands.parties import as_of, beside
    from pipelines.engine.sandbox import Refused

    parent = home.models / "segmentation"
    known = versions.versions(parent)
    with beside(home) as connection:
        month = connection.execute(MONTHS).fetchall()[0][0]
        if month is None:
            raise Refused(f"{home.warehouse}: segmentation.feature_month has no rows; no month is closed yet")
        if unknown := set(names) - set(FEATURES):
            raise Refused(f"{', '.join(sorted(unknown))}: no feature of lines; expected some of {', '.join(FEATURES)}")
        shown = ", ".join(["subscription_key", *names])
        relation = f"(select {shown} from warehouse.segmentation.feature_month where month_start = date '{month}')"
        before = read(known[-1].text(FILE)) if known else None
        found, answer = _fitted(
            connection, relation, "subscription_key", names, numbers, what=f"lines of {month:%Y-%m}", before=before
        )
        hashed, closed = versions.data_hash(connection, relation), as_of(connection)
    version = versions.keep(
        parent,
        {FILE: found.text()},
        in_force_from=in_force_from or closed + timedelta(days=1),
        fitted_as_of=versions.last_day(month),
        data_hash=hashed,
        code_version=versions.code_version(Path(segmentation.__file__).parent),
        evaluation=found.evaluation(),
    )
    return found, answer | {"version": version.number, "in_force_from": version.in_force_from, "folder": version.folder}


def in_words(found: "Segmentation", answer: dict[str, Any]) -> list[str]:
    lines = [f"{found.rows:,} rows, fitted on {found.sampled:,} of them; {len(found.segments)} segments"]
    lines += [
        f"  {one.segment_id:>3}  {one.share:>6.1%}  {one.name}: "
        + ", ".join(f"{name} {z:+.1f}" for name, z in sorted(one.profile.items(), key=lambda x: -abs(x[1]))[:4])
        for one in found.segments
    ]
    lines += ["", "segments  silhouette  without any  stability"]
    lines += [
        f"{one.segments:>8}  {one.silhouette:>10.3f}  {one.reference:>11.3f}  {one.stability:>9.3f}"
        for one in found.numbers
    ]
    if "version" in answer:
        lines += ["", f"version {answer['version']}, in force from {answer['in_force_from']}: {answer['folder']}"]
    return [*lines, *([""] if found.told else []), *(f"note: {line}" for line in found.told)]
