"""Every class of address and every spelling of a URL that a webhook must not go to."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.webhooks.domain.addresses import objection_to_address, objection_to_url
from tests.domain.shared.addresses import PUBLIC, SPECIAL


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in SPECIAL.items() for text in texts])
def test_special_addresses_are_refused_by_class(kind: str, text: str) -> None:
    objection = objection_to_address(text)
    assert objection is not None
    assert objection.code == f"address-{kind}"


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_and_the_neighbours_of_special_ones_pass(text: str) -> None:
    assert objection_to_address(text) is None
    host = f"[{text}]" if ":" in text else text
    assert objection_to_url(f"https://{host}/hook") is None


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "0177.0.0.1", "2130706433", "8.8.8.8 ", "08.8.8.8", "[::1]"]
)
def test_an_address_is_spelt_as_usual(text: str) -> None:
    objection = objection_to_address(text)
    assert objection is not None
    assert objection.code == "address-unusual"


def test_development_lets_loopback_pass_and_nothing_else() -> None:
    for kind, texts in SPECIAL.items():
        for text in texts:
            assert (objection_to_address(text, development=True) is None) == (kind == "loopback"), text


@pytest.mark.parametrize(
    "url",
    [
        "https://partner.example.com",
        "https://partner.example.com/hooks/7?x=%20&y=[1]",
        "HTTPS://Partner.Example.Com/",
        "https://xn--mnchen-3ya.example/",
        "https://partner.example.com:443/",
        "https://partner.example.com:8443/",
        "https://8.8.8.8/",
        "https://[2600::1]:8443/",
        "https://partner.example.com?x=a@b",
        "https://0x7f.example.com/",
        "https://notlocalhost.example.com/",
        "https://mylocal.com/",
    ],
)
def test_urls_that_pass(url: str) -> None:
    assert objection_to_url(url) is None


WRONG = {
    "url-not-https": ["http://partner.example.com/", "ftp://partner.example.com/", "file://partner.example.com/x"],
    "url-unusual": [
        *(
            "",
            "partner.example.com",
            "https:/partner.example.com",
            "https:partner.example.com",
            "//partner.example.com",
        ),
        *("https://partner.example.com/#x", "https://partner.example.com\\@10.0.0.1/", "https://a b.example.com/"),
        *("https://partner.example.com/\n", " https://partner.example.com/", "https://partner.example.com/\x00"),
        *("https://pärtner.example.com/", "https://①②⑦.⓪.⓪.①/", "https://partner。example.com/"),
        *("https://[::1/", "https://::1/", "https://a:1:2/", "https://[::1]x/", "https://partner.example.com\t/"),
        "https://partner.example.com/" + "x" * 2_048,
    ],
    "url-user-info": ["https://me@partner.example.com/", "https://me:pw@partner.example.com/", "https://@8.8.8.8/"],
    "url-port": [
        *("https://partner.example.com:80/", "https://partner.example.com:22/", "https://partner.example.com:/"),
        *("https://partner.example.com:0443/", "https://partner.example.com:99999/", "https://partner.example.com:0/"),
        *("https://8.8.8.8:6379/", "https://[2600::1]:5432/"),
    ],
    "url-host": [
        *("https:///x", "https://./", "https://a..b/", "https://partner.example.com./", "https://-a.example.com/"),
        *(
            "https://a_b.example.com/",
            "https://%31%32%37.0.0.1.example/",
            "https://8.8.8.8./",
            "https://*.example.com/",
        ),
        *(f"https://{'a' * 64}.example/", f"https://{'a.' * 130}example/"),
    ],
    "url-local-name": [
        *("https://localhost/", "https://LOCALHOST/", "https://a.localhost/", "https://printer.local/"),
        *("https://metadata.google.internal/", "https://router.home.arpa/", "https://intranet/", "https://x.onion/"),
    ],
    "address-unusual": [
        *("https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0177.0.0.1/"),
        *("https://8.8.8/", "https://08.8.8.8/", "https://8.8.8.0x8/", "https://1.2.3.4.5/", "https://256.1.1.1/"),
        *("https://0x/", "https://a.0X7F/", "https://[2600:0::1]/", "https://[2600:0:0:0:0:0:0:1]/", "https://[]/"),
        *("https://[8.8.8.8]/", "https://[v1.x]/"),
    ],
    "address-link-local": ["https://169.254.1.1/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/"],
    "address-ipv4-in-ipv6": ["https://[::8]/", "https://[::1:0]/"],
    "address-loopback": ["https://127.0.0.1/", "https://[::1]/"],
    "address-metadata": ["https://169.254.169.254/latest/meta-data/"],
    "address-private": ["https://10.0.0.1/", "https://[FD00::1]/"],
}


@pytest.mark.parametrize(("code", "url"), [(code, url) for code, urls in WRONG.items() for url in urls])
def test_urls_that_are_refused(code: str, url: str) -> None:
    objection = objection_to_url(url)
    assert objection is not None
    assert objection.code == code


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:9000/x",
        "http://a.localhost/",
        "http://127.0.0.1:9000/",
        "https://[::1]:9000/",
        "http://x.example.com:80/",
    ],
)
def test_development_lets_http_loopback_and_any_port_pass(url: str) -> None:
    assert objection_to_url(url, development=True) is None
    assert objection_to_url(url) is not None


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/",
        "ftp://localhost/",
        "http://me@localhost/",
        "http://localhost:0/",
        "http://localhost:70000/",
        "http://db/",
    ],
)
def test_development_lets_nothing_else_pass(url: str) -> None:
    assert objection_to_url(url, development=True) is not None


@given(st.text(max_size=80))
def test_any_text_gets_an_answer(text: str) -> None:
    for url in (text, f"https://{text}", f"https://[{text}]/", f"https://a:{text}/"):
        objection = objection_to_url(url)
        assert objection is None or objection.words.endswith(".")


@given(st.ip_addresses())
def test_a_url_with_an_address_is_judged_as_the_address(address: IPv4Address | IPv6Address) -> None:
    host = f"[{address}]" if isinstance(ip_address(address), IPv6Address) else str(address)
    assert objection_to_url(f"https://{host}/") == objection_to_address(address)
