"""The formats of a batch by media type: the same rows are the same rows in each."""

from __future__ import annotations

from services.metrics.ingestion.columnar import read_arrow, read_parquet
from services.metrics.ingestion.csv import read_csv
from services.metrics.ingestion.json import read_json, read_ndjson

CSV, NDJSON = "text/csv", "application/x-ndjson"
COLUMNAR = {
    "application/vnd.apache.parquet": read_parquet,
    "application/vnd.apache.arrow.stream": read_arrow,
    "application/vnd.apache.arrow.file": read_arrow,
}
READERS = {"application/json": read_json, NDJSON: read_ndjson, CSV: read_csv, **COLUMNAR}
MALFORMED = frozenset(
    {"malformed-csv", "malformed-json", "malformed-parquet", "malformed-arrow", "name-twice", "not-utf-8"}
)
"""Codes that say: the bytes are not what they claim to be."""
TOO_LARGE = frozenset({"too-much-text"})
