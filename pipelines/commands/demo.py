"""The demo: a whole operator in one folder, from raw deliveries to three answers. Running it again continues."""

import json
from datetime import date, timedelta

import typer

from pipelines.commands.nights import tell as told
from pipelines.commands.progress import Watch, watching
from pipelines.commands.rows import show_table
from pipelines.engine.home import Home
from pipelines.engine.night import NightReport, NotPublished, open_days, run_nights
from pipelines.engine.removal import remove_tree
from pipelines.engine.sandbox import Refused, reading, select

END = date(2026, 2, 28)
QUESTIONS = {
    "How many subscriptions are there, by payment type?": """
        select pay_type, count(*) as subscriptions, sum(is_active::integer) as active_on_the_day
        from core.subscriber_day
        where day = (select as_of from as_of) and is_in_network
        group by pay_type order by pay_type""",
    "How did the base move in the last six months?": """
        select
            date_trunc('month', day)::date as month,
            sum(is_gross_add::integer) as joined,
            sum(is_churn::integer) as gone
        from core.subscriber_day
        group by month order by month desc limit 6""",
    "What was billed and paid in the last three months?": """
        select month_start, sum(billed_amt) as billed, sum(paid_amt) as paid, sum(recharge_amt) as recharged
        from mart_revenue.subscriber_month
        group by month_start order by month_start desc limit 3""",
}


def run_demo(home: Home, *, subscribers: int, days: int, quiet: bool) -> None:
    with watching(quiet=quiet) as watch:
        generate(home, subscribers, days, watch)
        close_days(home, days, watch)
    show_results(home)


def generate(home: Home, subscribers: int, days: int, watch: Watch) -> None:
    """Write the deliveries once; a history that was interrupted is begun anew. Raises Refused for another's data."""
    from pipelines.synthetic.settings import Settings
    from pipelines.synthetic.synth import synthesise

    wanted = {"subscribers": subscribers, "days": days, "end": str(END)}
    note = home.root / "demo.json"
    found = json.loads(note.read_text()) if note.exists() else None
    if found == {**wanted, "is_complete": True}:
        return
    if found is None and home.landing.exists() and any(home.landing.iterdir()):
        raise Refused(f"{home.landing}: holds other deliveries; the demo needs a folder of its own (--home)")
    if found and found["is_complete"]:
        raise Refused(f"{home.root}: holds the demo of {found}; remove the folder, or choose another one (--home)")
    for folder in (home.landing, home.root / "truth"):
        remove_tree(folder)
    home.root.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps({**wanted, "is_complete": False}))
    watch.say(f"making an operator of {subscribers:,} subscribers and {days} days up to {END}")
    watch.begin("the world", days)
    report = synthesise(Settings(subscribers, days, END, out=home.root), progress=watch.day)
    note.write_text(json.dumps({**wanted, "is_complete": True}))
    watch.say(f"{report.events:,} usage events, {report.faults:,} faults hidden in the deliveries")


def close_days(home: Home, days: int, watch: Watch) -> None:
    """The history in one pass, then the last day as a night of its own. Raises NotPublished."""
    before = END - timedelta(days=1)
    first = open_days(home, END)[0] if home.warehouse.exists() else END - timedelta(days=days - 1)
    if first <= before:
        tell(run_nights(home, first, before, progress=watch))
        first = END
    if first == END:
        tell(run_nights(home, END, END, progress=watch))


def tell(report: NightReport) -> None:
    if report.status != "published":
        reasons = "\n".join(f"  {found.where}: {found.message}" for found in report.failures if found.blocking)
        raise NotPublished(f"the night of {report.to_day} published nothing:\n{reasons}")
    told(report)


def show_results(home: Home) -> None:
    """The KPI board, where the published file is, and three questions with their answers."""
    from models.kpi.board import board

    with reading(home) as connection:
        kpis = board(connection, "operations", END)
        shown = kpis.select("number", "name_en", "period", "period_start", "value", "unit", "is_complete")
        show_table(shown.columns, shown.rows())
        for question, sql in QUESTIONS.items():
            found = select(connection, sql)
            typer.echo(f"\n{question}")
            show_table([column[0] for column in found.description or ()], found.fetchall())
    typer.echo(f"\npublished: {home.current}")
    typer.echo('ask more:  .venv/bin/bassline query "select * from as_of"')
