"""The socket that a server listens on, how it reads from it, and how long it has to end."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn

GRACE_SECONDS = 10
"""How long open requests may take to end after a stop was asked for."""
STUCK_MS_MAX = 60_000


def bind(host: str, port: int) -> socket.socket:
    """The listening socket. Raises OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.create_server((host, port), family=family)
    # Accepted connections inherit it. asyncio sets it only on sockets made with proto=IPPROTO_TCP, which this is not;
    # without it the second packet of every answer waits for the client's delayed acknowledgement, some 40 ms.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # A client that takes nothing any more is hung up on, so that an answer never waits for it for good.
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK_MS_MAX)
    return door


def server_config(app: Any, **more: Any) -> uvicorn.Config:
    """How uvicorn serves an ASGI application here.

    Parser and loop by name: uvicorn would take whatever else is installed, and another parser bounds no header, or
    misses the body that an answer to HEAD does not have.
    """
    return uvicorn.Config(app, http="h11", loop="asyncio", log_config=None, access_log=False, lifespan="off", **more)
