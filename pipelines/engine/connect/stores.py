"""Remote stores of files: S3, SFTP and folders, each able to list what lies there and to copy one file out."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Protocol, TypeVar

from pipelines.engine.connect.patience import FetchError, Patience, Unreachable
from pipelines.engine.secrets import Connection

if TYPE_CHECKING:
    import asyncssh

CHUNK = 1 << 20
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class RemoteFile:
    """A file directly under the connection's path; `modified_ns` counts from 1970."""

    name: str
    bytes: int
    modified_ns: int


class Store(Protocol):
    """A folder that is only read."""

    def files(self) -> list[RemoteFile]:
        """What lies there. Raises Unreachable or FetchError."""
        ...

    def copy(self, name: str, sink: IO[bytes]) -> None:
        """The bytes of a file, in pieces. Raises Unreachable or FetchError."""
        ...

    def close(self) -> None: ...


@contextmanager
def open_store(connection: Connection, patience: Patience) -> Generator[Store]:
    match connection.scheme:
        case "s3" | "file":
            store: Store = ArrowStore(connection, patience)
        case "sftp":
            store = SftpStore(connection, patience)
        case other:
            raise FetchError(f"'{other}' is no store known here; expected s3, sftp or file")
    try:
        yield store
    finally:
        store.close()


class ArrowStore:
    """S3 and local folders through Arrow's filesystems: `s3://KEY:SECRET@bucket/prefix?endpoint=URL&region=NAME`."""

    def __init__(self, connection: Connection, patience: Patience) -> None:
        from pyarrow import fs

        if connection.scheme == "file":
            self.system: Any = fs.LocalFileSystem()
            self.folder = connection.path.rstrip("/")
            return
        options = connection.options
        scheme, _, endpoint = options.get("endpoint", "").rpartition("://")
        self.system = fs.S3FileSystem(
            access_key=connection.user, secret_key=connection.password, session_token=options.get("token"),
            region=options.get("region"), endpoint_override=endpoint or None, scheme=scheme or "https",
            connect_timeout=patience.connect_seconds, request_timeout=patience.answer_seconds,
            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=1),
        )  # fmt: skip
        self.folder = f"{connection.parts.hostname or ''}{connection.path}".rstrip("/")

    def files(self) -> list[RemoteFile]:
        from pyarrow import fs

        with arrow_faults():
            found = self.system.get_file_info(fs.FileSelector(self.folder, allow_not_found=False))
        return [
            RemoteFile(one.path.removeprefix(f"{self.folder}/"), one.size, one.mtime_ns)
            for one in found if one.type == fs.FileType.File
        ]  # fmt: skip

    def copy(self, name: str, sink: IO[bytes]) -> None:
        with arrow_faults(), self.system.open_input_stream(f"{self.folder}/{name}", compression=None) as source:
            while chunk := source.read(CHUNK):
                sink.write(chunk)

    def close(self) -> None:
        """Arrow keeps no connection that would have to be closed."""


@contextmanager
def arrow_faults() -> Generator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise Unreachable(f"not found ({_first_line(error)})") from None
    except OSError as error:
        refused = any(
            word in str(error) for word in ("ACCESS_DENIED", "INVALID_ACCESS_KEY", "SIGNATURE_DOES_NOT_MATCH")
        )
        raise (FetchError if refused else Unreachable)(_first_line(error)) from None


class SftpStore:
    """SFTP: `sftp://user:password@host/path?known_hosts=FILE&private_key=FILE`; an unknown host key is refused.

    `known_hosts` is ~/.ssh/known_hosts if it is not given, the private key one of ~/.ssh.
    """

    def __init__(self, connection: Connection, patience: Patience) -> None:
        self.connection, self.patience = connection, patience
        self.loop = asyncio.new_event_loop()
        self.client: asyncssh.SFTPClient | None = None
        self.link: asyncssh.SSHClientConnection | None = None

    def files(self) -> list[RemoteFile]:
        return self._run(self._files)

    def copy(self, name: str, sink: IO[bytes]) -> None:
        async def copied() -> None:
            client = await self._open()
            async with client.open(f"{self.connection.path}/{name}", "rb") as source:
                while chunk := await self._within(source.read(CHUNK)):
                    sink.write(chunk if isinstance(chunk, bytes) else chunk.encode())

        self._run(copied)

    def close(self) -> None:
        self._abort()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    def _abort(self) -> None:
        if self.link:
            self.link.abort()
        self.link = self.client = None

    async def _files(self) -> list[RemoteFile]:
        import asyncssh

        client = await self._open()
        found = await self._within(client.readdir(self.connection.path or "."))
        return [
            RemoteFile(str(one.filename), one.attrs.size or 0, (one.attrs.mtime or 0) * 1_000_000_000)
            for one in found if one.attrs.type == asyncssh.FILEXFER_TYPE_REGULAR
        ]  # fmt: skip

    async def _open(self) -> "asyncssh.SFTPClient":
        import asyncssh

        if self.client is None:
            parts, options = self.connection.parts, self.connection.options
            given: dict[str, Any] = {"known_hosts": options["known_hosts"]} if "known_hosts" in options else {}
            if "private_key" in options:
                given["client_keys"] = [options["private_key"]]
            self.link = await asyncssh.connect(
                parts.hostname or "", parts.port or 22, username=self.connection.user or (),
                password=self.connection.password, connect_timeout=self.patience.connect_seconds,
                login_timeout=self.patience.connect_seconds, keepalive_interval=10, keepalive_count_max=3,
                agent_path=None, **given,
            )  # fmt: skip
            self.client = await self.link.start_sftp_client()
        return self.client

    async def _within(self, answer: Awaitable[Answer]) -> Answer:
        try:
            return await asyncio.wait_for(answer, self.patience.answer_seconds)
        except TimeoutError:
            self._abort()  # or closing the file would wait for an answer, too
            raise

    def _run(self, ask: Callable[[], Any]) -> Any:
        """Faults as Unreachable, after which the next try connects anew; refused logins and host keys as FetchError."""
        import asyncssh

        try:
            return self.loop.run_until_complete(ask())
        except (asyncssh.PermissionDenied, asyncssh.HostKeyNotVerifiable, asyncssh.SFTPPermissionDenied) as error:
            raise FetchError(f"refused: {_first_line(error)}") from None
        except (asyncssh.Error, OSError, TimeoutError) as error:
            self._abort()
            raise Unreachable(_first_line(error) or "no answer in time, given up") from None


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), "")
