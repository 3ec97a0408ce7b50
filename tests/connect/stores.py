"""A real S3 server and a real SFTP server on loopback, and the files that a sender drops there."""

import asyncio
import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BUCKET, FOLDER = "drop", "crm/out"
USER, PASSWORD = "reader", "s3cr3t/+pass"


@dataclass
class S3:
    """A bucket on moto's server."""

    port: int
    client: Any

    def put(self, name: str, content: bytes) -> None:
        self.client.put_object(Bucket=BUCKET, Key=f"{FOLDER}/{name}", Body=content)

    def names(self) -> set[str]:
        return {one["Key"] for one in self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])}

    def modified(self, name: str) -> float:
        return self.client.head_object(Bucket=BUCKET, Key=f"{FOLDER}/{name}")["LastModified"].timestamp()

    def url(self, port: int | None = None) -> str:
        endpoint = f"http://127.0.0.1:{port or self.port}"
        return f"s3://{USER}:s3cr3t%2F%2Bpass@{BUCKET}/{FOLDER}?region=us-east-1&endpoint={endpoint}"


@contextmanager
def s3_server() -> Generator[S3]:
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    client = boto3.client(
        "s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", aws_access_key_id=USER,
        aws_secret_access_key=PASSWORD,
    )  # fmt: skip
    client.create_bucket(Bucket=BUCKET)
    try:
        yield S3(port, client)
    finally:
        server.stop()


@dataclass
class Sftp:
    """A folder behind an SFTP server; its host key is in `known_hosts`."""

    port: int
    root: Path
    known_hosts: Path
    host_key: str

    def put(self, name: str, content: bytes) -> None:
        (self.root / FOLDER).mkdir(parents=True, exist_ok=True)
        (self.root / FOLDER / name).write_bytes(content)

    def names(self) -> set[str]:
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file()}

    def modified(self, name: str) -> float:
        return (self.root / FOLDER / name).stat().st_mtime

    def url(self, port: int | None = None) -> str:
        port = port or self.port
        self.known_hosts.write_text(f"[127.0.0.1]:{port} {self.host_key}\n")
        return f"sftp://{USER}:s3cr3t%2F%2Bpass@127.0.0.1:{port}/{FOLDER}?known_hosts={self.known_hosts}"


@contextmanager
def sftp_server(root: Path) -> Generator[Sftp]:
    import asyncssh

    served = root / "served"
    served.mkdir()
    key = asyncssh.generate_private_key("ssh-ed25519")

    class Login(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == (USER, PASSWORD)

    def rooted(channel: Any) -> asyncssh.SFTPServer:
        return asyncssh.SFTPServer(channel, chroot=os.fsencode(served))

    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(
        asyncssh.listen("127.0.0.1", 0, server_factory=Login, server_host_keys=[key], sftp_factory=rooted)
    )
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        known = key.export_public_key().decode().strip()
        yield Sftp(listening.get_port(), served, root / "known_hosts", known)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        listening.close()
        loop.close()
