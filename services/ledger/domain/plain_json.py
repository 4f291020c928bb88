"""Whether bytes are canonical JSON (RFC 8785), quickly where nothing in them needs the reference implementation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from json import JSONDecoder, JSONEncoder, encoder
from typing import Any

EXACT_MAX = 2**53 - 1
ENCODER = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)


def made_once() -> Callable[[Any], str]:
    """`ENCODER.encode`, which makes the same C encoder anew for each value; where Python has none, that itself."""
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:
        return ENCODER.encode
    chunks = make(None, ENCODER.default, encoder.encode_basestring, None, ":", ",", True, False, False)  # noqa: FBT003
    return lambda value: "".join(chunks(value, 0))


encode = made_once()


@dataclass
class CanonicalReader:
    """Reads bodies one after the other. `canonical(value) -> bytes` is the reference; it may raise ValueError.

    The standard library writes the same as RFC 8785 but for fractions, large integers and keys beyond ASCII.
    """

    canonical: Callable[[Any], bytes]
    plain: bool = True
    decoder: JSONDecoder = field(init=False)

    def __post_init__(self) -> None:
        self.decoder = JSONDecoder(parse_float=self.fraction, parse_int=self.integer, parse_constant=self.constant)

    def read(self, raw: bytes) -> Any | None:
        """The value these bytes canonically stand for; None when they are not canonical."""
        self.plain = raw.isascii()
        try:
            text = raw.decode("utf-8")
            value, end = self.decoder.raw_decode(text)
            same = encode(value) == text if self.plain else self.canonical(value) == raw and end == len(text)
        except (ValueError, RecursionError):
            return None
        return value if same else None

    def fraction(self, text: str) -> float:
        self.plain = False
        return float(text)

    def integer(self, text: str) -> int:
        number = int(text)
        if not -EXACT_MAX <= number <= EXACT_MAX:
            self.plain = False
        return number

    def constant(self, text: str) -> float:
        raise ValueError(f"{text} is no JSON.")
