"""The same rows pushed in each format: the same answer, and the same values in store."""

from __future__ import annotations

from typing import Any

from services.metrics.domain.observation import DIMENSION_CHARACTERS_MAX, REMARK_CHARACTERS_MAX
from shared.events.observations import ObservationRow
from shared.testing.api import Api, Member
from tests.domain.metrics.test_formats import written
from tests.integration.metrics.road import Joint, ally, everything

OF_THE_PUSH = {"batch_id", "seq", "recorded_at", "kpi_id"}
"""What differs from one alliance to the next."""
LONG = "é\u0301" * (DIMENSION_CHARACTERS_MAX // 2)
ROWS = [
    ObservationRow("digits", "flights", "2012-02-29", "123456789012345678.901234567890"),
    ObservationRow("zero", "flights", "2013-03-02", "-0.000"),
    ObservationRow("small", "flights", "2013-03-03", "1e-7"),
    ObservationRow("long", "flights", "2013-03-04", "7", dimensions=(("route", LONG),)),
    ObservationRow("note", "flights", "2013-03-05", "8", note='"é\u0301", \r\n\t' + "n" * (REMARK_CHARACTERS_MAX - 9)),
    ObservationRow("week", "visits", "2009-W53", "5"),
    ObservationRow("quarter", "deals", "2012-Q4", "3.50"),
    ObservationRow("zero", "flights", "2013-03-02", "-0.000"),
    ObservationRow("no-day", "flights", "2013-02-29", "1"),
    ObservationRow("no-week", "visits", "2010-W53", "1"),
    ObservationRow("too-long", "flights", "2013-03-06", "9", dimensions=(("route", LONG + "!"),)),
    ObservationRow("no-number", "flights", "2013-03-07", "NaN"),
]


def test_every_format_is_stored_the_same(api: Api, united: Member, express: Member) -> None:
    seen = {
        kind: pushed(Joint(api, ally(api, united, express), united, express), kind, c)
        for kind, c in written(ROWS).items()
    }
    answer, stored = seen["application/json"]
    assert [one["outcome"] for one in answer] == ["accepted"] * 7 + ["duplicate"] + ["rejected"] * 4
    assert {one["observation_id"]: one["value"] for one in stored} == {  # as they were written
        "digits": "123456789012345678.901234567890",
        "zero": "-0.000",
        "small": "1e-7",
        "long": "7",
        "note": "8",
        "week": "5",
        "quarter": "3.50",
    }
    for kind, one in seen.items():
        assert one == (answer, stored), kind


def pushed(joint: Joint, kind: str, content: bytes) -> tuple[Any, Any]:
    """The outcomes of the rows, and the observations that are held then."""
    for key, frequency in {"flights": "day", "visits": "week", "deals": "quarter"}.items():
        joint.agree(joint.terms(key, frequency=frequency, dimensions=["route"]))
    batch = joint.push(joint.united, content, kind)
    held = everything(joint.united, joint.path("observations"))
    return batch["outcomes"], [{n: v for n, v in one.items() if n not in OF_THE_PUSH} for one in held]
