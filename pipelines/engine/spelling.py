"""Keys of JSON rows in other letters than the contract's, at every depth that it reads: understood like a header."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipelines.engine.contract import Column, Table, sql_text

STEP = re.compile(r"\.?(?:\"([^\"]+)\"|\['([^']+)'\]|([^.\[\]]+))")
OTHER_LETTERS = "columns in other letters than the contract's, such as '{}'"


@dataclass
class Keys:
    """The keys of an object that the contract reads and those below them; `is_list` where a list holds such objects."""

    below: dict[str, "Keys"] = field(default_factory=dict)
    is_list: bool = False

    @property
    def spelt(self) -> dict[str, str]:
        """Each key by what its spellings have in common, unless that is another one's too."""
        small = [_small(name) for name in self.below]
        return {_small(name): name for name in self.below if small.count(_small(name)) == 1}


def json_keys(table: Table) -> Keys:
    top = Keys()
    _add(top, table.columns)
    return top


def _add(parent: Keys, columns: dict[str, Column]) -> None:
    for name, column in columns.items():
        found = parent
        for step in _steps(column, name):
            found = found.below.setdefault(step, Keys())
        if column.items and not column.path:
            found.is_list = True
            _add(found, column.items)


def _steps(column: Column, name: str) -> Iterator[str]:
    """The keys of a column's path, up to where it goes into a list."""
    if not column.path:
        yield column.header or name
        return
    place = 1  # behind the $
    while step := STEP.match(column.path, place):
        yield next(filter(None, step.groups()))
        place = step.end()


def other_sql(table: Table, line: str) -> str:
    """SQL for a key of a valid JSON row that is the contract's but in other letters; null where there is none."""
    return f"nullif(list_concat({', '.join(_others(json_keys(table), line, '$'))}), [])[1]"


def _others(node: Keys, line: str, path: str) -> Iterator[str]:
    found = f"json_keys({line}, {sql_text(path)})"
    found = f"flatten({found})" if "*" in path else found
    plain, small = _listed(node.below), _listed(node.spelt)
    yield f"""list_filter({found}, lambda _key: not list_contains({plain}, _key)
        and list_contains({small}, lower(trim(_key))))"""
    for name, below in node.below.items():
        if below.below:
            yield from _others(below, line, f'{path}."{name}"{"[*]" if below.is_list else ""}')


def contracts_sql(table: Table, line: str) -> str:
    """SQL for a valid JSON row with its keys spelt as in the contract, as far as no key is there twice."""
    return f"coalesce(try({_spelt(json_keys(table), line, 0)}), {line})"


def _spelt(node: Keys, value: str, depth: int) -> str:
    if node.is_list:
        element = f"_element_{depth}"
        each = _spelt(Keys(node.below), f"{element}::varchar", depth + 1)
        listed = f"list_transform(from_json({value}, '[\"JSON\"]'), lambda {element}: {each})"
        written = f"'[' || array_to_string({listed}, ',') || ']'"
        return f"case when json_type({value}) = 'ARRAY' then {written} else {value} end"
    pair, below = f"_pair_{depth}", f"_pair_{depth}.below"
    names = " ".join(f"when {sql_text(small)} then {sql_text(name)}" for small, name in node.spelt.items())
    deeper = " ".join(
        f"when {sql_text(small)} then {_spelt(node.below[name], below, depth + 1)}"
        for small, name in node.spelt.items()
        if node.below[name].below
    )
    shown = f"case {pair}.small {deeper} else {below} end" if deeper else below
    pairs = f"""list_transform(map_entries(from_json({value}, '"MAP(VARCHAR, JSON)"')), lambda {pair}: struct_pack(
        key := {pair}.key, small := lower(trim({pair}.key)), below := coalesce({pair}.value::varchar, 'null')))"""
    named = f"to_json({f'case {pair}.small {names} else {pair}.key end' if names else f'{pair}.key'})::varchar"
    written = f"'{{' || array_to_string(list_transform({pairs}, lambda {pair}: {named} || ':' || {shown}), ',') || '}}'"
    return f"case when json_type({value}) = 'OBJECT' then {written} else {value} end"


def _small(name: str) -> str:
    return name.strip().lower()


def _listed(names: Iterable[str]) -> str:
    return f"[{', '.join(map(sql_text, names))}]"
