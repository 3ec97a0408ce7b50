"""Lines and groups that mart_enterprise.hidden_group_member_month finds, held against who really works together.

Measured is the newest month. True are the lines of hidden groups that were in the network in it; a group is right when
at least half of its lines work at one company.
"""

from pathlib import Path

from benchmarks.detectors.score import Score, beside_truth, scored

NEWEST = "(select max(month_start) from mart_enterprise.hidden_group_member_month)"
FOUND = f"""
    select member.group_key, vault.value as user_id
    from mart_enterprise.hidden_group_member_month as member
    inner join vault.subscription as vault on member.subscription_key = vault.key
    where member.month_start = {NEWEST}"""
TRUE = f"""
    select "group" as true_group, user_id
    from truth.hidden_group
    where activated_at <= last_day({NEWEST}) and (terminated_at is null or terminated_at >= {NEWEST})"""
# A found group stands for the true one that most of its lines belong to, the lowest of several.
MATCHED = f"""
    select found.group_key, true_lines.true_group, count(*) as lines,
        row_number() over (
            partition by found.group_key order by count(true_lines.user_id) desc, true_lines.true_group nulls last
        ) as place,
        sum(count(*)) over (partition by found.group_key) as all_lines
    from ({FOUND}) as found
    left join ({TRUE}) as true_lines on found.user_id = true_lines.user_id
    group by found.group_key, true_lines.true_group"""


def scores(home: Path) -> list[Score]:
    """Of lines and of groups; a true group that was found in two parts is hit once."""
    with beside_truth(home, "subscription") as db:
        lines = scored(db, "hidden group: lines", f"select user_id from ({FOUND})", f"select user_id from ({TRUE})")
        groups = db.execute(
            f"""select
                (select count(distinct group_key) from ({FOUND})),
                (select count(distinct true_group) from ({TRUE})),
                (select count(distinct true_group) from ({MATCHED}) where place = 1 and 2 * lines >= all_lines)"""
        ).fetchall()[0]
    return [lines, Score("hidden group: groups", *groups)]
