"""Columns that a contract does not know: kept as JSON in the lake's `_extra` from the first day they are delivered.

What looks personal is kept out, because nothing undeclared goes to the vault: such a column is told about in the notes
of its delivery, and comes into the lake once the contract declares it with a `key`.
"""

import json
import re
from typing import TYPE_CHECKING

from pipelines.engine.contract import Table, sql_name, sql_text
from pipelines.engine.spelling import OTHER_LETTERS, json_keys

if TYPE_CHECKING:
    from pipelines.engine.load import TableLoad
    from pipelines.engine.reader import Group

EXTRA = "_extra"

# A doubt is enough to keep a column out; its values lie in the landed file until somebody decides.
NAMED = r"name|phone|mobile|msisdn|imsi|imei|iccid|mail|addr|birth|passport|document|identity|id_?(no|card|num)|contact"
NUMBERED = r"(^|[^0-9A-Za-z.])\+?([0-9]{9,19}|[0-9]{17}[Xx])([^0-9A-Za-z.]|$)"  # telephones, cards, devices, documents
DATED = r"(19|20)[0-9]{2}(0[1-9]|1[0-2])([0-2][0-9]|3[01])[0-9]{0,6}"
MAILED = r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+\.[A-Za-z]"
PLACES = "[路街道巷号室村镇區区縣县]"
HOUSED = rf"{PLACES}.*[0-9]|[0-9].*{PLACES}|(?i:\b(street|st|road|rd|avenue|lane|rue|calle)\b)"
SPOKEN = r"(\S+\s+){4}\S|[\x{4E00}-\x{9FFF}]{12}"  # what people write freely holds names sooner or later
FULL_NAME = r"[\x{4E00}-\x{9FFF}·]{2,4}|[\p{Lu}][\p{L}'’-]+(,? [\p{Lu}][\p{L}'’.-]*){1,3}"
NAMES_SHARE = 0.5  # of a column's values: many words have two to four characters, most words of such a column are names


def extra_sql(table: Table, group: "Group") -> str:
    """SQL for the undeclared values of a row as a JSON object; null where there is none."""
    if table.format in ("json", "jsonl"):
        known = list(json_keys(table).below)
        listed = ", ".join(map(sql_text, known))
        return f"""case when json_valid(_line) and json_type(_line) = 'OBJECT'
            and not list_has_all([{listed}], json_keys(_line))
            then {without("_line", known)} end"""
    surplus = surplus_names(group)
    if not surplus:
        return "null::varchar"
    pairs = ", ".join(f"{sql_name(name)} := {column}::varchar" for column, name in surplus.items())
    return f"nullif(json_merge_patch('{{}}', to_json(struct_pack({pairs})))::varchar, '{{}}')"


def surplus_names(group: "Group") -> dict[str, str]:
    """The reader's name of each undeclared column, and the file's; a header may leave one without a name."""
    first = group.files[0]
    names = first.names or ("",) * len(first.fields)
    return {
        f"_surplus_{n}": name.strip() or f"column {n + 1}"
        for n, (field, name) in enumerate(zip(first.fields, names, strict=True)) if not field
    }  # fmt: skip


def judge(load: "TableLoad") -> None:
    """Say in the notes of each delivery which undeclared columns it has, and withhold those that look personal."""
    found: dict[int, dict[str, tuple[int, bool]]] = {}
    for candidate in load.candidates:
        named = {
            name.strip(): (0, False)
            for file in candidate.files
            for field, name in zip(file.fields, file.names, strict=False)
            if not field and name.strip()
        }
        found[candidate.delivery_id] = named
    spelt = f"select _file, min(_other) from {load.typed} where _other is not null group by _file order by _file"
    for number, key in load.run(spelt) if load.has_rows else ():
        slot = load.slots[number]
        slot.candidate.notes.append(f"{slot.readable.name}: {OTHER_LETTERS.format(key)}")
    if load.has_rows and load.run(f"select 1 from {load.typed} where {EXTRA} is not null limit 1"):
        for number, key, values, is_personal in load.run(looks_personal(load.typed)):
            keys = found[load.slots[number].candidate.delivery_id]
            before = keys.get(key, (0, False))
            keys[key] = before[0] + values, before[1] or is_personal
    for candidate in load.candidates:
        keys = found[candidate.delivery_id]
        candidate.withheld = sorted(key for key, (_, is_personal) in keys.items() if is_personal)
        candidate.notes += [note(key, *keys[key]) for key in sorted(keys)]


def note(key: str, values: int, is_personal: bool) -> str:
    if not is_personal:
        return f"surplus column '{key}': {values} values kept in {EXTRA}; declare it in the contract to use it"
    shape = re.sub(r"[0-9]", "9", key)  # a number may be a key itself
    return (
        f"surplus column '{shape}': {values} values look personal and are kept out of the lake; "
        "declare it in the contract with a key"
    )


def looks_personal(typed: str) -> str:
    """SQL: file, undeclared column, number of its values, and whether its name or any of them makes one think so."""
    named = f"regexp_matches(lower(top), {sql_text(NAMED)}) or regexp_matches(top, '[0-9]{{7}}')"
    numbered = f"regexp_matches(text, {sql_text(NUMBERED)}) and not regexp_full_match(text, {sql_text(DATED)})"
    telling = " or ".join(
        [f"({numbered})", *(f"regexp_matches(text, {sql_text(pattern)})" for pattern in (MAILED, HOUSED, SPOKEN))]
    )
    return f"""
        select _file, top, count(*), bool_or({named} or {telling})
            or count(*) filter (regexp_full_match(text, {sql_text(FULL_NAME)})) >= {NAMES_SHARE} * count(*)
        from (
            select typed._file, each.key as top, json_extract_string(leaf.value, '$') as text
            from {typed} as typed, json_each(typed.{EXTRA}) as each, json_tree(each.value) as leaf
            where typed._fault = 0 and typed.{EXTRA} is not null and leaf.atom is not null
        )
        group by _file, top order by _file, top"""


def kept_sql(load: "TableLoad") -> str:
    """SQL for what the lake keeps of a row's undeclared values, with `typed` and `files` in scope."""
    extra = f"typed.{EXTRA}"
    cases = [
        f"when {candidate.delivery_id} then {without(extra, candidate.withheld)}"
        for candidate in load.candidates
        if candidate.withheld
    ]
    by_delivery = f"case files.delivery_id {' '.join(cases)} else {extra} end"
    return f"case when {extra} is not null then {by_delivery} end" if cases else extra


def without(document: str, keys: list[str]) -> str:
    """SQL for a JSON object without some of its keys; null when nothing is left. The object must not be null."""
    patch = sql_text(json.dumps(dict.fromkeys(keys), ensure_ascii=False))  # a null in a merge patch removes the key
    return f"nullif(json_merge_patch({document}, {patch})::varchar, '{{}}')"
