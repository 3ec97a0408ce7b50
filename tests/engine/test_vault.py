"""The vault gives each value one key for ever, whatever the grouping of deliveries, and shows none without its key."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
import yaml

from pipelines.engine import renewal
from pipelines.engine.contract import sql_text
from pipelines.engine.home import Home
from pipelines.engine.seal import SealError
from pipelines.engine.vault import Vault
from pipelines.engine.workbench import Workbench, workbench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(Home(tmp_path).prepared()) as bench:
        yield bench


def wanted(*values: tuple[str | None, int]) -> list[str]:
    rows = ", ".join(f"({'null' if value is None else sql_text(value)}, {turn})" for value, turn in values)
    return [f"select * from (values {rows}) as given(value, turn)"]


def keys(bench: Workbench, domain: str = "msisdn") -> dict[str, int]:
    return dict(bench.run(f"select value, key from key_{domain}"))


def test_a_bench_beside_sees_the_tables_and_has_the_same_clock_on_the_wall(bench: Workbench) -> None:
    bench.run("create table told as select 1 as key")

    assert bench.beside().run("select current_setting('TimeZone'), key from told") == [("UTC", 1)]
    assert bench.run("select current_setting('TimeZone')") == [("UTC",)]


def test_new_values_follow_by_turn_and_then_by_value(bench: Workbench, tmp_path: Path) -> None:
    vault = Vault(bench, Home(tmp_path))
    vault.assign({"msisdn": wanted(("b", 1), ("a", 1), ("z", 0), ("b", 2), (None, 0))})
    assert keys(bench) == {"z": 1, "a": 2, "b": 3}


def test_a_value_keeps_its_key(bench: Workbench, tmp_path: Path) -> None:
    vault = Vault(bench, Home(tmp_path))
    vault.assign({"msisdn": wanted(("m", 0))})
    vault.assign({"msisdn": wanted(("a", 0), ("m", 0))})
    assert keys(bench) == {"m": 1, "a": 2}
    assert vault.reveal("msisdn") == {1: "m", 2: "a"}


def test_domains_count_apart(bench: Workbench, tmp_path: Path) -> None:
    vault = Vault(bench, Home(tmp_path))
    vault.assign({"msisdn": wanted(("a", 0)), "imsi": wanted(("b", 0))})
    assert (keys(bench), keys(bench, "imsi")) == ({"a": 1}, {"b": 1})


def test_the_key_of_an_erased_person_is_never_given_again(bench: Workbench, tmp_path: Path) -> None:
    vault = Vault(bench, Home(tmp_path))
    vault.assign({"msisdn": wanted(("a", 0), ("b", 0))})
    renewal.erase(vault, {"msisdn": [2]}, {"msisdn": date(2026, 1, 5)})
    vault.assign({"msisdn": wanted(("c", 0))})
    assert keys(bench) == {"c": 3}


def test_a_vault_closed_and_opened_again_knows_its_values(bench: Workbench, tmp_path: Path) -> None:
    vault = Vault(bench, Home(tmp_path))
    vault.assign({"msisdn": wanted(("a", 0))})
    vault.close()
    assert (tmp_path / "vault.duckdb").stat().st_mode & 0o777 == 0o600

    Vault(bench, Home(tmp_path)).assign({"msisdn": wanted(("b", 0), ("a", 0))})
    assert keys(bench) == {"a": 1, "b": 2}


def plain_vault(path: Path) -> None:
    """A vault as it was written before values were sealed."""
    with duckdb.connect(path) as old:
        old.execute("create table domain as select 'msisdn' as name, 4::bigint as last_key")
        old.execute("create table msisdn (key bigint, value varchar)")
        old.execute("insert into msisdn values (1, '13800000001'), (2, '13800000002'), (4, '13800000004')")


def forget_key(home: Home, name: str, keep: str | None = None) -> None:
    path = home.root / "keys.yaml"
    known = yaml.safe_load(path.read_text())
    known[name] = keep or "00" * 32
    path.write_text(yaml.safe_dump(known))


def test_no_value_is_in_the_file_in_clear(bench: Workbench, tmp_path: Path) -> None:
    vault = Vault(bench, Home(tmp_path))
    vault.assign({"msisdn": wanted(("13800000001", 0)), "name": wanted(("Zhang Wei", 0))})
    vault.close()

    content = (tmp_path / "vault.duckdb").read_bytes()
    assert not [word for word in (b"13800000001", b"Zhang Wei") if word in content]
    with duckdb.connect(tmp_path / "vault.duckdb", read_only=True) as db:
        tables = db.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
        told = " ".join(str(db.execute(f"from {name}").fetchall()) for (name,) in tables)
    assert "13800000001" not in told
    assert "Zhang Wei" not in told


def test_a_plain_vault_is_sealed_when_it_is_opened_and_keeps_its_keys(bench: Workbench, tmp_path: Path) -> None:
    plain_vault(tmp_path / "vault.duckdb")
    vault = Vault(bench, Home(tmp_path))

    assert vault.reveal("msisdn") == {1: "13800000001", 2: "13800000002", 4: "13800000004"}
    vault.assign({"msisdn": wanted(("13800000009", 0), ("13800000004", 0))})
    assert keys(bench) == {"13800000004": 4, "13800000009": 5}
    assert b"13800000001" not in (tmp_path / "vault.duckdb").read_bytes()


def test_sealing_a_plain_vault_that_breaks_off_leaves_it_as_it_was(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_vault(tmp_path / "vault.duckdb")
    monkeypatch.setattr(Vault, "store", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        Vault(bench, Home(tmp_path))
    monkeypatch.undo()
    bench.run("detach vault")

    assert Vault(bench, Home(tmp_path)).reveal("msisdn", [2]) == {2: "13800000002"}


def test_after_a_rotation_the_new_key_opens_and_the_old_one_is_not_needed(bench: Workbench, tmp_path: Path) -> None:
    vault = Vault(bench, Home(tmp_path))
    many = [(f"{n:011d}", 0) for n in range(5000)]
    vault.assign({"msisdn": wanted(*many), "name": wanted(("O'Hara", 0), ("王", 0))})
    before = vault.reveal("msisdn")

    assert renewal.rotate(vault) == 2
    forget_key(Home(tmp_path), "vault-1")
    assert (vault.reveal("msisdn"), vault.reveal("name")) == (before, {1: "O'Hara", 2: "王"})
    vault.assign({"msisdn": wanted(("00000000007", 0), ("new", 0))})
    assert keys(bench) == {"00000000007": 8, "new": 5001}


def test_a_rotation_that_breaks_off_leaves_the_old_key_in_force(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = Vault(bench, Home(tmp_path))
    vault.assign({"msisdn": wanted(("a", 0))})
    monkeypatch.setattr(renewal, "_fill_tokens", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        renewal.rotate(vault)
    monkeypatch.undo()
    vault.close()

    vault = Vault(bench, Home(tmp_path))
    assert (vault.seal.number, vault.reveal("msisdn")) == (1, {1: "a"})
    assert not list(tmp_path.glob(".vault*"))


def test_another_key_is_refused_before_anything_is_looked_up(bench: Workbench, tmp_path: Path) -> None:
    vault = Vault(bench, Home(tmp_path))
    vault.assign({"msisdn": wanted(("a", 0))})
    vault.close()
    forget_key(Home(tmp_path), "vault-1")

    with pytest.raises(SealError, match=r"sealed with another key 'vault-1'.*put the key back"):
        Vault(bench, Home(tmp_path))


def test_an_erased_value_is_gone_and_its_key_is_known_for_old_deliveries(bench: Workbench, tmp_path: Path) -> None:
    vault = Vault(bench, Home(tmp_path))
    vault.assign({"msisdn": wanted(("a", 0), ("b", 0), ("c", 0))})
    assert vault.keys_of("b") == {"msisdn": 2}
    assert renewal.erase(vault, {"msisdn": [2]}, {"msisdn": date(2026, 1, 5)}) == 1

    assert (vault.reveal("msisdn"), vault.keys_of("b"), vault.erased("b")) == ({1: "a", 3: "c"}, {}, [("msisdn", 2)])
    renewal.rotate(vault)
    assert vault.erased("b") == [("msisdn", 2)]
    vault.find({"msisdn": wanted(("b", 0), ("a", 0))})
    assert vault.past(["msisdn"]) == {"msisdn"}
    assert bench.run("from past_msisdn") == [("b", 2, date(2026, 1, 5))]
