"""The capability matrix as a page: what needs and uses which source systems, and what is lost without each."""

from collections.abc import Iterator

from pipelines.onboarding.capability import Capabilities

MARKS = {"dark": "●", "partly": "○"}


def page_of(known: Capabilities) -> str:
    return "\n".join(lines_of(known)) + "\n"


def lines_of(known: Capabilities) -> Iterator[str]:
    yield "# What lights up with which source systems"
    yield ""
    yield "● has no rows without the system, ○ loses something without it. Derived from the queries and their headers."
    needs = known.needs()
    for title, names in (("Marts and models", known.shown), ("KPIs", list(known.kpis.kpis))):
        used = [system for system in known.systems if any(system in needs[name] for name in names)]
        yield from ("", f"## {title}", "", f"| | {' | '.join(used)} |", f"|---|{':-:|' * len(used)}")
        for name in names:
            marks = (MARKS.get(needs[name].get(system, ""), "") for system in used)
            yield f"| {name} | {' | '.join(marks)} |"
    for name, system in known.systems.items():
        standings = known.without([name])
        found = {table: standings[table] for table in known.shown} | known.kpis_without(standings)
        lost = {one: standing for one, standing in found.items() if standing.state != "full"}
        yield from ("", f"## Without {name}{' (optional)' if system.optional else ''}", "")
        yield from (f"- {one}: {standing.loses() or 'no rows'}" for one, standing in lost.items())
        if not lost:
            yield "Nothing is lost: no mart and no KPI reads it yet."
