"""Entries that say a time at which a mirror had seen the ledger without them.

Witnesses' cosignatures bound times too, but are made only when a ledger has grown. A mirror looks again and again: what
comes after a look was not there at that look, however quiet the ledger was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from services.ledger.domain.vouched import CLOCKS_SECONDS_MAX, LATE_SECONDS_MAX
from shared.log.entry import decode_entry

TOLERANCE = timedelta(seconds=LATE_SECONDS_MAX + CLOCKS_SECONDS_MAX)
"""An entry may wait a day to be signed, and clocks differ by ten minutes, before its time looks made up."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BackDated:
    """The first such entry, how many there are, and the look that did not show them."""

    seq: int
    recorded_us: int
    looked_at: datetime
    count: int = 1

    @classmethod
    def among(
        cls, new: Mapping[int, bytes], looked_at: datetime | None, before: BackDated | None = None
    ) -> BackDated | None:
        """Of the entries by seq that came after the look; `before`: those that were found already."""
        if looked_at is None:
            return before
        earliest_us = (looked_at - TOLERANCE - EPOCH) // timedelta(microseconds=1)
        found = before
        for seq, entry in new.items():
            recorded_us = decode_entry(entry).recorded_us
            if recorded_us < earliest_us:
                found = replace(found, count=found.count + 1) if found else cls(seq, recorded_us, looked_at)
        return found

    @property
    def words(self) -> str:
        said = EPOCH + timedelta(microseconds=self.recorded_us)
        more = f", and {self.count - 1:,} more like it" if self.count > 1 else ""
        return (
            f"Entry {self.seq:,} says that it was recorded on {said:%Y-%m-%d at %H:%M} UTC{more}; this mirror looked on"
            f" {self.looked_at:%Y-%m-%d at %H:%M}, and it was not there."
        )
