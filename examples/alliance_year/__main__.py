"""`python -m examples.alliance_year`: a Concord of its own on a database of its own, and the year played on it."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import httpx

import shared.logging
from examples.alliance_year.year import play
from services.demonstration import concord
from services.rooms import ROOMS
from shared.log.rebuild import verify


def main() -> None:
    shared.logging.configure(level="ERROR", readable=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="concord-year-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL's own account must reach its data below
        with (
            concord(Path(folder), ROOMS) as (address, key, runtime),
            httpx.Client(base_url=address, timeout=60) as http,
        ):
            year = play(http, key, lambda words: print(f"{time.monotonic() - started:5.1f} s  {words}"))
            print("\n".join(year.history))
            differing = [row for service in ROOMS for row in verify(runtime.engine, service.own)]
    print(f"{len(year.history)} events; a replay of them differs from what is live in {len(differing)} rows.")


if __name__ == "__main__":
    main()
