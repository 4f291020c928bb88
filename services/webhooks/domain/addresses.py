"""Where a webhook may go: public addresses alone, so that nobody makes us call what only we can reach (SSRF).

Whoever sends resolves the name once, judges every address it has, and connects to a judged address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from shared.addresses import Address, special_kind

URL_CHARACTERS_MAX = 2_048
NAME_CHARACTERS_MAX = 253
PORTS = {443, 8443}
PORT_MAX = 65_535
URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?]*)(?P<rest>[/?].*)?")
AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^\[\]:]*)(?::(?P<port>[0-9]*))?")
PLAIN = re.compile(r"[!$-;=?-\[\]_a-z~]+")
"""The characters of a URL (RFC 3986) without those that parsers differ on: no space, control, backslash or fragment."""
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
LOCAL_NAMES = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "home.arpa", "onion")


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a webhook may not go there: a stable code and a sentence."""

    code: str
    words: str


def objection_to_address(address: Address | str, *, development: bool = False) -> Objection | None:
    """What speaks against connecting to an address; None when it is public. `development` lets loopback pass."""
    try:
        judged = ip_address(address) if isinstance(address, str) else address
    except ValueError:
        return Objection("address-unusual", "This is no IP address in its usual spelling.")
    if isinstance(judged, IPv6Address) and judged.scope_id is not None:
        return Objection("address-link-local", f"{judged} is of one link; webhooks go to public addresses alone.")
    kind = special_kind(judged)
    if kind is None or (development and kind == "loopback"):
        return None
    return Objection(f"address-{kind}", f"{judged} is no public address ({kind.replace('-', ' ')}).")


def objection_to_url(url: str, *, development: bool = False) -> Objection | None:
    """What speaks against a URL as it is written; its name's addresses are judged when it is resolved.

    `development` lets http, loopback and any port pass.
    """
    found = URL.fullmatch(url)
    if found is None or len(url) > URL_CHARACTERS_MAX or not PLAIN.fullmatch(url):
        words = f"A URL is https://name/path in at most {URL_CHARACTERS_MAX} plain characters, without a fragment."
        return Objection("url-unusual", words)
    scheme = found["scheme"].lower()
    if scheme != "https" and not (development and scheme == "http"):
        return Objection("url-not-https", "A webhook goes over https.")
    if "@" in found["authority"]:
        return Objection("url-user-info", "A URL here names no user and no password; sign-in is by signature.")
    authority = AUTHORITY.fullmatch(found["authority"])
    if authority is None:
        return Objection("url-unusual", "A URL names one host and at most one port.")
    return objection_to_port(authority["port"], development=development) or objection_to_host(
        authority["host"], development=development
    )


def objection_to_port(port: str | None, *, development: bool) -> Objection | None:
    if port is None:
        return None
    number = int(port) if re.fullmatch(r"[1-9][0-9]{0,4}", port) else 0
    if number in PORTS or (development and 0 < number <= PORT_MAX):
        return None
    return Objection("url-port", f"A webhook goes to port {' or '.join(str(p) for p in sorted(PORTS))}.")


def objection_to_host(host: str, *, development: bool) -> Objection | None:
    if host.startswith("["):
        return objection_to_spelling(IPv6Address, host[1:-1].lower(), development=development)
    labels = host.lower().split(".")
    if NUMBER.fullmatch(labels[-1]):
        # So the URL standard tells an IPv4 address from a name: 127.1, 0x7f.0.0.1 and 2130706433 are all loopback.
        return objection_to_spelling(IPv4Address, host, development=development)
    if len(host) > NAME_CHARACTERS_MAX or not all(LABEL.fullmatch(label) for label in labels):
        return Objection("url-host", "The host is no name as DNS has them.")
    if development and labels[-1] == "localhost":
        return None
    if len(labels) == 1 or any(f".{host.lower()}".endswith(f".{name}") for name in LOCAL_NAMES):
        return Objection("url-local-name", f"{host} is a name of a local network; webhooks go to public ones alone.")
    return None


def objection_to_spelling(kind: type[IPv4Address | IPv6Address], text: str, *, development: bool) -> Objection | None:
    try:
        address = kind(text)
        usual = str(address) == text
    except ValueError:
        usual = False
    if not usual:
        return Objection("address-unusual", "An address is written in its usual spelling: 192.0.2.1 or [2001:db8::1].")
    return objection_to_address(address, development=development)
