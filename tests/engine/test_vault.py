"""The vault gives each value one key for ever, in an order that does not depend on how deliveries are grouped."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.engine.home import Home
from pipelines.engine.vault import Vault
from pipelines.engine.workbench import Workbench, workbench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(Home(tmp_path).prepared()) as bench:
        yield bench


def wanted(*values: tuple[str | None, int]) -> list[str]:
    rows = ", ".join(f"({'null' if value is None else repr(value)}, {turn})" for value, turn in values)
    return [f"select * from (values {rows}) as given(value, turn)"]


def keys(bench: Workbench, domain: str = "msisdn") -> dict[str, int]:
    return dict(bench.run("test", f"select value, key from key_{domain}"))


def test_new_values_follow_by_turn_and_then_by_value(bench: Workbench, tmp_path: Path) -> None:
    vault = Vault(bench, tmp_path / "vault.duckdb")
    vault.assign({"msisdn": wanted(("b", 1), ("a", 1), ("z", 0), ("b", 2), (None, 0))})
    assert keys(bench) == {"z": 1, "a": 2, "b": 3}


def test_a_value_keeps_its_key(bench: Workbench, tmp_path: Path) -> None:
    vault = Vault(bench, tmp_path / "vault.duckdb")
    vault.assign({"msisdn": wanted(("m", 0))})
    vault.assign({"msisdn": wanted(("a", 0), ("m", 0))})
    assert keys(bench) == {"m": 1, "a": 2}
    assert bench.run("test", "select key, value from vault.msisdn order by key") == [(1, "m"), (2, "a")]


def test_domains_count_apart(bench: Workbench, tmp_path: Path) -> None:
    vault = Vault(bench, tmp_path / "vault.duckdb")
    vault.assign({"msisdn": wanted(("a", 0)), "imsi": wanted(("b", 0))})
    assert (keys(bench), keys(bench, "imsi")) == ({"a": 1}, {"b": 1})


def test_the_key_of_an_erased_person_is_never_given_again(bench: Workbench, tmp_path: Path) -> None:
    vault = Vault(bench, tmp_path / "vault.duckdb")
    vault.assign({"msisdn": wanted(("a", 0), ("b", 0))})
    bench.run("test", "delete from vault.msisdn where value = 'b'")
    vault.assign({"msisdn": wanted(("c", 0))})
    assert keys(bench) == {"c": 3}


def test_a_vault_closed_and_opened_again_knows_its_values(bench: Workbench, tmp_path: Path) -> None:
    vault = Vault(bench, tmp_path / "vault.duckdb")
    vault.assign({"msisdn": wanted(("a", 0))})
    vault.close()
    assert (tmp_path / "vault.duckdb").stat().st_mode & 0o777 == 0o600

    Vault(bench, tmp_path / "vault.duckdb").assign({"msisdn": wanted(("b", 0), ("a", 0))})
    assert keys(bench) == {"a": 1, "b": 2}
