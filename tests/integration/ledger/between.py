"""A server between a mirror and its ledger, which answers something else where it is told to."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

Answer = tuple[int, bytes]


@dataclass
class Between:
    """`instead`: what is answered, by the end of the path; anything else comes from the true server."""

    address: str
    true: str
    instead: dict[str, Answer] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)

    def answer(self, path: str, headers: Any) -> Answer:
        self.asked[path.rpartition("/ledgers/")[2].partition("/")[2]] += 1
        for end, answer in self.instead.items():
            if path.endswith(end):
                return answer
        came = httpx.get(f"{self.true}{path}", headers={"Authorization": headers["Authorization"]})
        return came.status_code, came.content


@contextmanager
def between(true: str) -> Iterator[Between]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = here.answer(self.path, self.headers)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing is written of it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = Between(f"http://127.0.0.1:{server.server_address[1]}", true.rstrip("/"))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
