"""Credentials of connections and key material: from the environment or a file outside the repository, never shown."""

import fcntl
import os
import re
import secrets
import stat
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, quote_plus, unquote, urlsplit

import yaml

from pipelines.engine.home import PROJECT, Home
from pipelines.engine.ledger import sync_folder

KEY_BYTES = 32
HIDDEN = "***"
SECRET_OPTIONS = ("password", "passphrase", "token", "secret")  # query parameters of a URL that are never shown


class SecretError(Exception):
    """A credential or key that is not there or not kept safely; the message holds no part of it."""


@dataclass(frozen=True)
class Connection:
    """Where a remote system is and how to log in: `scheme://user:password@host:port/path?option=value`."""

    name: str
    url: str = field(repr=False)

    @cached_property
    def parts(self) -> SplitResult:
        return urlsplit(self.url)

    @property
    def scheme(self) -> str:
        return self.parts.scheme.lower()

    @property
    def host(self) -> str:
        """Host, and port where one is given; for people, so without user and password."""
        where = self.parts.netloc.rpartition("@")[2]
        return where or unquote(self.parts.path)

    @property
    def user(self) -> str | None:
        return unquote(self.parts.username) if self.parts.username is not None else None

    @property
    def password(self) -> str | None:
        return unquote(self.parts.password) if self.parts.password is not None else None

    @property
    def path(self) -> str:
        return unquote(self.parts.path)

    @cached_property
    def options(self) -> dict[str, str]:
        return dict(parse_qsl(self.parts.query))

    def redact(self, text: str) -> str:
        """The text without the connection's secrets, as they are and as a URL spells them."""
        hidden = [self.parts.password or "", self.password or ""]
        hidden += [value for name, value in self.options.items() if any(word in name for word in SECRET_OPTIONS)]
        spelled = {form for word in hidden if word for form in (word, quote(word, safe=""), quote_plus(word))}
        for word in sorted(spelled, key=len, reverse=True):
            text = text.replace(word, HIDDEN)
        return text


def connection(name: str) -> Connection:
    """The connection of a name: BASSLINE_CONNECTION_<NAME>, else the entry under `connections` of the secrets file.

    Raises:
        SecretError: it is nowhere, or the file is open to others.
    """
    variable = f"BASSLINE_CONNECTION_{name.upper()}"
    url = os.environ.get(variable) or _configured("connections").get(name)
    if url is None:
        raise SecretError(
            f"no connection '{name}': set {variable}, or write it under 'connections' in {secrets_file()}, "
            "as in postgresql://user:password@host:5432/database"
        )
    if not isinstance(url, str) or not _is_url(url):
        raise SecretError(
            f"connection '{name}' is no URL; expected scheme://user:password@host:port/path, "
            "with %-codes for characters such as @, : and / in the password"
        )
    return Connection(name, url)


def _is_url(text: str) -> bool:
    try:
        return bool(urlsplit(text).scheme and "://" in text and (urlsplit(text).port or True))
    except ValueError:  # a port that is no number: most likely a character of the password that needs its code
        return False


def key(home: Home, name: str) -> bytes:
    """Key material of a name, 32 bytes or more, the same at every call.

    From `keys` of the secrets file; an installation whose secrets file has no `keys` keeps its own in
    `<home>/keys.yaml`, made at the first use: whoever loses it loses what was sealed with it.

    Raises:
        SecretError: the file is open to others, or the entry is missing or no key.
    """
    if configured := _configured("keys"):
        return _key_bytes(configured.get(name), name, secrets_file())
    return _own_key(home.root / "keys.yaml", name)


def key_names(home: Home) -> set[str]:
    """The names of the keys that are there."""
    return {str(name) for name in _configured("keys") or _read(home.root / "keys.yaml")}


def secrets_file() -> Path:
    """BASSLINE_SECRETS, else ~/.config/bassline/secrets.yaml; it need not exist."""
    named = os.environ.get("BASSLINE_SECRETS")
    return Path(named).expanduser().absolute() if named else Path("~/.config/bassline/secrets.yaml").expanduser()


def _configured(section: str) -> dict[str, Any]:
    """A mapping of the secrets file; empty when it, or the file, is not there."""
    path = secrets_file()
    found = _read(path).get(section) or {}
    if PROJECT in path.resolve().parents and path.exists():
        raise SecretError(f"{path}: lies inside the repository; move it outside and name it in BASSLINE_SECRETS")
    if not isinstance(found, dict):
        raise SecretError(f"{path}: '{section}' is no mapping; expected lines of 'name: value' under it")
    return found


def _read(path: Path) -> dict[str, Any]:
    """The file as a mapping, empty when there is none. Only its owner may be able to read it."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SecretError(f"{path}: cannot be opened ({error.strerror})") from None
    with os.fdopen(handle, encoding="utf-8") as file:
        mode = stat.S_IMODE(os.fstat(handle).st_mode)
        if mode & 0o077:
            raise SecretError(f"{path}: mode is {mode:04o}, so others can read it; expected 0600, run chmod 600 {path}")
        try:
            content = yaml.safe_load(file)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)  # the error's own text would show the line
            line = f":{mark.line + 1}" if mark else ""
            raise SecretError(f"{path}{line}: not valid YAML; expected 'connections:' and 'keys:' mappings") from None
    if content is not None and not isinstance(content, dict):
        raise SecretError(f"{path}: no mapping; expected 'connections:' and 'keys:', each with lines of 'name: value'")
    return content or {}


def _own_key(path: Path, name: str) -> bytes:
    """From the installation's own file, to which a name asked for the first time is added."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # two processes must not make two keys of one name
        known = _read(path)
        if name not in known:
            known[name] = secrets.token_hex(KEY_BYTES)
            unfinished = path.with_name(f".{path.name}.tmp")
            unfinished.unlink(missing_ok=True)
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write("# Made by bassline. Without these keys nobody can read what they sealed: keep a copy.\n")
                yaml.safe_dump(known, file)
                file.flush()
                os.fsync(handle)
            unfinished.replace(path)
            sync_folder(path.parent)
        return _key_bytes(known[name], name, path)
    finally:
        os.close(folder)


def _key_bytes(text: object, name: str, path: Path) -> bytes:
    if not isinstance(text, str) or not re.fullmatch(rf"(?:[0-9a-fA-F]{{2}}){{{KEY_BYTES},}}", text):
        found = "missing" if text is None else "no key"
        raise SecretError(
            f"{path}: '{name}' under 'keys' is {found}; expected {2 * KEY_BYTES} hex digits in quotes, "
            f"as `openssl rand -hex {KEY_BYTES}` prints them"
        )
    return bytes.fromhex(text)
