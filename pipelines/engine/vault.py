"""The vault: the only place that knows which person an integer key stands for.

Per domain, `token.<domain>` finds the key of a value by the value's keyed hash, and `sealed` holds the values
themselves, encrypted in blocks of neighbouring keys. What was erased leaves a tombstone: a keyed hash, the key it had,
and the day up to which deliveries still mean that key.
"""

import base64
import json
from collections.abc import Collection, Iterable, Mapping
from os import urandom
from pathlib import Path

from pipelines.engine.contract import sql_name, sql_text
from pipelines.engine.home import Home
from pipelines.engine.seal import Seal, SealError, hash_settings, hash_sql
from pipelines.engine.workbench import Workbench

BLOCK = 4096
INSERTED = 32  # blocks per statement
TABLES = """
create schema {0}.token;
create table {0}.sealing (key_number integer, proof varchar, tombstone_box blob);
create table {0}.domain (name varchar, last_key bigint);
create table {0}.sealed (domain varchar, first_key bigint, box blob);
create table {0}.tombstone (domain varchar, key bigint, token uuid, until date);
"""


class Vault:
    """The vault file attached to a workbench as `vault`. Mode 0600; the caller's umask keeps its WAL closed too.

    Raises SealError when the key of the secrets file is not the one that the vault was sealed with.
    """

    def __init__(self, bench: Workbench, home: Home) -> None:
        self.bench, self.home, self.path = bench, home, home.vault
        self.unfinished.unlink(missing_ok=True)
        self.attach()
        if not self.run("select 1 from duckdb_tables() where database_name = 'vault' and table_name = 'sealing'"):
            if self.run("select 1 from duckdb_tables() where database_name = 'vault' and table_name = 'domain'"):
                from pipelines.engine.renewal import seal_plain

                seal_plain(self)
            else:
                self.seal = self.create("vault", 1)
        self.unlock()

    def assign(self, wanted: Mapping[str, Iterable[str]]) -> None:
        """Give every value a key; `wanted` maps a domain to queries of (value, turn).

        Afterwards the table `key_<domain>` has (value, key) for the values asked for. New keys follow the
        last one ever given, by turn and value, so that they do not depend on how deliveries are grouped into runs.
        """
        self.find(wanted)
        self.keep(wanted)

    def find(self, wanted: Mapping[str, Iterable[str]]) -> None:
        """The temporary tables `found_<domain>` (value, token, key, turn), key null where the vault knows none."""
        for domain, queries in sorted(wanted.items()):
            self._ensure(domain)
            self.run(f"drop table if exists past_{domain}")
            self.run(
                f"""create or replace temp table found_{domain} as
                select asked.value, asked.token, known.key, asked.turn, coalesce(known.is_again, true) as may_be_past
                from (
                    select *, {hash_sql(domain, "value")} as token
                    from (select value, min(turn) as turn from ({" union all ".join(queries)})
                        where value is not null group by value)
                ) as asked
                left join {tokens(domain)} as known on asked.token = known.token"""
            )

    def past(self, domains: Iterable[str]) -> set[str]:
        """The domains of which erased values were asked for, each in a temporary table `past_<domain>`.

        Its rows (value, key, until): a delivery of a day up to `until` that holds the value means the erased key.
        """
        found = set()
        buried = {row[0] for row in self.run("select distinct domain from vault.tombstone")}
        for domain in sorted(buried & set(domains)):
            self.run(
                f"""create or replace temp table past_{domain} as
                select asked.value, tombstone.key, tombstone.until
                from (select value, {hash_sql("tombstone", sql_text(f"{domain} ") + " || value")} as token
                    from found_{domain} where may_be_past) as asked
                inner join vault.tombstone as tombstone
                    on tombstone.domain = '{domain}' and asked.token = tombstone.token"""
            )
            if self.run(f"select 1 from past_{domain} limit 1"):
                found.add(domain)
        return found

    def keep(self, domains: Iterable[str]) -> None:
        """Give keys to what was found and has none; the tables `key_<domain>` tell the keys of all."""
        last = {domain: self._number(domain) for domain in sorted(domains)}
        self.run("begin")
        try:
            for domain, number in last.items():
                self._keep(domain, number)
            self.run("commit")
        except BaseException:
            self.run("rollback")
            raise

    def reveal(self, domain: str, keys: Collection[int] | None = None) -> dict[int, str]:
        """Key to value, of some keys or of the whole domain; without those that were erased."""
        found = {}
        for first, box in self.boxes(domain, keys):
            values: list[str | None] = json.loads(self.seal.open(box, f"values {domain}"))
            found |= {first + place: value for place, value in enumerate(values) if value is not None}
        return found if keys is None else {key: found[key] for key in keys if key in found}

    def keys_of(self, value: str) -> dict[str, int]:
        """The domains that know a value, with its key in each."""
        found = {}
        for domain in self.domains():
            self.run(hash_settings(domain, self.seal.derived(f"token {domain}")))
            told = self.run(f"select key from {tokens(domain)} where token = {hash_sql(domain, sql_text(value))}")
            if told:
                found[domain] = told[0][0]
        return found

    def buried(self, domain: str) -> set[int]:
        """The keys of a domain that were erased."""
        return {row[0] for row in self.run(f"select key from vault.tombstone where domain = '{domain}'")}

    def erased(self, value: str) -> list[tuple[str, int]]:
        """Domain and key of the tombstones of a value."""
        wanted = hash_sql("tombstone", f"domain || ' ' || {sql_text(value)}")
        return self.run(f"select domain, key from vault.tombstone where token = {wanted} order by all")

    def tombstone_hash(self, domain: str, value: str) -> str:
        """The keyed hash by which an erased value is known, whatever key is in force."""
        return str(self.run(f"select {hash_sql('tombstone', sql_text(f'{domain} {value}'))}")[0][0])

    def close(self) -> None:
        self.run("detach vault")

    def run(self, sql: str) -> list[tuple]:
        return self.bench.run(sql)

    def attach(self) -> None:
        self.run(f"attach {sql_text(str(self.path))} as vault")
        self.path.chmod(0o600)

    def unlock(self) -> None:
        number, proof, box = self.run("select key_number, proof, tombstone_box from vault.sealing")[0]
        self.seal = Seal.of(self.home, number)
        if proof != _proof(self.seal):
            raise SealError(
                f"{self.path}: was sealed with another key 'vault-{number}' than the one that is there now; "
                "put the key back, from the copy that was kept of it"
            )
        self.run(hash_settings("tombstone", self.seal.open(box, "tombstone")))

    def tombstone_key(self) -> bytes:
        """Tombstones outlive a rotation: their values are gone and cannot be hashed anew."""
        return self.seal.open(self.run("select tombstone_box from vault.sealing")[0][0], "tombstone")

    def create(self, name: str, number: int, tombstone_key: bytes | None = None) -> Seal:
        seal = Seal.of(self.home, number)
        self.run("begin")
        self.run(TABLES.format(name))
        box = _blob(seal.seal(tombstone_key or urandom(32), "tombstone"))
        self.run(f"insert into {name}.sealing values ({number}, '{_proof(seal)}', {box})")
        self.run("commit")
        return seal

    def _ensure(self, domain: str) -> None:
        if not self.run(f"select 1 from vault.domain where name = '{domain}'"):
            self.run("begin")
            self.create_tokens("vault", domain)
            self.run(f"insert into vault.domain values ('{domain}', 0)")
            self.run("commit")
        self.run(hash_settings(domain, self.seal.derived(f"token {domain}")))

    def create_tokens(self, name: str, domain: str) -> None:
        self.run(f"create table {tokens(domain, name)} (key bigint, token uuid, is_again boolean)")

    def domains(self) -> list[str]:
        return [row[0] for row in self.run("select name from vault.domain order by name")]

    def _number(self, domain: str) -> int:
        """Keys of all that was found, in a table outside the vault's transaction; returns the last one given before."""
        last = self.run(f"select last_key from vault.domain where name = '{domain}'")[0][0]
        self.run(
            f"""create or replace table key_{domain} as
            select value, key, null::uuid as token from found_{domain} where key is not null
            union all
            select value, {last} + row_number() over (order by turn, value), token
            from found_{domain} where key is null"""
        )
        self.run(f"drop table found_{domain}")
        return last

    def _keep(self, domain: str, last: int) -> None:
        is_again = "false"
        if self.run(f"select 1 from duckdb_tables() where temporary and table_name = 'past_{domain}'"):
            is_again = f"value in (select value from past_{domain})"
        new = f"key_{domain} where token is not null"
        self.run(f"insert into {tokens(domain)} select key, token, {is_again} from {new} order by key")
        self.store("vault", domain, self.blocks(new, last), self.seal)
        self.run(
            f"""update vault.domain set last_key = {last} + (select count(*) from {new}) where name = '{domain}'"""
        )

    def blocks(self, source: str, last: int) -> list[tuple[int, str]]:
        """First key and JSON list of the values of each run of new keys; `source` has consecutive keys after `last`."""
        return self.run(
            f"""select min(key), to_json(list(value order by key))::varchar from {source}
            group by (key - {last} - 1) // {BLOCK} order by 1"""
        )

    def store(self, name: str, domain: str, blocks: Iterable[tuple[int, str]], seal: Seal) -> None:
        rows = [box_row(domain, first, seal.seal(values.encode(), f"values {domain}")) for first, values in blocks]
        for start in range(0, len(rows), INSERTED):
            self.run(f"insert into {name}.sealed values {', '.join(rows[start : start + INSERTED])}")

    def boxes(self, domain: str, keys: Collection[int] | None = None) -> list[tuple[int, bytes]]:
        """First key and box of the domain's blocks, of those that hold some keys or of all."""
        found = self.run(f"select first_key, box from vault.sealed where domain = '{domain}' order by first_key")
        if keys is None:
            return found
        ends = [first for first, _ in found[1:]] + [float("inf")]
        wanted = sorted(keys)
        return [block for block, end in zip(found, ends, strict=False) if any(block[0] <= key < end for key in wanted)]

    @property
    def unfinished(self) -> Path:
        return self.path.with_name(f".{self.path.name}.unfinished")


def _proof(seal: Seal) -> str:
    """Tells a wrong key before anything is looked up with it: every lookup would miss and give new keys."""
    return seal.derived("proof").hex()


def tokens(domain: str, name: str = "vault") -> str:
    return f"{name}.token.{sql_name(domain)}"


def _blob(content: bytes) -> str:
    return f"from_base64('{base64.b64encode(content).decode()}')"


def box_row(domain: str, first: int, box: bytes) -> str:
    return f"('{domain}', {first}, {_blob(box)})"
