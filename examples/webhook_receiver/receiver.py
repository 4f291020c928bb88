"""`python -m examples.webhook_receiver.receiver PORT SECRET`: shows what it is told, each event once."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from examples.webhook_receiver.verify import verify

BODY_BYTES_MAX = 65_536


def handler(secret: str) -> type[BaseHTTPRequestHandler]:
    seen: set[str] = set()  # in earnest: a table, written to in the transaction of the effect

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["content-length"] or 0)
            if length > BODY_BYTES_MAX:
                self.close_connection = True  # what is not read would be taken for the next request
                self.answer(413)
                return
            body = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                verify(headers, body, secret)
            except (KeyError, ValueError) as wrong:
                print("refused:", wrong, flush=True)
                self.answer(401)
                return
            event = json.loads(body)
            if headers["webhook-id"] not in seen:
                seen.add(headers["webhook-id"])
                content = event["dataref"] if "dataref" in event else event["data"]
                print(event["type"], event["subject"], json.dumps(content), flush=True)
            self.answer(204)

        def answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), handler(sys.argv[2])) as server:
        server.serve_forever()
