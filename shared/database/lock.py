"""One data directory, one Concord."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from shared.database.account import Account, DatabaseUnavailable


class DatabaseInUse(DatabaseUnavailable):
    """Another Concord runs on this data: `pid` is its process, `url` its database (None while it is starting)."""

    def __init__(self, home: Path, pid: int | None, url: str | None) -> None:
        super().__init__(
            f"Another Concord (process {pid or 'unknown'}) is using {home}: "
            "stop it, or set CONCORD_HOME to another folder."
        )
        self.pid = pid
        self.url = url


class Lock:
    """Held by one Concord at a time, and let go by the system when that ends in any way. It tells who holds it."""

    def __init__(self, place: Path, account: Account, home: Path) -> None:
        path = place / "lock"
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DatabaseUnavailable(
                f"{path} belongs to another user: set CONCORD_HOME to a folder of yours."
            ) from error
        account.own(path)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            pid, url, *_ = [*os.read(self._file, 4096).decode().splitlines(), "", ""]
            os.close(self._file)
            raise DatabaseInUse(home, int(pid) if pid else None, url or None) from error
        self.tell("")

    def tell(self, url: str) -> None:
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n{url}\n".encode(), 0)

    def release(self) -> None:
        os.ftruncate(self._file, 0)
        os.close(self._file)
