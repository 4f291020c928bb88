"""Uploads of any size: cut, killed and taken up again, with every row there once and the server's memory flat."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.testing.api import Member
from tests.integration.metrics.road import Joint, ally, everything, problem, system
from tests.integration.metrics.uploading import OCTETS, Line, Wide, send_all
from tests.integration.processes.program import Server, serving

MIB = 1024 * 1024
PEAK_MIB_MAX = 400
PARQUET, ARROW = "application/vnd.apache.parquet", "application/vnd.apache.arrow.stream"


def opened(joint: Joint, media_type: str = "text/csv") -> str:
    joint.agree(joint.terms("flights", dimensions=["route", "fleet", "region"]))
    upload = joint.united.post(joint.path("uploads"), {"media_type": media_type})
    return joint.path(f"uploads/{upload['id']}")


def test_a_line_cut_five_times(joint: Joint) -> None:
    file, path = Wide(rows=600, filler=100, part_rows=60), opened(joint)
    line = Line(str(joint.api.client.base_url), system(joint.united, "metrics:push"), path)
    assert send_all(line, file, cuts=frozenset({1, 3, 4, 6, 8})) == file.size
    upload = joint.united.get(path)
    assert (upload["status"], upload["rows_taken"], upload["offset_bytes"]) == ("completed", 600, file.size)
    held = everything(joint.united, joint.path("observations"))
    assert sorted(one["observation_id"] for one in held) == [f"{n:010}" + "x" * 100 for n in range(600)]


def written(rows: list[dict[str, str]], media_type: str) -> bytes:
    table, sink = pa.Table.from_pylist(rows), pa.BufferOutputStream()
    if media_type == PARQUET:
        pq.write_table(table, sink, compression="zstd")
    else:
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


@pytest.mark.parametrize("media_type", [PARQUET, ARROW])
def test_a_dataset_comes_file_by_file(joint: Joint, media_type: str) -> None:
    path = opened(joint, media_type)
    rows = [
        {
            "observation_id": f"f-{n}",
            "kpi": "flights",
            "period": f"2013-03-{n % 28 + 1:02}",
            "value": f"{n}.10",
            "dimensions.route": f"R{n % 3}",
        }
        for n in range(90)
    ]
    files = [written(rows[start : start + 30], media_type) for start in (0, 30, 60)]
    headers = joint.united.headers({"Content-Type": OCTETS})

    def send(content: bytes, offset: int, **more: Any) -> Any:
        query = {"offset": offset, **more}
        return joint.api.client.post(f"{path}/parts", content=content, params=query, headers=headers)

    assert send(files[0][:-20], 0).status_code == 400, "Half a file is none."
    at = 0
    for place, content in enumerate(files):
        answer = send(content, at, last=place == 2)
        assert answer.status_code == 200, answer.text
        at += len(content)
        assert (answer.json()["offset_bytes"], answer.json()["counts"]["accepted"]) == (at, 30)
        assert problem(send(content, 0))[2] == ("upload-completed" if place == 2 else "wrong-offset")
    assert answer.json()["status"] == "completed"
    held = everything(joint.united, joint.path("observations"))
    assert {(one["observation_id"], one["value"], one["dimensions"]["route"]) for one in held} == {
        (one["observation_id"], one["value"], one["dimensions.route"]) for one in rows
    }


def peak_mib(server: Server) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) // 1024


def begun(server: Server) -> tuple[Member, str, str]:
    """An alliance of its own on this server: a system that may send, the upload's path, and the alliance."""
    united, express = server.api.organisation("United"), server.api.organisation("ExpressJet")
    joint = Joint(server.api, ally(server.api, united, express), united, express)
    return system(united, "metrics:push"), opened(joint), joint.id


def refuse_loss(url: str, alliance: str, file: Wide) -> None:
    """Every row is there, once, as it was sent."""
    asked = (
        "SELECT count(*), count(DISTINCT observation_id), min(observation_id), max(observation_id),"
        " sum(value::numeric) FROM metrics.observations WHERE ledger_id = %s"
    )
    with psycopg.connect(url) as connection:
        found = connection.execute(asked, (alliance,)).fetchone()
    more = "x" * file.filler
    total = sum(n % 1_000 + 0.5 for n in range(file.rows))
    assert found == (file.rows, file.rows, f"{0:010}{more}", f"{file.rows - 1:010}{more}", total)


@pytest.mark.faults
def test_two_gigabytes_cut_five_times_and_killed_twice(url: str) -> None:
    file, peaks = Wide(rows=3_000_000, filler=170, part_rows=21_000), []
    assert file.size > 2 * 1024 * MIB
    third = file.size // 3
    with serving(url) as server:
        sender, path, alliance = begun(server)
        line = Line(str(server.client.base_url), sender, path)
        offset = send_all(line, file, until=third, cuts=frozenset({3, 9}))
        kill_in_the_middle(server, line, offset, file)
    for until, cuts in ((2 * third, frozenset({2, 5})), (None, frozenset({4}))):
        with serving(url) as server:
            line = Line(str(server.client.base_url), sender, path)
            assert line.offset() == offset
            offset = send_all(line, file, until=until, cuts=cuts)
            peaks.append(peak_mib(server))
            if until is not None:
                kill_in_the_middle(server, line, offset, file)
    assert offset == file.size
    refuse_loss(url, alliance, file)
    print(f"{file.size:,} bytes in {file.rows:,} rows; peaks of the servers: {peaks} MiB")  # noqa: T201
    assert max(peaks) < PEAK_MIB_MAX


def kill_in_the_middle(server: Server, line: Line, offset: int, file: Wide) -> None:
    """Kill the server while it waits for the second half of a part."""
    body, connection = file.part(offset), line.opened()
    line.begin(connection, f"{line.path}/parts?offset={offset}", len(body))
    connection.send(body[: len(body) // 2])
    server.kill()
    connection.close()


@pytest.mark.faults
def test_ten_million_rows_in_flat_memory(url: str) -> None:
    file = Wide(rows=10_000_000, filler=0, part_rows=100_000)
    with serving(url) as server:
        sender, path, alliance = begun(server)
        line = Line(str(server.client.base_url), sender, path)
        send_all(line, file, until=file.size // 10)
        early = peak_mib(server)
        assert send_all(line, file) == file.size
        peak = peak_mib(server)
    refuse_loss(url, alliance, file)
    print(f"{file.rows:,} rows; peak {early} MiB after a tenth of them, {peak} MiB after all")  # noqa: T201
    assert peak < PEAK_MIB_MAX
