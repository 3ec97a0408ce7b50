"""What the codes of source systems mean in the project's own: `pipelines/core/codes.yaml` as the view `core.map_code`.

A core query joins it by domain, source, code and day, and takes 'UNK' where a code is missing; the rule
`every_source_code_is_mapped` then says which, how often and where.
"""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from pipelines.engine.contract import Identifier, sql_text
from pipelines.engine.declaration import Declaration, read_declaration

UNKNOWN = "UNK"
BEGINNING, OPEN = date(1900, 1, 1), date(9999, 12, 31)
HEADER: dict[str, Any] = {
    "description": "Codes of the source systems and what they mean, each for the days on which it does.",
    "grain": ["domain", "source", "source_code", "valid_from"],
    "refresh": "view",
    "columns": {
        "domain": "varchar - What the code says something about, such as status_type.",
        "source": "varchar - System that uses the code.",
        "source_code": "varchar - Code as delivered; empty for a row without one.",
        "valid_from": "date - First day on which it has this meaning.",
        "valid_to": "date - First day on which it has not; 9999-12-31 while it lasts.",
        "std_code": "varchar - The project's own code.",
    },
}


class Meaning(Declaration):
    """A code whose meaning changed: from a day on, up to the day before another."""

    code: str
    valid_from: date = BEGINNING
    valid_to: date = OPEN


class Domain(Declaration):
    """The standard codes of one domain with their meaning, and for each source the standard code of each of its own."""

    description: str
    standard: dict[str, str] = Field(min_length=1)
    sources: dict[Identifier, dict[str, str | list[Meaning]]]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if UNKNOWN in self.standard:
            raise ValueError(f"'{UNKNOWN}' stands for codes without a meaning; leave such a code out")
        for source, codes in self.sources.items():
            for code, meanings in codes.items():
                spans = sorted((one.valid_from, one.valid_to, one.code) for one in as_meanings(meanings))
                if unknown := [std for _, _, std in spans if std not in self.standard]:
                    known = ", ".join(self.standard)
                    raise ValueError(
                        f"{source}: '{code}' means '{unknown[0]}', which is no standard code; there are {known}"
                    )
                if any(one[1] > later[0] for one, later in pairwise(spans)):
                    raise ValueError(
                        f"{source}: '{code}' has two meanings on one day; end the one before the other begins"
                    )
        return self


class Codes(Declaration):
    """The file as a whole."""

    domains: dict[Identifier, Domain]


def as_meanings(meanings: str | list[Meaning]) -> list[Meaning]:
    return [Meaning(code=meanings)] if isinstance(meanings, str) else meanings


def code_tables(root: Path) -> Iterator[tuple[str, dict[str, Any], str, Path]]:
    """Name, header, query and file of the view of a project that declares codes. Raises DeclarationError."""
    path = root / "pipelines" / "core" / "codes.yaml"
    if not path.exists():
        return
    rows = [
        f"({sql_text(name)}, {sql_text(source)}, {sql_text(code)}, date '{one.valid_from}', date '{one.valid_to}', "
        f"{sql_text(one.code)})"
        for name, domain in read_declaration(path, Codes).domains.items()
        for source, codes in domain.sources.items()
        for code, meanings in codes.items()
        for one in as_meanings(meanings)
    ]
    columns = ", ".join(HEADER["columns"])
    listed = ",\n    ".join(rows)
    yield "core.map_code", HEADER, f"select {columns}\nfrom (values\n    {listed}\n) as codes ({columns})", path
