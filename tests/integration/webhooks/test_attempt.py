"""One attempt against the network as it is: names, addresses, TLS, and receivers that behave badly."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from services.webhooks.catalogue import example_of
from services.webhooks.domain.signature import secret_of
from services.webhooks.sending import attempt as sending
from services.webhooks.sending.attempt import Answer, attempt
from services.webhooks.sending.claims import Claim, Target
from services.webhooks.sending.network import NameUnknown, PublicNetwork
from services.webhooks.sending.road import ANSWER_BYTES_MAX, Road
from tests.integration.webhooks.receiver import Got, Receiver, handler, receiving

NOW = dt.datetime.now(dt.UTC)
CLAIM = Claim(
    target=Target((UUID(int=1), UUID(int=2)), "https://hooks.example/", (secret_of(bytes(24)),)),
    notice=example_of("governance.vote-cast.v1"),
    run=1,
    tries=0,
    first_at=None,
    replay_id=None,
    due_at=NOW,
)


def tried(
    url: str,
    *addresses: str,
    development: bool = True,
    trust: ssl.SSLContext | None = None,
    deadline_seconds: float = 15,
    lookups: list[str] | None = None,
) -> Answer:
    """One attempt where every name leads to these addresses."""

    async def lookup(host: str) -> list[str]:
        if lookups is not None:
            lookups.append(host)
        if not addresses:
            raise NameUnknown(host)
        return list(addresses)

    async def run() -> Answer:
        async with Road(PublicNetwork(lookup, development=development, trust=trust)) as road:
            return await attempt(
                road,
                replace(CLAIM, target=replace(CLAIM.target, url=url)),
                origin="https://concord.example",
                development=development,
                deadline_seconds=deadline_seconds,
            )

    return asyncio.run(run())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def read_request(connection: socket.socket) -> None:
    with connection.makefile("rb") as said:
        length = 0
        while (line := said.readline()) != b"\r\n":
            if not line:
                raise ConnectionError("The sender has hung up.")
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        said.read(length)


@contextmanager
def talking(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that answers one connection in its own way; its port."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            connection, _ = door.accept()
            with connection:
                try:
                    read_request(connection)
                    talk(connection)
                except OSError:
                    return  # the sender has hung up, as it should

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield door.getsockname()[1]
        thread.join(timeout=10)


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("10.0.0.1", "address-private"),
        ("127.0.0.1", "address-loopback"),
        ("169.254.169.254", "address-metadata"),
        ("::ffff:127.0.0.1", "address-ipv4-in-ipv6"),
        ("64:ff9b::7f00:1", "address-nat64"),
        ("fe80::1%eth0", "address-link-local"),
    ],
)
def test_a_name_that_leads_inward_is_not_dialled(address: str, error: str) -> None:
    assert tried("https://hooks.example/", address, development=False).error == error


def test_one_inward_address_among_public_ones_is_enough() -> None:
    assert tried("https://hooks.example/", "8.8.8.8", "10.0.0.1", development=False).error == "address-private"


def test_the_name_is_looked_up_once_and_what_was_judged_is_dialled(receiver: Receiver) -> None:
    lookups: list[str] = []
    port = receiver.address.rsplit(":", 1)[1]
    answer = tried(f"http://Hooks.Example:{port}/a;b?c=%20d", "127.0.0.1", lookups=lookups)
    assert (answer.status, answer.address, lookups) == (204, "127.0.0.1", ["hooks.example"])
    assert (receiver.got[0].path, receiver.got[0].headers["host"]) == ("/a;b?c=%20d", f"hooks.example:{port}")


def test_the_next_address_is_tried_when_one_does_not_answer(receiver: Receiver) -> None:
    port = receiver.address.rsplit(":", 1)[1]
    answer = tried(f"http://hooks.example:{port}/", "::1", "127.0.0.1")
    assert (answer.status, answer.address) == (204, "127.0.0.1")


def test_an_unknown_name() -> None:
    assert tried("https://hooks.example/").error == "name-unknown"


def test_an_endpoint_whose_secret_is_lost() -> None:
    async def run() -> Answer:
        async with Road(PublicNetwork(no_lookup, development=False)) as road:
            return await attempt(
                road,
                replace(CLAIM, target=replace(CLAIM.target, secrets=())),
                origin="https://concord.example",
                development=False,
            )

    assert asyncio.run(run()).error == "no-secret"


async def no_lookup(host: str) -> list[str]:
    raise AssertionError(f"{host} is not to be looked up.")


def say_nothing(connection: socket.socket) -> None:
    while connection.recv(65_536):
        """The sender ends it."""


def say_the_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx")
    say_nothing(connection)


@pytest.mark.parametrize("talk", [say_nothing, say_the_headers])
def test_one_deadline_over_headers_and_body(talk: Callable[[socket.socket], None]) -> None:
    with talking(talk) as port:
        answer = tried(f"http://127.0.0.1:{port}/", deadline_seconds=0.3)
    assert (answer.status, answer.error) == (None, "deadline")
    assert 250 <= answer.duration_ms < 5_000


def test_an_endless_answer_is_cut() -> None:
    sent = 0

    def flood(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while sent < 100 * ANSWER_BYTES_MAX:
            connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            sent += 4096

    with talking(flood) as port:
        answer = tried(f"http://127.0.0.1:{port}/")
    assert (answer.status, answer.text) == (200, "x" * 200)
    assert sent < 100 * ANSWER_BYTES_MAX


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"220 mail.example ESMTP\r\n", "no-http-answer"),
        (b"", "no-http-answer"),
        (b"HTTP/1.1 200 OK\r\nx: " + b"x" * 200_000, "no-http-answer"),
    ],
)
def test_what_does_not_speak_http(said: bytes, error: str) -> None:
    with talking(lambda connection: connection.sendall(said)) as port:
        assert tried(f"http://127.0.0.1:{port}/").error == error


def test_a_receiver_that_speaks_no_tls(receiver: Receiver) -> None:
    port = receiver.address.rsplit(":", 1)[1]
    assert tried(f"https://127.0.0.1:{port}/").error == "tls-failed"


def certificate(folder: Path, name: str) -> Path:
    """A self-signed certificate for a name, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - dt.timedelta(days=1))
        .not_valid_after(NOW + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


@contextmanager
def tls_receiving(file: Path, names: list[str | None], got: list[Got]) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    context.sni_callback = lambda _socket, name, _context: names.append(name)

    def take(one: Got) -> tuple[int, dict[str, str], bytes]:
        got.append(one)
        return 200, {}, b"thanks"

    with ThreadingHTTPServer(("127.0.0.1", 0), handler(take)) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_over_tls_the_name_is_kept_for_sni_certificate_and_host(tmp_path: Path) -> None:
    file = certificate(tmp_path, "hooks.example")
    names: list[str | None] = []
    got: list[Got] = []
    trust = ssl.create_default_context(cafile=file)
    with tls_receiving(file, names, got) as port:
        answer = tried(f"https://hooks.example:{port}/", "127.0.0.1", trust=trust)
        assert (answer.status, answer.text) == (200, "thanks")
        assert names == ["hooks.example"]
        assert got[0].headers["host"] == f"hooks.example:{port}"
        assert tried(f"https://other.example:{port}/", "127.0.0.1", trust=trust).error == "tls-failed"
        assert tried(f"https://hooks.example:{port}/", "127.0.0.1").error == "tls-failed"


def test_the_deadline_is_the_designs() -> None:
    assert (sending.DEADLINE_SECONDS, ANSWER_BYTES_MAX) == (15, 65_536)
