"""Asking an identity provider for its signing keys (OpenID Connect Discovery 1.0), with a bound on all it may do."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from shared.auth.hosts import of_this_network

DOCUMENT_BYTES_MAX = 262_144
"""Of the discovery document and of the key set, each; the largest known provider has some 20 KB."""
KEYS_MAX = 100
FETCH_SECONDS = 3.0
"""For both documents together, however slowly the provider sends them."""
FETCHES_AT_ONCE = 4
WELL_KNOWN = "/.well-known/openid-configuration"
RSA_BITS_MIN = 2_048

PublicKey = RSAKey | ECKey | OKPKey
fetchers = ThreadPoolExecutor(FETCHES_AT_ONCE, thread_name_prefix="issuer-keys")


class IssuerUnavailable(Exception):
    """The identity provider does not say, or not in time or not properly, with which keys it signs."""


def signing_keys(issuer: str, *, plain_http: bool) -> dict[str, PublicKey]:
    """The provider's keys for signatures, by key id. Raises IssuerUnavailable within FETCH_SECONDS.

    `plain_http`: also of a provider on this machine without TLS, for development and tests.
    """
    if not allowed(issuer, plain_http=plain_http):
        raise IssuerUnavailable(f"{issuer} is not asked: an issuer is an https address.")
    # A provider that sends a byte now and then keeps any timeout of the sockets; closing the client ends it.
    client = httpx.Client(timeout=FETCH_SECONDS, follow_redirects=False, trust_env=False)
    asked = fetchers.submit(ask, client, issuer, plain_http=plain_http)
    try:
        return asked.result(FETCH_SECONDS)
    except Late as error:
        raise IssuerUnavailable(f"{issuer} takes longer than {FETCH_SECONDS} s.") from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RuntimeError) as error:
        raise IssuerUnavailable(f"{issuer}: {error}") from error
    finally:
        asked.cancel()
        client.close()


def ask(client: httpx.Client, issuer: str, *, plain_http: bool) -> dict[str, PublicKey]:
    found = document(client, issuer.rstrip("/") + WELL_KNOWN)
    if found.get("issuer") != issuer:
        raise IssuerUnavailable(f"{issuer} says that it is {str(found.get('issuer'))[:200]!r}.")
    address = found.get("jwks_uri")
    if not isinstance(address, str) or not allowed(address, plain_http=plain_http):
        raise IssuerUnavailable(f"{issuer} names no https address for its keys.")
    keys = document(client, address).get("keys")
    if not isinstance(keys, list) or len(keys) > KEYS_MAX:
        raise IssuerUnavailable(f"{issuer} gives no list of at most {KEYS_MAX} keys.")
    return {kid: key for kid, key in map(usable, keys) if key is not None}


def document(client: httpx.Client, address: str) -> dict[str, Any]:
    """A JSON object. Raises ValueError or httpx.HTTPError."""
    until = time.monotonic() + FETCH_SECONDS
    raw = b""
    with client.stream("GET", address, headers={"Accept": "application/json", "Accept-Encoding": "identity"}) as answer:
        if answer.status_code != httpx.codes.OK or "content-encoding" in answer.headers:
            raise ValueError(f"{address} answers {answer.status_code}, not a plain document.")
        for chunk in answer.iter_raw():
            raw += chunk
            if len(raw) > DOCUMENT_BYTES_MAX or time.monotonic() > until:
                raise ValueError(f"{address} sends more than {DOCUMENT_BYTES_MAX} bytes, or too slowly.")
    try:
        found = json.loads(raw)
    except RecursionError as error:
        raise ValueError(f"{address} sends no sensible JSON.") from error
    if not isinstance(found, dict):
        raise ValueError(f"{address} sends no JSON object.")  # noqa: TRY004 - the provider's value, not our type
    return found


def usable(said: Any) -> tuple[str, PublicKey | None]:
    """A key id and its key; None for a key that is not for signatures, is secret or weak, or that we do not know."""
    if not isinstance(said, dict) or not isinstance(said.get("kid"), str) or said.get("use", "sig") != "sig":
        return "", None
    try:
        key = JWKRegistry.import_key({k: v for k, v in said.items() if k not in ("use", "key_ops")})
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return said["kid"], None
    if not isinstance(key, RSAKey | ECKey | OKPKey) or key.is_private:
        return said["kid"], None
    strong = not isinstance(key, RSAKey) or key.raw_value.key_size >= RSA_BITS_MIN
    return said["kid"], key if strong else None


def allowed(address: str, *, plain_http: bool) -> bool:
    """Whether an address is https and leads out of this network; with `plain_http`, https anywhere and http here."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    if parts.username or parts.password or parts.query or parts.fragment or not host:
        return False
    if parts.scheme == "https":
        return plain_http or not of_this_network(host)
    return plain_http and parts.scheme == "http" and loopback(host)


def loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
