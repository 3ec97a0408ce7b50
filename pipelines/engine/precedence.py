"""What several systems state of one thing: `pipelines/core/precedence.yaml` as two tables of the schema `core`.

`core.attribute_value` holds the value that counts: of the first source in the declared order that states one.
`core.attribute_conflict` counts, for every two sources, how often both state a value and how often another one.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from pipelines.engine.contract import Identifier, sql_text
from pipelines.engine.declaration import Declaration, read_declaration

EXAMPLES = 3
VALUE_HEADER: dict[str, Any] = {
    "description": "The value that counts of each attribute that several systems state, as known now.",
    "grain": ["attribute", "subject_key"],
    "refresh": "view",
    "columns": {
        "attribute": "varchar - What is stated.",
        "subject_key": "bigint - Of whom: the key that the attribute's declaration names.",
        "value": "varchar - Value of the first source in the declared order that states one.",
        "source": "varchar - That source.",
    },
}
CONFLICT_HEADER: dict[str, Any] = {
    "description": "How often two systems that state the same attribute state different values, as known now.",
    "grain": ["attribute", "kept_source", "other_source"],
    "public": True,
    "columns": {
        "attribute": "varchar - What is stated.",
        "kept_source": "varchar - Source that comes first in the declared order.",
        "other_source": "varchar - Source that comes later.",
        "compared": "bigint - Subjects of which both state a value.",
        "conflicts": "bigint - Subjects of which they state different ones.",
        "examples": "varchar - Up to three of these: key, value of the first and of the other; null without any.",
    },
    "checks": ["conflicts between 0 and compared"],
}


class Source(Declaration):
    """Where a source states the attribute; of several statements about one subject, the newest counts.

    `from` is a FROM clause; `newest` orders the statements of a subject and must leave none equal.
    """

    name: str
    from_: str = Field(alias="from")
    subject: str | None = None
    value: str
    where: str = "true"
    newest: str


class Attribute(Declaration):
    """Something that several systems state of one subject: the sources in order of precedence, the first counts."""

    description: str
    subject: Identifier
    sources: list[Source] = Field(min_length=2)


class Precedence(Declaration):
    """The file as a whole."""

    attributes: dict[Identifier, Attribute]


def precedence_tables(root: Path) -> Iterator[tuple[str, dict[str, Any], str, Path]]:
    """Name, header, query and file of the tables of a project that declares precedence. Raises DeclarationError."""
    path = root / "pipelines" / "core" / "precedence.yaml"
    if not path.exists():
        return
    stated = stated_sql(read_declaration(path, Precedence).attributes)
    yield "core.attribute_value", VALUE_HEADER, value_sql(stated), path
    yield "core.attribute_conflict", CONFLICT_HEADER, conflict_sql(stated), path


def stated_sql(attributes: dict[str, Attribute]) -> str:
    """A CTE with one row per attribute, source and subject."""
    branches = [
        f"""select
            {sql_text(name)} as attribute, {sql_text(source.name)} as source, {place} as place,
            {source.subject or attribute.subject} as subject_key, cast({source.value} as varchar) as value,
            row_number() over (
                partition by {source.subject or attribute.subject} order by {source.newest}
            ) as statement_no
        from {source.from_}
        where ({source.where}) and ({source.value}) is not null"""
        for name, attribute in attributes.items()
        for place, source in enumerate(attribute.sources, start=1)
    ]
    union = "\n        union all\n        ".join(branches)
    return f"""stated as (
    select attribute, source, place, subject_key, value
    from (
        {union}
    ) as statement
    where statement_no = 1 and subject_key is not null
)"""


def value_sql(stated: str) -> str:
    return f"""with

{stated},

ranked as (
    select *, row_number() over (partition by attribute, subject_key order by place) as rank_no
    from stated
)

select attribute, subject_key, value, source
from ranked
where rank_no = 1"""


def conflict_sql(stated: str) -> str:
    return f"""with

{stated},

compared as (
    select
        kept.attribute, kept.source as kept_source, other.source as other_source, kept.subject_key,
        kept.value as kept_value, other.value as other_value, kept.value <> other.value as is_conflict
    from stated as kept
    inner join stated as other
        on kept.attribute = other.attribute and kept.subject_key = other.subject_key and kept.place < other.place
),

counted as (
    select
        attribute, kept_source, other_source, count(*) as compared, count(*) filter (where is_conflict) as conflicts
    from compared
    group by attribute, kept_source, other_source
),

listed as (
    select
        *,
        row_number() over (partition by attribute, kept_source, other_source order by subject_key) as example_no
    from compared
    where is_conflict
),

shown as (
    select
        attribute, kept_source, other_source,
        string_agg(
            cast(subject_key as varchar) || ': ' || kept_value || ' / ' || other_value, '; ' order by subject_key
        ) as examples
    from listed
    where example_no <= {EXAMPLES}
    group by attribute, kept_source, other_source
)

select
    counted.attribute,
    counted.kept_source,
    counted.other_source,
    counted.compared,
    counted.conflicts,
    shown.examples
from counted
left join shown
    on counted.attribute = shown.attribute and counted.kept_source = shown.kept_source
    and counted.other_source = shown.other_source"""
