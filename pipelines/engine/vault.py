"""The vault: the only place that knows which person an integer key stands for. One table (key, value) per domain."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from pipelines.engine.contract import sql_text
from pipelines.engine.workbench import Workbench


class Vault:
    """The vault file attached to a workbench as `vault`. Mode 0600; the caller's umask keeps its WAL closed too."""

    def __init__(self, bench: Workbench, path: Path) -> None:
        self.bench = bench
        bench.run("vault", f"attach {sql_text(str(path))} as vault")
        path.chmod(0o600)
        bench.run("vault", "create table if not exists vault.domain (name varchar, last_key bigint)")

    def assign(self, wanted: Mapping[str, Iterable[str]]) -> None:
        """Give every value a key; `wanted` maps a domain to queries of (value, turn).

        Afterwards the temporary table `key_<domain>` has (value, key) for the values asked for. New keys follow the
        last one ever given, by turn and value, so that they do not depend on how deliveries are grouped into runs.
        """
        for domain, queries in sorted(wanted.items()):
            self._map(domain, " union all ".join(queries))
        self.bench.run("vault", "begin")
        try:
            for domain in sorted(wanted):
                self._keep(domain)
            self.bench.run("vault", "commit")
        except BaseException:
            self.bench.run("vault", "rollback")
            raise

    def close(self) -> None:
        self.bench.run("vault", "detach vault")

    def _map(self, domain: str, query: str) -> None:
        run = self.bench.run
        run("vault", f"create table if not exists vault.{domain} (key bigint, value varchar)")
        last = run("vault", f"select last_key from vault.domain where name = '{domain}'")
        run(
            "vault",
            f"""create or replace temp table found_{domain} as
            select wanted.value, known.key, wanted.turn
            from (select value, min(turn) as turn from ({query}) where value is not null group by value) as wanted
            left join vault.{domain} as known on wanted.value = known.value""",
        )
        run(
            "vault",
            f"""create or replace temp table key_{domain} as
            select value, key, false as is_new from found_{domain} where key is not null
            union all
            select value, {last[0][0] if last else 0} + row_number() over (order by turn, value), true
            from found_{domain} where key is null""",
        )
        run("vault", f"drop table found_{domain}")

    def _keep(self, domain: str) -> None:
        run = self.bench.run
        run("vault", f"insert into vault.{domain} select key, value from key_{domain} where is_new order by key")
        given = run("vault", f"delete from vault.domain where name = '{domain}' returning last_key")
        last = given[0][0] if given else 0
        run(
            "vault",
            f"insert into vault.domain select '{domain}', greatest({last}, coalesce(max(key), 0)) from key_{domain}",
        )
