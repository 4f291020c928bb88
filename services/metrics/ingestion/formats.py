"""The formats of a batch by media type: the same rows are the same rows in each."""

from __future__ import annotations

from services.metrics.ingestion.csv import read_csv
from services.metrics.ingestion.json import read_json, read_ndjson

READERS = {"application/json": read_json, "application/x-ndjson": read_ndjson, "text/csv": read_csv}
MALFORMED = frozenset({"malformed-csv", "malformed-json", "name-twice", "not-utf-8"})
"""Codes that say: the bytes are not what they claim to be."""
