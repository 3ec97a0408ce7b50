"""What comes again of a person who was erased keeps the key it had, which stands for nobody any more, or gets none.

A delivery of a day up to the erasure means the erased key, so that a re-delivery has the rows it had. A relationship
(a customer record, a subscription, an account) is never issued again: its number means the erased key for ever, and
what else its rows say of the person is not taken into the vault. Later, any other value is somebody's anew.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence

from pipelines.engine.contract import sql_name, sql_text
from pipelines.engine.load import Candidate, TableLoad
from pipelines.engine.vault import Vault


class Burial:
    """The erased values among tonight's, replaced in the typed rows by marks of their keys before keys are given.

    `past` are the domains for which the vault made tables `past_<domain>`.
    """

    def __init__(self, vault: Vault, past: Collection[str], relationships: Collection[str]) -> None:
        self.vault, self.past, self.relationships = vault, past, relationships
        self.mark = f"{secrets.token_hex(8)}:"  # no delivered value begins with it
        self.keys = {domain: vault.bench.run(f"select distinct key from past_{domain}") for domain in past}

    def bury(self, loads: Iterable[TableLoad]) -> list[Candidate]:
        """Replace the values; returns the deliveries in which there were any."""
        return [candidate for load in loads if load.has_rows for candidate in self._bury_in(load)]

    def without(self, queries: Sequence[str]) -> list[str]:
        """Queries of (value, turn) that ask for no mark."""
        return [f"select * from ({query}) where not starts_with(value, '{self.mark}')" for query in queries]

    def tell_keys(self) -> None:
        """The marks' keys, beside those of the values in `key_<domain>`."""
        for domain, keys in self.keys.items():
            rows = ", ".join(f"('{self.mark}{key}', {key}, null)" for (key,) in keys)
            self.vault.bench.run(f"insert into key_{domain} values {rows}")

    def _bury_in(self, load: TableLoad) -> list[Candidate]:
        days = ", ".join(f"({n}, date '{slot.candidate.pending.data_date}')" for n, slot in enumerate(load.slots))
        marks = []
        for name, domain in load.table.domains.items():
            if domain in self.past:
                marks.append(f"starts_with({sql_name(name)}::varchar, '{self.mark}')")
                load.run(
                    f"""update {load.typed} set {sql_name(name)} = {self._kept(load, name)}
                    from (
                        select days._file, past.value, arg_min(past.key, past.until) as key
                        from past_{domain} as past
                        inner join (values {days}) as days(_file, data_date) on days.data_date <= past.until
                        group by all
                    ) as past
                    where {load.typed}._file = past._file and {load.typed}.{sql_name(name)}::varchar = past.value"""
                )
        if not marks:
            return []
        self._forget_rest(load)
        touched = load.run(f"select distinct _file from {load.typed} where {' or '.join(marks)} order by _file")
        return [load.slots[number].candidate for (number,) in touched]

    def _kept(self, load: TableLoad, name: str) -> str:
        own = {**load.table.columns, **load.table.derive}
        return f"{sql_text(self.mark)} || past.key" if own[name].type == "varchar" else "null"

    def _forget_rest(self, load: TableLoad) -> None:
        """In rows of an erased relationship, values that the vault does not know yet."""
        domains = load.table.domains
        erased = [
            f"starts_with({sql_name(name)}::varchar, '{self.mark}')"
            for name, domain in domains.items()
            if domain in self.relationships
        ]
        for name, domain in domains.items():
            if erased and domain not in self.relationships:
                value = f"{sql_name(name)}::varchar"
                load.run(
                    f"""update {load.typed} set {sql_name(name)} = null
                    where ({" or ".join(erased)}) and not starts_with({value}, '{self.mark}')
                        and {value} not in (select value from found_{domain} where key is not null)"""
                )
