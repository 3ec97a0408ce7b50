"""Secrets come from the environment or a file that only its owner reads, and no message shows them."""

from pathlib import Path

import pytest

from pipelines.engine.home import Home
from pipelines.engine.secrets import Connection, SecretError, connection, key

URL = "postgresql://reader:p%40ss%2Fword@db.example:5432/shop"


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the file would be; the checkout is another folder, because tests may write inside the real one."""
    monkeypatch.setattr("pipelines.engine.secrets.PROJECT", tmp_path / "checkout")
    path = tmp_path / "secrets.yaml"
    monkeypatch.setenv("BASSLINE_SECRETS", str(path))
    return path


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_connection_comes_from_the_file_and_the_environment_goes_first(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(secrets, f"connections:\n  shop: {URL}\n")
    found = connection("shop")
    assert (found.scheme, found.host, found.user, found.password) == (
        "postgresql",
        "db.example:5432",
        "reader",
        "p@ss/word",
    )

    monkeypatch.setenv("BASSLINE_CONNECTION_SHOP", "sftp://files.example/out")
    assert (connection("shop").scheme, connection("shop").path) == ("sftp", "/out")


def test_a_connection_that_is_nowhere_is_told_with_both_places(secrets: Path) -> None:
    with pytest.raises(SecretError, match=r"set BASSLINE_CONNECTION_SHOP, or write it .* in .*secrets.yaml"):
        connection("shop")


def test_a_file_that_others_can_read_is_refused(secrets: Path) -> None:
    written(secrets, f"connections:\n  shop: {URL}\n", mode=0o640)

    with pytest.raises(SecretError, match=r"mode is 0640, .* expected 0600, run chmod 600"):
        connection("shop")


def test_a_file_inside_the_repository_is_refused(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (inside := secrets.parent / "checkout").mkdir()
    monkeypatch.setenv("BASSLINE_SECRETS", str(written(inside / "secrets.yaml", "connections: {}\n")))

    with pytest.raises(SecretError, match="inside the repository"):
        connection("shop")


@pytest.mark.parametrize(
    "text",
    [
        "connections:\n  shop: postgresql://reader:hunter2/half@db/shop\n",
        "connections:\n  shop: hunter2\n",
        "connections:\n  shop: [hunter2]\n",
        "connections:\n  shop: 'hunter2\n",
        "- hunter2\n",
        "keys:\n  vault: hunter2\n",
    ],
)
def test_no_message_shows_what_the_file_holds(text: str, secrets: Path, tmp_path: Path) -> None:
    written(secrets, text)
    with pytest.raises(SecretError) as error:
        connection("shop")
        key(Home(tmp_path), "vault")

    assert "hunter2" not in str(error.value)


def test_a_password_is_hidden_in_every_spelling(secrets: Path) -> None:
    found = Connection("shop", URL + "?sslpassword=s3cret&sslmode=require")
    told = found.redact("p@ss/word p%40ss%2Fword s3cret require")

    assert told == "*** *** *** require"
    assert "word" not in repr(found)


def test_an_installation_without_a_secrets_file_keeps_its_own_keys(secrets: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    made = key(home, "vault")

    assert (len(made), key(home, "vault"), key(home, "other") == made) == (32, made, False)
    assert (home.root / "keys.yaml").stat().st_mode & 0o777 == 0o600


def test_keys_of_the_secrets_file_are_never_replaced_by_new_ones(secrets: Path, tmp_path: Path) -> None:
    written(secrets, f"keys:\n  vault: '{'ab' * 32}'\n")

    assert key(Home(tmp_path), "vault") == bytes.fromhex("ab" * 32)
    with pytest.raises(SecretError, match=r"'other' under 'keys' is missing; .*openssl rand -hex 32"):
        key(Home(tmp_path), "other")
