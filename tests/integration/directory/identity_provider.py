"""A company's identity provider, small but real: a process of its own that publishes keys and signs what it is told.

    python identity_provider.py            prints its address, then serves until it is ended

GET  /.well-known/openid-configuration, /keys        as OpenID Connect Discovery says
POST /sign {"header": {…}, "claims": {…}, "with": "public"?}     a token; `with: public` is the attack on HMAC
POST /rotate                                         a new key in place of the old one
POST /behave {"how": "well" | "hang" | "drip" | "huge" | "lie" | "fail" | "zip"}
"""

from __future__ import annotations

import gzip
import hmac
import json
import sys
import threading
import time
import uuid
from base64 import urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jws
from joserfc.jwk import RSAKey

LENIENT = jws.JWSRegistry(algorithms=["RS256"], strict_check_header=False)
MAX_BYTES = 10_000_000


def unpadded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


class Provider:
    """The keys, and how the next request for them is answered."""

    def __init__(self) -> None:
        self.how = "well"
        self.asked = 0
        self.over = threading.Event()
        self.rotate()

    def rotate(self) -> None:
        self.kid = uuid.uuid4().hex
        self.key = RSAKey.generate_key(2048, {"kid": self.kid, "use": "sig", "alg": "RS256"})

    def sign(self, header: dict[str, Any], claims: dict[str, Any], key: str) -> str:
        whole = {"alg": "RS256", "kid": self.kid, **header}
        payload = json.dumps(claims).encode()
        if whole["alg"] != "RS256":  # what no honest library writes
            text = f"{unpadded(json.dumps(whole).encode())}.{unpadded(payload)}"
            mac = hmac.digest(self.key.as_pem(private=False), text.encode(), "sha256")
            return f"{text}.{unpadded(mac) if key == 'public' else ''}"
        return jws.serialize_compact(whole, payload, self.key, registry=LENIENT)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    provider: Provider

    def do_GET(self) -> None:
        address = f"http://{self.headers['Host']}"
        provider = self.provider
        if self.path == "/asked":
            return self.answer({"asked": provider.asked})
        provider.asked += 1
        if provider.how == "hang":
            provider.over.wait(60)
            return None
        if self.path == "/.well-known/openid-configuration":
            issuer = "https://login.elsewhere.example" if provider.how == "lie" else address
            return self.answer(
                {"issuer": issuer, "jwks_uri": f"{address}/keys"}, 500 if provider.how == "fail" else 200
            )
        keys: dict[str, Any] = {"keys": [provider.key.as_dict(private=False)]}
        if provider.how == "huge":
            keys["padding"] = "x" * MAX_BYTES
        return self.answer(keys)

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if self.path == "/sign":
            return self.answer({"token": self.provider.sign(said["header"], said["claims"], said.get("with", "own"))})
        if self.path == "/rotate":
            self.provider.rotate()
        if self.path == "/behave":
            self.provider.how = said["how"]
        return self.answer({"kid": self.provider.kid})

    def answer(self, document: dict[str, Any], status: int = 200) -> None:
        raw = json.dumps(document).encode()
        zipped = self.provider.how == "zip" and self.command == "GET"
        raw = gzip.compress(raw) if zipped else raw
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        try:
            if self.provider.how == "drip" and self.command == "GET":
                for byte in raw:
                    self.wfile.write(bytes([byte]))
                    time.sleep(0.2)
            else:
                self.wfile.write(raw)
        except OSError:
            self.close_connection = True  # whoever asked has had enough

    def log_message(self, *_: Any) -> None:
        """Nothing: the tests read its first line."""


if __name__ == "__main__":
    Handler.provider = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
