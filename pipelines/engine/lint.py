"""Reads a table's SQL for constructs that make its rows depend on chance (errors) or on DuckDB alone (warnings).

The rules are in `lint_determinism.py` and `lint_portability.py`. A header `portable: no - reason` silences the second
family. A clean file can still differ on another engine: the lint is the fast check, comparing rows on both engines is
the proof.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import sqlglot
from sqlglot import exp
from sqlglot.tokens import Token, TokenType

from pipelines.engine.lint_determinism import DETERMINISM, Rule
from pipelines.engine.lint_portability import PORTABILITY

Severity = Literal["error", "warning"]
NOT_PORTABLE = re.compile(r"\A\s*/\*(?:(?!\*/).)*^portable: *[\"']?no\b", re.DOTALL | re.MULTILINE)
SET_OPERATORS = {TokenType.UNION, TokenType.EXCEPT, TokenType.INTERSECT}


@dataclass(frozen=True, order=True)
class Finding:
    """One construct that breaks a rule, and the way out. `line` counts from the top of the text that was read."""

    line: int
    rule: str
    severity: Severity
    message: str
    path: Path

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.severity}: {self.rule}: {self.message}"


def lint(sql: str, *, path: Path, portable: bool = True) -> list[Finding]:
    """Findings in the order of the text. `portable=False`, or a header that says so, leaves the second family out."""
    families: list[tuple[Severity, dict[str, Rule]]] = [("error", DETERMINISM)]
    if portable and not NOT_PORTABLE.search(sql):
        families.append(("warning", PORTABILITY))
    findings = set()
    for statement in filter(None, sqlglot.parse(sql, dialect="duckdb")):
        for node in statement.walk():
            for severity, rules in families:
                for rule, judge in rules.items():
                    if message := judge(node):
                        findings.add(Finding(_line(node), rule, severity, message, path))
    if len(families) > 1:
        tokens = sqlglot.tokenize(sql, dialect="duckdb")
        message = "write select before from; no other engine reads it the other way round"
        findings |= {Finding(token.line, "from_first", "warning", message, path) for token in _from_first(tokens)}
    return sorted(findings)


def _line(node: exp.Expr) -> int:
    """The parser notes lines on names and functions only, so the nearest one within the node or around it counts."""
    around: exp.Expr | None = node
    while around is not None:
        lines = [part.meta["line"] for part in around.walk() if "line" in part.meta]
        if lines:
            return min(lines)
        around = around.parent
    return 1


def _from_first(tokens: list[Token]) -> Iterator[Token]:
    """FROM tokens that open a query, which the parser's tree no longer tells from the ordinary form."""
    depth, is_selected, before = 0, False, None
    for token in tokens:
        if token.token_type == TokenType.L_PAREN:
            depth += 1
        elif token.token_type == TokenType.R_PAREN:
            depth -= 1
        elif depth == 0 and token.token_type == TokenType.SELECT:
            is_selected = True
        elif depth == 0 and token.token_type in SET_OPERATORS:
            is_selected = False
        elif token.token_type == TokenType.FROM and (
            (depth == 0 and not is_selected)
            or (depth > 0 and before in {TokenType.L_PAREN, TokenType.ALL, *SET_OPERATORS})
        ):
            is_selected = is_selected or depth == 0
            yield token
        before = token.token_type
