"""The contact policy: reasons not to contact a line, each a condition like those of audiences."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from models.targeting.audience import AudienceError, Declared, Name
from models.targeting.column import Catalogue
from models.targeting.condition import Members, Parser, Some
from models.targeting.evaluate import Rule

FILE = Path(__file__).with_name("policy.yaml")


class Reason(Declared):
    """One reason; `is_in_other_campaign` adds those on lists that are frozen and not loaded yet."""

    title: str
    where: Any
    purposes: list[str] = Field(default_factory=list)
    is_in_other_campaign: bool = False


class Policy(Declared):
    """The file as a whole, in the order in which reasons are told."""

    rules: dict[Name, Reason]


def read_policy(path: Path = FILE) -> Policy:
    """Raises AudienceError naming file, key and rule."""
    try:
        return Policy.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        told = [f"{path}: {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise AudienceError("\n".join(told)) from None


def pending(audience: str) -> str:
    """The name under which a source knows the lines on pending lists of other audiences."""
    return f"pending lists of other audiences than {audience}"


def rules(policy: Policy, catalogue: Catalogue, purpose: str, audience: str, file: str = FILE.name) -> list[Rule]:
    """The reasons that count for a purpose. Raises AudienceError when a rule names what is not there."""
    parser, found = Parser(catalogue), []
    for name, one in policy.rules.items():
        if one.purposes and purpose not in one.purposes:
            continue
        node = parser.node(one.where, f"rules.{name}.where")
        if node is not None:
            found.append(
                Rule(name, one.title, Some((node, Members(pending(audience)))) if one.is_in_other_campaign else node)
            )
    if parser.mistakes:
        raise AudienceError("\n".join(f"{file}: {told}" for told in parser.mistakes))
    return found
