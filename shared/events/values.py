"""Small values that events of several services carry."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in an ISO 4217 currency; written as `{"amount": "12.50", "currency": "EUR"}`."""

    amount: Decimal
    currency: str


class DurationUnit(StrEnum):
    BUSINESS_DAYS = "business_days"
    WORKING_HOURS = "working_hours"
    CALENDAR_DAYS = "calendar_days"
    ELAPSED_HOURS = "elapsed_hours"


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time that says its unit; a business day is a day of the calendar, not 24 working hours."""

    value: int
    unit: DurationUnit


@dataclass(frozen=True, slots=True)
class Signature:
    """Ed25519 (RFC 8032): the 32 bytes of the public key and the 64 of the signature, each in standard base64."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """Content stored once by its SHA-256 (lower-case hex), too large for an event."""

    sha256: str
    bytes: int
    media_type: str
