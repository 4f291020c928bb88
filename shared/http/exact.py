"""Reading JSON exactly: what RFC 8259 allows, minus all that two programs may understand differently."""

from __future__ import annotations

import json
import math
import re
import zlib
from typing import Any

from shared.http.problems import Problem, problem

DEPTH_MAX = 64
QUOTE, BACKSLASH = b'"\\'
SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


def malformed(detail: str) -> Problem:
    return problem("malformed", detail)


def parse(raw: bytes) -> Any:
    """The value of a JSON text; a number without a fraction (`3.0`) is an integer.

    Refused as malformed: duplicate keys, NaN, Infinity, numbers beyond a double, NUL, lone surrogates, depth beyond 64,
    anything but UTF-8.
    """
    refuse_depth(raw)
    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=unique, parse_float=number, parse_constant=not_a_number
        )
    except UnicodeDecodeError as error:
        raise malformed(f"The body is not UTF-8 (byte {error.start}).") from error
    except RecursionError as error:
        raise malformed(f"The body is nested deeper than {DEPTH_MAX}.") from error
    except ValueError as error:
        raise malformed(f"The body is not JSON: {error}.") from error
    if b"\\u0000" in raw:
        refuse_nul(value)
    if SURROGATE_ESCAPE.search(raw):
        refuse_lone_surrogates(value)
    return value


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise malformed(f"The key {json.dumps(twice)} stands twice in one object.")
    return found


def number(text: str) -> int | float:
    value = float(text)
    if not math.isfinite(value):
        raise malformed(f"The number {text[:40]} is beyond what a double holds.")
    return int(value) if value.is_integer() and abs(value) <= 2**53 else value


def not_a_number(name: str) -> Any:
    raise malformed(f"{name} is not JSON.")


def refuse_depth(raw: bytes) -> None:
    if raw.count(b"[") + raw.count(b"{") <= DEPTH_MAX:
        return
    depth, text, escaped = 0, False, False
    for byte in raw:
        if text:
            text = escaped or byte != QUOTE
            escaped = not escaped and byte == BACKSLASH
        elif byte == QUOTE:
            text = True
        elif byte in b"[{":
            depth += 1
            if depth > DEPTH_MAX:
                raise malformed(f"The body is nested deeper than {DEPTH_MAX}.")
        elif byte in b"]}":
            depth -= 1


def refuse_nul(value: Any) -> None:
    if any("\x00" in text for text in texts(value)):
        raise malformed("A text holds the character NUL.")


def refuse_lone_surrogates(value: Any) -> None:
    for text in texts(value):
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise malformed("A text holds a lone surrogate.") from error


def texts(value: Any) -> list[str]:
    """Every text in a JSON value, keys included."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [t for k, v in value.items() for t in (k, *texts(v))]
    if isinstance(value, list):
        return [t for v in value for t in texts(v)]
    return []


def decompressed(raw: bytes, encoding: str, limit: int) -> bytes:
    """The body after `Content-Encoding`, never unpacking more than `limit` bytes (a bomb is cut off)."""
    if encoding in ("", "identity"):
        return raw
    if encoding == "zstd":
        return unpacked_zstd(raw, limit)
    if encoding not in ("gzip", "deflate"):
        raise problem(
            "unsupported-media-type", f"Content-Encoding {encoding!r} is not taken here: gzip, deflate, zstd or none."
        )
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        unpacked = unpacker.decompress(raw, limit + 1)
    except zlib.error as error:
        raise malformed(f"The body is not {encoding}.") from error
    if len(unpacked) > limit:
        raise too_large(limit)
    if not unpacker.eof or unpacker.unused_data:
        raise malformed(f"The {encoding} body is cut off, or followed by something else.")
    return unpacked


def unpacked_zstd(raw: bytes, limit: int) -> bytes:
    # Imported when it is needed: it takes a second, and most processes never see a zstd body.
    import pyarrow as pa  # noqa: PLC0415

    try:
        with pa.input_stream(pa.BufferReader(raw), compression="zstd") as source:
            unpacked: bytes = source.read(limit + 1)
    except (pa.ArrowException, OSError) as error:
        raise malformed("The body is not zstd, or it is cut off.") from error
    if len(unpacked) > limit:
        raise too_large(limit)
    return unpacked


def too_large(limit: int) -> Problem:
    return problem("too-large", f"The body may have {limit:,} bytes here, after decompression.")
