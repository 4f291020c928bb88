"""Every row of a batch gets an outcome; what is taken is recorded once."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.metrics.domain.batch import BATCH, IngestBatch, JudgeBatch, Judgement, Mode, Outcome, ingest, judge
from services.metrics.domain.observation import Held
from services.metrics.domain.row import RowCheck, exact
from services.metrics.domain.sweep import plainly_good
from shared.domain import Invalid
from shared.events.metrics import BatchCounts, BatchIngested, Remark
from shared.events.observations import (
    ObservationRow,
    ObservationRows,
    RowNotTaken,
    decode_rest,
    decode_rows,
    encode_rest,
    encode_rows,
)
from shared.events.values import Attachment
from shared.testing.scenario import scenario
from tests.domain.metrics.example_terms import AT, FLIGHTS, ON_TIME, PERSON, A, C, flights, on_time

KPIS = {"on_time": ON_TIME, "flights": FLIGHTS}
SENT = flights()
CORRECTION = flights(value="116", supersedes="f-1", reason="Recount.")


def judged(*rows: ObservationRow, held: Any = None, mode: Mode = Mode.PARTIAL, side: Any = A) -> Judgement:
    return judge(JudgeBatch(side=side, rows=rows, kpis=KPIS, held=held or {}, mode=mode, at=AT))


def outcomes(*rows: ObservationRow, **given: Any) -> list[str]:
    judgement = judged(*rows, **given)
    return [
        judgement.rejections[index].code if outcome is Outcome.REJECTED else outcome.value
        for index, outcome in enumerate(judgement.outcomes)
    ]


def test_good_rows_are_accepted_as_sent() -> None:
    rows = (SENT, on_time(value="0.5478260869", dimensions=(("route", "EWR-ORD"),)), flights("f-2", value="1e-05"))
    assert judged(*rows).taken == rows
    assert outcomes(*rows) == ["accepted"] * 3


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        (flights(""), "observation_id", "bad-observation-id"),
        (flights("x" * 201), "observation_id", "bad-observation-id"),
        (flights("nul\0"), "observation_id", "bad-observation-id"),
        (flights("\ud800"), "observation_id", "bad-observation-id"),
        (flights(kpi="nothing"), "kpi", "unknown-kpi"),
        (flights(period="1 March"), "period", "bad-period"),
        (flights(period="2013-03"), "period", "wrong-frequency"),
        (flights(period="2013-06-03"), "period", "future-period"),
        (flights(value=""), "value", "missing"),
        (flights(value="1,5"), "value", "not-a-decimal"),
        (flights(value="NaN"), "value", "not-a-decimal"),
        (flights(value="1_000"), "value", "not-a-decimal"),
        (flights(value="1e31"), "value", "not-a-decimal"),
        (flights(value="1" * 41), "value", "not-a-decimal"),
        (flights(numerator="1"), "numerator", "not-a-ratio"),
        (flights(denominator="1"), "denominator", "not-a-ratio"),
        (on_time(numerator=""), "numerator", "missing"),
        (on_time(denominator="x"), "denominator", "not-a-decimal"),
        (on_time(denominator="0"), "denominator", "denominator-not-positive"),
        (on_time(value="0.546"), "value", "ratio-inconsistent"),
        (flights(dimensions=(("route", "EWR"),)), "dimensions", "undeclared-dimension"),
        (on_time(dimensions=(("route", "a\nb"),)), "dimensions/route", "bad-dimension"),
        (flights(occurred_at="2013-03-01T09:00:00"), "occurred_at", "bad-time"),
        (flights(occurred_at="soon"), "occurred_at", "bad-time"),
        (flights(occurred_at="2013-03-01\x0009:00:00+00:00"), "occurred_at", "bad-time"),
        (flights(occurred_at="2013-03-01\ud80009:00:00+00:00"), "occurred_at", "bad-time"),
        (flights(note="x" * 1001), "note", "bad-remark"),
        (flights(reason="nul\0"), "reason", "bad-remark"),
        (flights("f-9", supersedes="h-0", reason="r"), "supersedes", "unknown-observation"),
        (on_time("o-9", supersedes="h-1", reason="r"), "supersedes", "other-kpi"),
        (flights("h-1", value="116", supersedes="h-1"), "reason", "reason-missing"),
        (flights("f-9", supersedes="gone", reason="r"), "supersedes", "superseded-already"),
        (flights("h-1", value="116"), "observation_id", "conflict"),
    ],
)
def test_rejections(row: ObservationRow, field: str, code: str) -> None:
    held = {"h-1": Held((flights("h-1"),)), "gone": Held((flights("gone"),), superseded=True)}
    rejection = judged(on_time("first"), row, held=held).rejections[1]
    assert (rejection.pointer, rejection.code) == (f"/1/{field}", code)
    assert rejection.detail.endswith((".", ")."))
    rejection.detail.encode()


def test_only_its_reporters_report_a_kpi() -> None:
    assert outcomes(SENT, side=C) == ["not-a-reporter"]


def test_a_day_that_has_begun_somewhere_on_earth_is_not_in_the_future() -> None:
    assert outcomes(flights(period="2013-06-02")) == ["accepted"]


@pytest.mark.parametrize("value", ["0.547", "0.548", "0.5478", "0.5", "5.478e-1", "1"])
def test_a_ratio_agrees_to_the_digits_given_rounded_or_truncated(value: str) -> None:
    assert outcomes(on_time(value=value)) == ["accepted"]


def test_the_same_again_is_a_duplicate_however_often_and_however_written() -> None:
    held = {"f-1": Held((SENT, CORRECTION))}
    again = (SENT, SENT, flights(value="115.0"), CORRECTION, flights(value="116"), replace_note(SENT))
    for row in again:
        assert outcomes(row, held=held) == ["duplicate"]
    assert outcomes(SENT, SENT) == ["accepted", "duplicate"]


def replace_note(row: ObservationRow) -> ObservationRow:
    return row._replace(note="A remark may be erased, so it is no content.")


def test_a_duplicate_stays_one_when_its_kpi_is_gone() -> None:
    row = flights(kpi="retired")
    assert outcomes(row, held={"f-1": Held((row,))}) == ["duplicate"]


def test_corrections_keep_the_id_or_take_a_new_one() -> None:
    held = {"f-1": Held((SENT,))}
    anew = flights("f-2", value="116", supersedes="f-1", reason="Recount.")
    assert outcomes(CORRECTION, held=held) == ["corrected"]
    assert outcomes(anew, held=held) == ["corrected"]
    assert outcomes(SENT, anew) == ["accepted", "corrected"]
    assert outcomes(anew, anew._replace(observation_id="f-3"), held=held) == ["corrected", "superseded-already"]
    back = flights(value="115", supersedes="f-1", reason="It was right.")
    assert outcomes(back, held={"f-1": Held((SENT, CORRECTION))}) == ["corrected"]


def test_one_id_twice_with_other_content_is_a_conflict() -> None:
    assert outcomes(SENT, flights(value="9"), CORRECTION) == ["accepted", "conflict-in-batch", "conflict-in-batch"]


def test_an_atomic_batch_takes_all_or_nothing() -> None:
    bad = flights("f-2", value="x")
    assert judged(SENT, bad).taken == (SENT,)
    atomic = judged(SENT, bad, mode=Mode.ATOMIC)
    assert (atomic.outcomes, atomic.taken) == ([Outcome.WITHHELD, Outcome.REJECTED], ())
    assert atomic.counts == BatchCounts(accepted=0, corrected=0, duplicate=0, rejected=1, withheld=1)
    assert judged(SENT, mode=Mode.ATOMIC).taken == (SENT,)


def test_limits_of_a_batch() -> None:
    with pytest.raises(Invalid, match="no rows"):
        judged()
    with pytest.raises(Invalid, match="rows"):
        judged(*[SENT] * 100_001)
    with pytest.raises(Invalid, match="characters"):
        judged(*[flights(f"f-{n}", note="x" * 1000) for n in range(1001)])


ROWS, REST = (Attachment(digit * 64, 1, "application/json+gzip") for digit in "12")


def ingesting(judgement: Judgement) -> IngestBatch:
    return IngestBatch(by=PERSON, side=A, source="crm", judgement=judgement, rows=ROWS, rest=REST, at=AT)


def test_a_batch_is_one_event_and_remarks_travel_in_it() -> None:
    row = flights(note="Snow.")
    command = ingesting(judged(row, on_time(), on_time(), flights("x", value="x")))
    event = BatchIngested(
        side=A,
        source="crm",
        rows=ROWS,
        rest=REST,
        counts=BatchCounts(accepted=2, corrected=0, duplicate=1, rejected=1),
        kpis=("flights", "on_time"),
        remarks=(Remark("f-1", "Snow.", ""),),
    )
    scenario(BATCH).when(ingest, command).then(event)
    scenario(BATCH).given(event).when(ingest, command).then_refused("already-ingested")


def test_remarks_stay_out_of_what_is_stored() -> None:
    assert encode_rows([flights(note="Snow.", reason="Thaw.")]) == encode_rows([SENT])


def test_a_batch_of_which_nothing_is_taken_stays_on_record() -> None:
    scenario(BATCH).when(ingest, ingesting(judged(flights(value="x")))).then_includes(BatchIngested)


def test_what_became_of_the_rows_that_were_not_taken() -> None:
    rows = (SENT, SENT, flights("nul\0", value="x"))
    assert judged(*rows).not_taken(rows) == [
        RowNotTaken(1, "f-1", "duplicate"),
        RowNotTaken(
            2,
            "nul\\x00",
            "rejected",
            "/2/observation_id",
            "bad-observation-id",
            "The source's own id of a row has 1 to 200 printable characters.",
        ),
    ]


texts = st.text(max_size=8)
any_row = st.builds(
    ObservationRow,
    observation_id=st.sampled_from(["a", "b", "c", ""]),
    kpi=st.sampled_from(["flights", "on_time", "x"]),
    period=st.sampled_from(["2013-03-01", "2013-03-02", "2013-03"]) | texts,
    value=st.sampled_from(["0.5", "0.50", "1", "2"]) | texts,
    numerator=st.sampled_from(["", "1", "0.5"]),
    denominator=st.sampled_from(["", "1", "2", "0"]),
    dimensions=st.sampled_from([(), (("route", "x"),)]),
    occurred_at=st.just(""),
    supersedes=st.sampled_from(["", "", "a", "b"]),
    note=texts,
    reason=texts,
)


@for_all(st.lists(any_row, max_size=12))
def test_any_batch_sent_again_changes_nothing(rows: list[ObservationRow]) -> None:
    if not rows:
        return
    first = judged(*rows)
    assert len(first.outcomes) == len(rows)
    assert len({row.observation_id for row in first.taken}) == len(first.taken)
    superseded = {row.supersedes for row in first.taken}
    held = {row.observation_id: Held((row,), row.observation_id in superseded) for row in first.taken}
    # A correction sent before what it corrects is refused the first time and good the second.
    if not any(row.supersedes for row in rows):
        assert judged(*rows, held=held).taken == ()
    assert not first.taken or set(judged(*first.taken, held=held).outcomes) == {Outcome.DUPLICATE}
    stored = list(decode_rows(encode_rows(first.taken))) if first.taken else []
    assert [row.content for row in stored] == [row.content for row in first.taken]
    rest = first.not_taken(rows)
    assert not rest or decode_rest(encode_rest(rest)) == rest
    assert len(rest) + len(stored) == len(rows)


plain_row = st.builds(
    ObservationRow,
    observation_id=st.uuids().map(str),
    kpi=st.sampled_from(["flights", "on_time", "on_time", "x"]),
    period=st.sampled_from(["2013-03-01", "2013-03-02", "2013-03-02", "2013-03"]),
    value=st.from_regex(r"-?[0-9]{0,2}\.?-?[0-9]{0,2}", fullmatch=True) | st.sampled_from(["0.5", "٣", "1_0"]),
    numerator=st.sampled_from(["", "1", "1", "1.0"]),
    denominator=st.sampled_from(["", "2", "2", "0"]),
    dimensions=st.sampled_from([(), (("route", "x"),)]),
)


plain_count = plain_row.map(lambda row: row._replace(kpi="flights", numerator="", denominator="", dimensions=()))


@for_all(st.lists(plain_row, min_size=1, max_size=4) | st.lists(plain_count, min_size=1, max_size=4))
def test_what_columns_tell_is_what_rows_tell(rows: list[ObservationRow]) -> None:
    command = JudgeBatch(side=A, rows=rows, kpis=KPIS, held={}, at=AT)
    by_columns = judge(replace(command, rows=ObservationRows.of(rows)))
    by_rows = judge(command)
    assert (by_columns.outcomes, by_columns.rejections) == (by_rows.outcomes, by_rows.rejections)
    assert (list(by_columns.taken), by_columns.kpis) == (list(by_rows.taken), by_rows.kpis)


@pytest.mark.parametrize("row", [SENT, flights(value="-1.50"), on_time(), on_time(dimensions=(("route", "x"),))])
def test_an_ordinary_batch_is_told_by_columns(row: ObservationRow) -> None:
    rows = [row, row._replace(observation_id="another")]
    assert plainly_good(ObservationRows.of(rows), RowCheck(KPIS, A, AT))


@for_all(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20))
def test_a_decimal_written_out_is_that_decimal(number: Any) -> None:
    assert exact(f"{number:f}") == number
    assert exact(f" {number:f}") is None


def test_what_is_stored_can_be_read_without_us() -> None:
    route = on_time(dimensions=(("route", "EWR"),))
    assert gzip.decompress(encode_rows([SENT, route])) == (
        b"observation_id\tkpi\tperiod\tvalue\tnumerator\tdenominator\tdimensions\n"
        b"f-1\tflights\t2013-03-01\t115\t\t\t{}\n"
        b'o-1\ton_time\t2013-03-01\t0.548\t63\t115\t{"route":"EWR"}'
    )
    assert list(decode_rows(encode_rows([SENT, route]))) == [SENT, route]
