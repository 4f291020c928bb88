"""`python -m examples.webhook_receiver.subscriber PORT FILE SECRET`: a copy of the open decisions, from webhooks alone.

It may be killed at any moment: what it has answered with 2xx is in its file, and what it has not comes again, under the
same webhook-id. Register it with `fifo`, so that a decision's end never comes before its beginning.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

from examples.webhook_receiver.verify import verify

OPENED = ("governance.decision-raised.", "governance.decision-reopened.")
CLOSED = (
    "governance.decision-approved.",
    "governance.decision-rejected.",
    "governance.decision-withdrawn.",
    "governance.decision-lapsed.",
)
BODY_BYTES_MAX = 65_536


class Copy:
    """The open decisions of one alliance, in a file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lock = Lock()
        with closing(self.connected()) as database:
            database.execute("CREATE TABLE IF NOT EXISTS seen (webhook_id TEXT PRIMARY KEY)")
            database.execute("CREATE TABLE IF NOT EXISTS open (decision TEXT PRIMARY KEY)")

    def connected(self) -> sqlite3.Connection:
        return sqlite3.connect(self.file)

    def take(self, webhook_id: str, event: dict[str, Any]) -> None:
        """Apply an event once, however often it comes: the note of it and its effect are one transaction."""
        kind, decision = event["type"], event["subject"].partition("/")[2]
        with self.lock, closing(self.connected()) as database, database:
            try:
                database.execute("INSERT INTO seen VALUES (?)", (webhook_id,))
            except sqlite3.IntegrityError:
                return
            if kind.startswith(OPENED):
                database.execute("INSERT INTO open VALUES (?) ON CONFLICT DO NOTHING", (decision,))
            elif kind.startswith(CLOSED):
                database.execute("DELETE FROM open WHERE decision = ?", (decision,))

    def open(self) -> list[str]:
        with self.lock, closing(self.connected()) as database:
            return [row[0] for row in database.execute("SELECT decision FROM open ORDER BY decision")]


def handler(copy: Copy, secret: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            if length > BODY_BYTES_MAX:
                self.close_connection = True  # what is not read would be taken for the next request
                self.answer(413)
                return
            body = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                verify(headers, body, secret)
            except (KeyError, ValueError):
                self.answer(401)
                return
            copy.take(headers["webhook-id"], json.loads(body))
            self.answer(204)

        def do_GET(self) -> None:
            self.answer(200, json.dumps(copy.open()).encode())

        def answer(self, status: int, content: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


def main(port: int, file: str, secret: str) -> None:
    with ThreadingHTTPServer(("127.0.0.1", port), handler(Copy(file), secret)) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
