"""Where a figure was measured: without it the figure says little."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import psycopg

PACKAGES = (
    "eventsourcing", "fastapi", "httpx", "psycopg", "pydantic", "sqlalchemy", "starlette", "uvicorn",
)  # fmt: skip
GIBIBYTE = 2**30


def described(url: str) -> dict[str, Any]:
    """The machine, what runs on it, and how busy it was before we began."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting('server_version'), current_setting('fsync')").fetchone()
    assert row is not None
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / GIBIBYTE),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load_before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "postgresql": row[0],
        "fsync": row[1],
        "packages": {name: version(name) for name in PACKAGES},
    }


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
