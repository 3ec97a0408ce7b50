"""What writes the vault's file anew, because none of its bytes may remain: erasure, another key, first sealing."""

import json
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from datetime import date
from os import fsync

from pipelines.engine.contract import sql_name, sql_text
from pipelines.engine.ledger import sync_folder
from pipelines.engine.seal import Seal, hash_settings, hash_sql
from pipelines.engine.vault import Vault, box_row, tokens


def erase(vault: Vault, keys: Mapping[str, Collection[int]], until: Mapping[str, date]) -> int:
    """Forget values and leave tombstones; the file is written anew, so that none of its bytes remains.

    `until` says by domain up to which day of delivery the value still means the erased key. Returns the number of
    values forgotten.
    """
    buried = 0
    with _replaced(vault) as fresh:
        vault.create(fresh, vault.seal.number, vault.tombstone_key())
        vault.run(f"insert into {fresh}.domain from vault.domain")
        vault.run(f"insert into {fresh}.tombstone from vault.tombstone")
        for domain in vault.domains():
            gone = set(keys.get(domain, ()))
            for first, box in vault.boxes(domain):
                values = json.loads(vault.seal.open(box, f"values {domain}"))
                hit = {key: values[key - first] for key in gone if first <= key < first + len(values)}
                told = {key: value for key, value in hit.items() if value is not None}
                buried += len(told)
                _bury(vault, fresh, domain, told, until)
                kept = [None if first + place in hit else value for place, value in enumerate(values)]
                vault.store(fresh, domain, [(first, json.dumps(kept))] if hit else [], vault.seal)
                if not hit:
                    vault.run(f"insert into {fresh}.sealed values {box_row(domain, first, box)}")
            vault.create_tokens(fresh, domain)
            listed = ", ".join(map(str, sorted(gone))) or "null"
            vault.run(
                f"""insert into {tokens(domain, fresh)}
                select * from {tokens(domain)} where (key in ({listed})) is not true order by key"""
            )
    return buried


def rotate(vault: Vault) -> int:
    """Seal everything anew under the next master key, in force once the file is replaced; returns its number."""
    after = Seal.of(vault.home, vault.seal.number + 1)
    with _replaced(vault) as fresh:
        vault.create(fresh, after.number, vault.tombstone_key())
        vault.run(f"insert into {fresh}.domain from vault.domain")
        vault.run(f"insert into {fresh}.tombstone from vault.tombstone")
        for domain in vault.domains():
            vault.run(hash_settings(domain, after.derived(f"token {domain}")))
            vault.run("create or replace temp table plain (key bigint, value varchar)")
            for first, box in vault.boxes(domain):
                values = vault.seal.open(box, f"values {domain}").decode()
                vault.store(fresh, domain, [(first, values)], after)
                vault.run(
                    f"""insert into plain select {first} + generate_subscripts(found, 1) - 1, unnest(found)
                    from (select from_json({sql_text(values)}, '["VARCHAR"]') as found)"""
                )
            _fill_tokens(vault, fresh, domain, "plain")
            vault.run("drop table plain")
    return after.number


def seal_plain(vault: Vault) -> None:
    """A vault of the time before values were sealed: everything into a new file, once."""
    domains = vault.run("select name, last_key from vault.domain order by name")
    with _replaced(vault) as fresh:
        vault.seal = vault.create(fresh, 1)
        for domain, last in domains:
            vault.run(hash_settings(domain, vault.seal.derived(f"token {domain}")))
            vault.run(f"insert into {fresh}.domain values ('{domain}', {last})")
            vault.create_tokens(fresh, domain)
            token = hash_sql(domain, "value")
            vault.run(
                f"""insert into {tokens(domain, fresh)}
                select key, {token}, false from vault.{sql_name(domain)} order by key"""
            )
            dense = f"""(select key, value from range(1, {last} + 1) as all_keys(key)
                left join vault.{sql_name(domain)} using (key)) as plain"""
            vault.store(fresh, domain, vault.blocks(dense, 0), vault.seal)


def _fill_tokens(vault: Vault, name: str, domain: str, plain: str) -> None:
    vault.create_tokens(name, domain)
    vault.run(
        f"""insert into {tokens(domain, name)}
        select plain.key, {hash_sql(domain, "plain.value")}, coalesce(known.is_again, false)
        from {plain} as plain left join {tokens(domain)} as known on plain.key = known.key
        where plain.value is not null order by plain.key"""
    )


def _bury(vault: Vault, name: str, domain: str, values: Mapping[int, str], until: Mapping[str, date]) -> None:
    for key, value in values.items():
        token = hash_sql("tombstone", sql_text(f"{domain} {value}"))
        vault.run(f"insert into {name}.tombstone values ('{domain}', {key}, {token}, date '{until[domain]}')")


@contextmanager
def _replaced(vault: Vault) -> Generator[str]:
    """A new vault file, attached under the name given, that takes the place of this one when all went well."""
    vault.unfinished.unlink(missing_ok=True)
    vault.run(f"attach {sql_text(str(vault.unfinished))} as fresh")
    vault.unfinished.chmod(0o600)
    try:
        yield "fresh"
    finally:
        vault.run("detach fresh")
    vault.run("detach vault")
    with vault.unfinished.open("rb") as file:
        fsync(file.fileno())
    vault.unfinished.replace(vault.path)
    sync_folder(vault.path.parent)
    vault.attach()
    vault.unlock()
