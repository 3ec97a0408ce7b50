"""YAML files checked against a pydantic model; a mistake is told by file, line, word found and word expected."""

import difflib
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, ten times faster where libyaml is there
Location = tuple[int | str, ...]


class DeclarationError(ValueError):
    """A declaration that cannot be accepted; the message names the file, the line and the way out."""


class Declaration(BaseModel):
    """Base of everything that is declared in YAML: immutable, and a word that is not known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _span(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d* (days|months)", text):
        raise ValueError(f"'{text}' is no span; write it as '90 days' or '6 months'")
    return text


Span = Annotated[str, AfterValidator(_span)]
"""How long something is kept, such as '90 days' or '6 months'."""

Model = TypeVar("Model", bound=BaseModel)


def read_declaration(path: Path, model: type[Model]) -> Model:
    """The file as an instance of the model.

    Raises:
        DeclarationError: one line per mistake, each with file, line number and, for a typo, the closest known word.
    """
    text = path.read_text(encoding="utf-8")
    try:
        root = yaml.compose(text, Loader=LOADER)
        _refuse_repeated_keys(root, path)
        content = yaml.load(text, Loader=LOADER)
    except RecursionError:
        raise DeclarationError(
            f"{path}:1: an anchor holds itself, or lists lie too deep in lists; write it out"
        ) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DeclarationError(f"{path}:{line}: not valid YAML: {error.problem}") from error
    try:
        return model.model_validate(content)
    except ValidationError as error:
        found = [f"{path}:{_line(root, item['loc'])}: {_explained(item, model)}" for item in error.errors()]
        raise DeclarationError("\n".join(found)) from None


def _refuse_repeated_keys(node: yaml.Node | None, path: Path) -> None:
    """YAML silently keeps the last of two equal keys; a contract with a column declared twice must not."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise DeclarationError(f"{path}:{key.start_mark.line + 1}: '{key.value}' is declared twice; keep one")
            seen.add(key.value)
            _refuse_repeated_keys(value, path)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_repeated_keys(value, path)


def _line(node: yaml.Node | None, location: Location) -> int:
    """The line of the deepest node of the location that is written in the file."""
    line = node.start_mark.line + 1 if node else 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _explained(item: ErrorDetails, model: type[BaseModel]) -> str:
    where = ".".join(str(part) for part in item["loc"])
    if item["loc"] and item["loc"][-1] == "[key]" and not isinstance(item["input"], str):
        parent = ".".join(str(part) for part in item["loc"][:-2])
        return (
            f"{parent}: YAML reads a name here as {item['input']!r}, as it does with no, yes, on, off; put it in quotes"
        )
    word = str(item["loc"][-1]) if item["loc"] else ""
    match item["type"]:
        case "extra_forbidden":
            return f"unknown word '{word}' (in {where}); {_expected(word, _words(model, item['loc'][:-1]))}"
        case "missing":
            return f"'{word}' is missing (in {where}); it has no default, declare it"
        case "literal_error":
            choices = [choice.strip("' ") for choice in item["ctx"]["expected"].replace(" or ", ", ").split(",")]
            return f"{where} is '{item['input']}'; {_expected(str(item['input']), choices)}"
        case "value_error":
            return f"{where}: {item['ctx']['error']}"
        case _:
            return f"{where} is {item['input']!r}: {item['msg']}"


def _expected(word: str, choices: list[str]) -> str:
    closest = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    return f"expected '{closest[0]}'" if closest else f"expected one of: {', '.join(choices)}"


def _words(model: Any, location: Location) -> list[str]:
    """The words known at a location of the model, following fields and the values of mappings."""
    for part in location:
        if isinstance(model, type) and issubclass(model, BaseModel):
            model = _plain(model.model_fields[str(part)].annotation) if str(part) in model.model_fields else None
        elif get_origin(model) in (dict, list, tuple):
            model = _plain(get_args(model)[1 if get_origin(model) is dict else 0])
    return sorted(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _plain(annotation: Any) -> Any:
    """The annotation without its `| None`."""
    if type(None) in get_args(annotation):
        return next(argument for argument in get_args(annotation) if argument is not type(None))
    return annotation


def first_kept(as_of: date, keep: str) -> date:
    """The first day that is kept when a business day closes: '90 days', or '6 months' back to the first of one."""
    number, unit = int(keep.split()[0]), keep.split()[1]
    if unit == "days":
        return as_of - timedelta(days=number)
    months = as_of.year * 12 + as_of.month - 1 - number
    return date(months // 12, months % 12 + 1, 1)
