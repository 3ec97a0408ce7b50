"""Rejected rows as they came, for a stated purpose; and a new key for them and for the vault."""

from pipelines.engine import renewal
from pipelines.engine.home import Home
from pipelines.engine.lock import writer_lock
from pipelines.engine.quarantine import SUFFIX, Original, read_originals, write_originals
from pipelines.engine.sandbox import Refused
from pipelines.engine.seal import number_of
from pipelines.engine.vault import Vault
from pipelines.engine.workbench import workbench
from pipelines.privacy import register


def originals(home: Home, delivery_id: int, purpose: str) -> list[Original]:
    """The rejected rows of a delivery, once the look is logged. Raises Refused without a purpose or without rows."""
    if len(purpose.split()) < 2:
        raise Refused("say in a few words why: --purpose 'ticket 4711: wrong dates from the shop in Jinan'")
    paths = sorted(home.quarantine.glob(f"*/{delivery_id:08d}{SUFFIX}"))
    if not paths:
        raise Refused(f"{home.quarantine}: holds no rejected rows of delivery {delivery_id}")
    register.record(home, "quarantine show", delivery_id=delivery_id, purpose=purpose)
    return [row for path in paths for row in read_originals(path, home)]


def rotate(home: Home) -> tuple[int, int]:
    """The number of the new key, and the quarantine files sealed with it.

    Every file names its key, so that a rotation that broke off leaves nothing unreadable; another one completes it.
    """
    with writer_lock(home.root / "night.lock", "vault rotate"), workbench(home) as bench:
        vault = Vault(bench, home)
        number = renewal.rotate(vault)
        files = 0
        for path in sorted(home.quarantine.glob(f"*/*{SUFFIX}")):
            if number_of(path.read_bytes()) != number:
                write_originals(path, read_originals(path, home), vault.seal)
                files += 1
        vault.close()
        register.record(home, "vault rotate", key=f"vault-{number}", quarantine_files=files)
    return number, files
