"""A batch by HTTP: what becomes of every row, in every format, however often and from however many it comes."""

from __future__ import annotations

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from shared.testing.api import Member
from tests.integration.metrics.road import (
    CSV,
    JSON,
    NDJSON,
    NOBODY,
    Joint,
    Rows,
    everything,
    outcomes,
    problem,
    row,
    size,
    status,
    system,
)

BAD = row("f-9", "flights", value="many")


@pytest.fixture
def flights(joint: Joint) -> Joint:
    """The alliance with its one KPI."""
    joint.agree(joint.terms("flights", dimensions=["route"]))
    return joint


def test_every_row_gets_an_outcome_and_the_batch_stays_on_record(flights: Joint) -> None:
    feed = system(flights.united, "metrics:push", alliances=[flights.id])
    batch = flights.push(feed, [row("f-1", "flights"), row("f-1", "flights"), BAD], source="ops-1")
    assert outcomes(batch) == ["accepted", "duplicate", "not-a-decimal"]
    assert batch["outcomes"][2] == {
        "row": 2,
        "observation_id": "f-9",
        "outcome": "rejected",
        "pointer": "/2/value",
        "code": "not-a-decimal",
        "detail": "'many' is no exact decimal (at most 40 characters, like -12.50).",
    }
    counts = {"accepted": 1, "corrected": 0, "duplicate": 1, "rejected": 1, "withheld": 0}
    kept = flights.express.get(flights.path(f"batches/{batch['id']}"))
    assert {**kept, "outcomes": batch["outcomes"]} == batch
    assert (kept["counts"], kept["rows"], kept["kpis"]) == (counts, 3, ["flights"])
    assert (kept["side"], kept["source"], kept["sent_by"]) == (flights.united.org, "ops-1", feed.person)
    assert flights.united.get(flights.path("batches"))["items"] == [kept]
    assert flights.express.get(kept["outcomes_path"])["items"] == batch["outcomes"]


def test_all_outcomes_are_listed_page_by_page(flights: Joint) -> None:
    flights.push(flights.united, [row(f"old-{n}", "flights") for n in range(3)])
    sent = [row(f"f-{n}", "flights") if n % 5 else row(f"old-{n % 3}", "flights") for n in range(1_200)]
    sent[7] = row("f-7", "flights", value="115.5", supersedes="old-1", reason="Recount.")
    sent[8] = {**BAD, "observation_id": "nul\0"}
    batch = flights.push(flights.united, sent)
    listed = everything(flights.express, batch["outcomes_path"], limit=150)
    assert [one["row"] for one in listed] == list(range(1_200))
    assert batch["outcomes"] == listed[:1_000]
    assert [listed[place]["outcome"] for place in (0, 1, 7, 8)] == ["duplicate", "accepted", "corrected", "rejected"]
    assert [listed[place]["observation_id"] for place in (0, 1, 7, 8)] == ["old-0", "f-1", "f-7", "nul\\x00"]
    for outcome, count in batch["counts"].items():
        chosen = everything(flights.united, batch["outcomes_path"], outcome=outcome, limit=100)
        assert chosen == [one for one in listed if one["outcome"] == outcome]
        assert len(chosen) == count


def test_sent_again_it_is_all_duplicates(flights: Joint) -> None:
    rows = [row(f"f-{n}", "flights", dimensions={"route": f"R{n}"}) for n in range(5)]
    flights.push(flights.united, rows)
    for _ in range(2):
        batch = flights.push(flights.united, rows)
        assert batch["counts"]["duplicate"] == 5
        assert everything(flights.united, batch["outcomes_path"]) == batch["outcomes"]
    assert flights.push(flights.express, rows)["counts"]["accepted"] == 5, "Ids are each side's own."


def test_one_id_with_other_content_is_a_conflict_and_a_correction_is_not(flights: Joint) -> None:
    flights.push(flights.united, [row("f-1", "flights"), row("f-2", "flights")])
    other = row("f-1", "flights", value="116")
    corrected = {**other, "supersedes": "f-1", "reason": "Recount."}
    anew = row("f-3", "flights", value="117", supersedes="f-2", reason="Recount.")
    assert outcomes(flights.push(flights.united, [other, corrected, anew])) == ["conflict", "corrected", "corrected"]
    again = flights.push(flights.united, [corrected, anew, row("f-2", "flights"), other])
    assert outcomes(again) == ["duplicate", "duplicate", "duplicate", "duplicate"]
    late = row("f-4", "flights", value="118", supersedes="f-2", reason="Again.")
    assert outcomes(flights.push(flights.united, [late])) == ["superseded-already"]


def test_an_atomic_batch_takes_all_or_nothing(flights: Joint) -> None:
    withheld = flights.push(flights.united, [row("f-1", "flights"), BAD], mode="atomic")
    assert outcomes(withheld) == ["withheld", "not-a-decimal"]
    assert withheld["counts"] == {"accepted": 0, "corrected": 0, "duplicate": 0, "rejected": 1, "withheld": 1}
    assert flights.united.get(flights.path("observations"))["items"] == []
    assert outcomes(flights.push(flights.united, [row("f-1", "flights")], mode="atomic")) == ["accepted"]


def test_the_same_rows_have_the_same_outcome_in_each_format(flights: Joint) -> None:
    rows: Rows = [
        row("f-1", "flights", value="0.10", note='a "b",\nc'),
        row("f-2", "flights", period="2013-W09"),
        row("f-3", "flights", value="1e400"),
        row("f-1", "flights", value="0.10"),
        row("f-4", "nothing", dimensions={"route": "x"}),
        row("f-5", "flights", dimensions={"route": "x"}),
    ]
    names = ["observation_id", "kpi", "period", "value", "note", "dimensions.route"]
    flat = [{**one, "dimensions.route": one.get("dimensions", {}).get("route", "")} for one in rows]
    table = "\r\n".join(",".join(quoted(one.get(name, "")) for name in names) for one in flat)
    formats = {
        JSON: json.dumps(rows).encode(),
        NDJSON: "\n".join(map(json.dumps, rows)).encode(),
        CSV: f"{','.join(names)}\r\n{table}".encode(),
    }
    told = [flights.send(flights.united, body, kind, below="observations/validate") for kind, body in formats.items()]
    assert [response.status_code for response in told] == [200] * 3
    assert told[0].json() == told[1].json() == told[2].json()
    expected = ["accepted", "wrong-frequency", "not-a-decimal", "duplicate", "unknown-kpi", "accepted"]
    assert outcomes(told[0].json()) == expected
    number = b'[{"observation_id": 7, "kpi": "flights", "period": "2013-03-01", "value": 0.10}]'
    flights.push(flights.united, number)
    held = flights.united.get(flights.path("observations"))["items"]
    assert [(one["observation_id"], one["value"]) for one in held] == [("7", "0.10")]


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def test_trying_out_writes_nothing(flights: Joint) -> None:
    before = size(flights.api, flights.id)
    tried = flights.send(flights.united, [row("f-1", "flights"), BAD], below="observations/validate").json()
    assert (tried["rows"], tried["counts"]["accepted"], outcomes(tried)) == (2, 1, ["accepted", "not-a-decimal"])
    assert size(flights.api, flights.id) == before
    assert outcomes(flights.push(flights.united, [row("f-1", "flights")])) == ["accepted"]


def test_a_repeated_request_is_answered_as_the_first(flights: Joint) -> None:
    def send(rows: Rows) -> Any:
        headers = flights.united.headers({"Idempotency-Key": "k-1"})
        return flights.api.client.post(flights.path("observations"), json=rows, headers=headers)

    first, second = send([row("f-1", "flights")]), send([row("f-1", "flights")])
    assert (second.json(), second.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert send([row("f-2", "flights")]).status_code == 422
    assert len(flights.united.get(flights.path("batches"))["items"]) == 1


def test_two_systems_of_a_side_at_once_take_each_row_once(flights: Joint) -> None:
    overlapping = [[row(f"f-{n}", "flights") for n in range(start, start + 400)] for start in (0, 100, 200, 300)]

    with ThreadPoolExecutor() as pool:
        counts = [one["counts"] for one in pool.map(partial(flights.push, flights.united), overlapping)]
    assert sum(one["accepted"] for one in counts) == 700
    assert sum(one["duplicate"] for one in counts) == 900
    held = everything(flights.united, flights.path("observations"))
    assert sorted(one["observation_id"] for one in held) == sorted(f"f-{n}" for n in range(700))


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b"[{]", JSON, (400, "", "")),
        (b'[{"kpi": 1, "kpi": 1}]', JSON, (400, "", "")),
        (b"[\xff]", JSON, (400, "", "")),
        (b'observation_id,kpi,period,value\n"a', CSV, (400, "", "")),
        (b"", JSON, (400, "", "")),
        (b"{}", JSON, (422, "", "not-an-array")),
        (b"[]", JSON, (422, "", "no-rows")),
        (b"\n\n", NDJSON, (422, "", "no-rows")),
        (b"", CSV, (422, "", "empty-file")),
        (b'[{"colour": 1}]', JSON, (422, "/0/colour", "unknown-field")),
        (b"observation_id,kpi,period,value,colour\n", CSV, (422, "/header/colour", "unknown-column")),
        (b"[" + b"{}," * 100_000 + b"{}]", JSON, (422, "", "too-many-rows")),
        (b"[]", "application/xml", (415, "", "")),
        (b"[]", "text/csv; charset=latin-1", (415, "", "")),
    ],
)
def test_what_is_no_batch(joint: Joint, body: bytes, kind: str, expected: tuple[int, str, str]) -> None:
    assert problem(joint.send(joint.united, body, kind)) == expected
    assert problem(joint.send(joint.united, body, kind, below="observations/validate")) == expected


def test_a_bomb_is_cut_off(joint: Joint) -> None:
    bomb = gzip.compress(b" " * (64 * 1024 * 1024 + 1))
    headers = joint.united.headers({"Content-Type": JSON, "Content-Encoding": "gzip"})
    assert joint.api.client.post(joint.path("observations"), content=bomb, headers=headers).status_code == 413


def test_a_batch_may_come_packed(flights: Joint) -> None:
    packed = gzip.compress(json.dumps([row("f-1", "flights")]).encode())
    headers = flights.united.headers({"Content-Type": JSON, "Content-Encoding": "gzip"})
    made = flights.api.client.post(flights.path("observations"), content=packed, headers=headers)
    assert outcomes(made.json()) == ["accepted"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"observation_id": "nul\0"}, "bad-observation-id"),
        ({"observation_id": "\ud800"}, "bad-observation-id"),
        ({"observation_id": "x\ty"}, "bad-observation-id"),
        ({"observation_id": "x" * 201}, "bad-observation-id"),
        ({"kpi": "\ud800\0"}, "unknown-kpi"),
        ({"period": "9999-12-31"}, "bad-period"),
        ({"period": "\0"}, "bad-period"),
        ({"value": "NaN"}, "not-a-decimal"),
        ({"value": "9" * 41}, "not-a-decimal"),
        ({"dimensions": {"route": "a\tb"}}, "bad-dimension"),
        ({"dimensions": {"\ud800": "x"}}, "undeclared-dimension"),
        ({"occurred_at": "2013-03-01\x0009:00:00+00:00"}, "bad-time"),
        ({"occurred_at": "2013-03-01\ud80009:00:00+00:00"}, "bad-time"),
        ({"note": "nul\0"}, "bad-remark"),
        ({"supersedes": "nul\0", "reason": "r"}, "unknown-observation"),
        ({"supersedes": "f-1", "reason": "r"}, "unknown-observation"),
    ],
)
def test_hostile_rows_are_rejected_and_told_of(flights: Joint, changes: dict[str, Any], code: str) -> None:
    batch = flights.push(flights.united, [{**row("f-1", "flights"), **changes}])
    assert outcomes(batch) == [code]
    assert flights.express.get(batch["outcomes_path"])["items"] == batch["outcomes"]


def test_texts_come_back_as_they_were_sent(flights: Joint) -> None:
    odd = row("\\N,;'\"é漢\\", "flights", value="-1.50", dimensions={"route": '\\t"{}'}, note="a\tb\n\\c\r\n")
    flights.push(flights.united, [odd, row("f-2", "flights", value="1E+5", occurred_at="2013-03-01T09:00:00+01:00")])
    first, second = flights.express.get(flights.path("observations"))["items"]
    assert {name: first[name] for name in odd} == odd
    assert (second["value"], second["occurred_at"]) == ("1E+5", "2013-03-01T09:00:00+01:00")


def test_who_may_and_who_may_not(flights: Joint, stranger: Member) -> None:
    rows = [row("f-1", "flights")]
    batch = flights.push(flights.united, rows)
    reading = [flights.path(below) for below in ("observations", "batches", f"batches/{batch['id']}")]
    reading.append(batch["outcomes_path"])
    reader = system(flights.united, "metrics:read")
    for path in reading:
        assert status(stranger, path) == 404
        assert status(reader, path) == 200
        assert status(system(flights.united, "metrics:push"), path) == 403
        assert flights.api.client.get(path).status_code == 401
    for below in ("observations", "observations/validate"):
        assert flights.send(stranger, rows, below=below).status_code == 404
        assert flights.send(reader, rows, below=below).status_code == 403
        elsewhere = system(flights.united, "metrics:push", alliances=[flights.united.org])
        assert flights.send(elsewhere, rows, below=below).status_code == 404
        own_ledger = f"/metrics/v1/alliances/{flights.united.org}/{below}"
        assert status(flights.united, own_ledger, "POST", rows) == 404
    assert status(flights.united, flights.path(f"batches/{NOBODY}")) == 404
    assert status(flights.united, flights.path(f"batches/{NOBODY}/outcomes")) == 404


def test_a_batch_is_shown_from_when_it_came(flights: Joint) -> None:
    batch = flights.push(flights.united, [row("f-1", "flights")])
    for path in (flights.path(f"batches/{batch['id']}"), batch["outcomes_path"]):
        assert status(flights.united, path, as_of="2013-06-03T14:59:59Z") == 404
        assert flights.united.get(path, as_of="2013-06-03T15:00:00Z") == flights.united.get(path)
    assert flights.united.get(flights.path("batches"), as_of="2013-06-03T14:59:59Z")["items"] == []
