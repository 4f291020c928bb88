"""The account PostgreSQL runs as: our own, or, because it refuses to run as root, an unprivileged one."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNPRIVILEGED = ("postgres", "nobody")
"""Accounts that systems come with, in order of preference. None is ever created."""


class DatabaseUnavailable(Exception):
    """The embedded database cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Account:
    """Who runs PostgreSQL and owns its files. `switched`: it is not who we are, and we are root."""

    uid: int
    gid: int
    switched: bool

    @property
    def options(self) -> dict[str, Any]:
        """What makes `subprocess` start a process as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switched else {}

    def own(self, path: Path) -> None:
        if self.switched:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def own_tree(self, path: Path) -> None:
        if not self.switched:
            return
        self.own(path)
        for folder, folders, files in os.walk(path):
            for name in (*folders, *files):
                self.own(Path(folder, name))

    def reaches(self, folder: Path) -> bool:
        """Whether the account may enter the folder: asked of the system, which alone knows every rule."""
        return self._runs(["/bin/sh", "-c", 'test -x "$1"/.', "sh", str(folder)])

    def executes(self, program: Path) -> bool:
        """Whether the account may run the program (which must know `--version`)."""
        return self._runs([str(program), "--version"])

    def _runs(self, command: list[str]) -> bool:
        try:
            subprocess.run(command, check=True, capture_output=True, cwd="/", **self.options)  # noqa: S603 (fixed words)
        except (OSError, subprocess.CalledProcessError):
            return False
        return True


def account_for(place: Path) -> Account:
    """Ourselves; as root, whoever owns `place` already, or else the first unprivileged account there is."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switched=False)
    if place.exists() and (owner := place.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, switched=True)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, switched=True)
    raise DatabaseUnavailable(
        f"PostgreSQL refuses to run as root, and there is no account named {' or '.join(UNPRIVILEGED)}: "
        "run Concord as an ordinary user, or set CONCORD_DATABASE_URL."
    )
