"""What a careless or a hostile sender may put on the wire: always a 4xx with a problem document, never a 5xx."""

from __future__ import annotations

import gzip
import socket
import zlib
from urllib.parse import urlsplit

import pytest

from shared.ids import uuid7
from shared.testing.api import Api, Member

PEOPLE = "/directory/v1/people"
JSON = {"Content-Type": "application/json"}
VALID = b'{"name":"A","email":"a@b.example","roles":["member"]}'


@pytest.fixture(scope="module")
def member(api: Api) -> Member:
    return api.organisation("Target")


def named(value: bytes) -> bytes:
    return VALID.replace(b'"A"', value)


BODIES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 422),
    "not JSON": (b"name=A", 400),
    "cut off": (VALID[:-1], 400),
    "two values": (VALID + VALID, 400),
    "NaN": (named(b"NaN"), 400),
    "Infinity": (named(b"-Infinity"), 400),
    "beyond a double": (named(b"1e400"), 400),
    "an integer of 5,000 digits": (named(b"9" * 5_000), 400),
    "NUL": (named(b'"a\\u0000b"'), 400),
    "raw control character": (named(b'"a\x01b"'), 400),
    "lone surrogate": (named(b'"\\ud800"'), 400),
    "lone surrogate in a key": (VALID.replace(b'"name"', b'"\\udfff"'), 400),
    "duplicate key": (VALID[:-1] + b',"name":"B"}', 400),
    "duplicate key, written differently": (VALID[:-1] + b',"n\\u0061me":"B"}', 400),
    "depth 65": (named(b"[" * 65 + b"]" * 65), 400),
    "depth 100,000": (b"[" * 100_000, 400),
    "not UTF-8": (named(b'"\xff\xfe"'), 400),
    "overlong UTF-8": (named(b'"\xc0\xaf"'), 400),
    "byte order mark": (b"\xef\xbb\xbf" + VALID, 400),
    "UTF-16": (VALID.decode().encode("utf-16"), 400),
    "an array": (b"[]", 422),
    "null": (b"null", 422),
    "a number for a text": (named(b"3"), 422),
    "true for a text": (named(b"true"), 422),
    "an unknown field": (VALID[:-1] + b',"admin":true}', 422),
    "a prototype": (VALID[:-1] + b',"__proto__":{}}', 422),
    "white space": (named(b'"   "'), 422),
    "too long": (named(b'"' + b"a" * 201 + b'"'), 422),
    "an unknown role": (VALID.replace(b"member", b"root"), 422),
    "2 MB": (named(b'"' + b"a" * 2_000_000 + b'"'), 413),
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies(api: Api, member: Member, name: str) -> None:
    body, status = BODIES[name]
    response = api.client.post(PEOPLE, content=body, headers=member.headers(JSON))
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in response.text


@pytest.mark.parametrize(
    "name", ["'; DROP TABLE people; --", "<script>alert(1)</script>", "𝔘𝔫𝔦", "a" * 200, "İ", "{0.__class__}"]
)
def test_strange_texts_are_only_texts(member: Member, name: str) -> None:
    made = member.post(PEOPLE, {"name": name, "email": f"{uuid7()}@b.example", "roles": ["member"]})
    assert member.get(f"{PEOPLE}/{made['id']}")["name"] == name


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/xml"}, 415),
        ({}, 415),
        ({"Content-Type": "application/json; charset=latin-1"}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "br"}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, 400),
    ],
)
def test_media_types(api: Api, member: Member, headers: dict[str, str], status: int) -> None:
    response = api.client.post(PEOPLE, content=VALID, headers=member.headers(headers))
    assert response.status_code == status, response.text


def test_compressed_bodies_are_taken_and_bombs_are_not(api: Api, member: Member) -> None:
    headers = member.headers({**JSON, "Content-Encoding": "gzip"})
    assert (
        api.client.post(PEOPLE, content=gzip.compress(VALID.replace(b"a@b", b"gzip@b")), headers=headers).status_code
        == 201
    )
    bomb = gzip.compress(b"[" + b" " * 50_000_000 + b"]")
    assert len(bomb) < 60_000
    assert api.client.post(PEOPLE, content=bomb, headers=headers).status_code == 413
    cut = gzip.compress(VALID)[:-4]
    assert api.client.post(PEOPLE, content=cut, headers=headers).status_code == 400
    deflated = member.headers({**JSON, "Content-Encoding": "deflate"})
    assert (
        api.client.post(PEOPLE, content=zlib.compress(VALID.replace(b"a@b", b"zlib@b")), headers=deflated).status_code
        == 201
    )


@pytest.mark.parametrize(
    "path",
    [
        f"{PEOPLE}/not-an-id",
        f"{PEOPLE}/%00",
        f"{PEOPLE}/..%2f..%2fetc",
        f"{PEOPLE}/0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d",
        f"{PEOPLE}?limit=0",
        f"{PEOPLE}?limit=201",
        f"{PEOPLE}?limit=1e2",
        f"{PEOPLE}?limit=9999999999999999999999",
        f"{PEOPLE}?limit=%F0%9F%92%A9",
        f"{PEOPLE}?cursor=%00",
        f"{PEOPLE}?cursor=%ff",
        f"{PEOPLE}?as_of=99999999999999999999999",
        f"{PEOPLE}?as_of=9999-12-31T23:59:59%2B14:00",
        f"{PEOPLE}?as_of=0001-01-01T00:00:00%2B14:00",
    ],
)
def test_paths_and_queries(api: Api, member: Member, path: str) -> None:
    response = api.client.get(path, headers=member.headers())
    assert 400 <= response.status_code < 500 or (response.status_code == 200 and "as_of" in path), response.text


@pytest.mark.parametrize("name", ["Authorization", "If-Match", "Idempotency-Key", "Concord-Wait-For", "traceparent"])
@pytest.mark.parametrize("value", [b"\xff\xfe", b"x" * 5_000, b"%00", b'"; DROP TABLE'])
def test_headers(api: Api, member: Member, name: str, value: bytes) -> None:
    headers = [(k.encode(), v.encode()) for k, v in member.headers(JSON).items() if k != name] + [
        (name.encode(), value)
    ]
    response = api.client.request("PUT", f"{PEOPLE}/{member.person}", content=VALID, headers=headers)
    assert 400 <= response.status_code < 500, response.text
    response = api.client.post(PEOPLE, content=VALID, headers=headers)
    assert response.status_code < 500, response.text


def test_a_body_that_never_ends_is_cut_off(api: Api, member: Member) -> None:
    """Chunked, without a length: refused once it is over the limit, not read to its end."""
    address = urlsplit(str(api.client.base_url))
    with socket.create_connection((address.hostname, address.port), timeout=20) as wire:
        head = f"POST {PEOPLE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {member.token}\r\n"
        wire.sendall((head + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n").encode())
        answer, chunk = b"", b"10000\r\n" + b" " * 65_536 + b"\r\n"
        try:
            for _ in range(100):
                wire.sendall(chunk)
        except OSError:
            pass
        answer = wire.recv(65_536)
    assert b" 413 " in answer.split(b"\r\n", 1)[0]
