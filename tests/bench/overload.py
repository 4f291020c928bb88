"""Batches at three times the capacity: those accepted take not much longer, and each of their rows is there."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any
from uuid import uuid4

import psycopg

from services.metrics.api.turn import INGESTION
from shared.testing.api import Api
from tests.bench.alliance import alliance
from tests.bench.figures import Measured, by_turns, p99
from tests.bench.ingestion import TABLE, csv_of, rows_of
from tests.bench.processes import MILLISECONDS, Line, concord, line
from tests.bench.stage import Stage

ROWS = 1_000
TIMES = 3
SENDERS = 36
"""Beyond capacity: so many that one is free whenever the next batch is due."""
MARK = "0" * 32
"""In place of a batch's own name, in a body made beforehand."""
ACCEPTED, TOO_MANY = 201, 429


@dataclass(frozen=True)
class Sent:
    batch: str
    status: int
    milliseconds: float


@dataclass
class Feed:
    """A system of one organisation, which reports in an alliance of its own."""

    path: str
    token: str
    body: bytes

    def send(self, over: Line) -> Sent:
        """One batch of new rows. A 429 says when to come again, or the benchmark is over."""
        batch, started = uuid4().hex, time.perf_counter()
        body = self.body.replace(MARK.encode(), batch.encode())
        over.connection.request("POST", self.path, body, dict(over.headers))
        answer = over.connection.getresponse()
        content = answer.read()
        taken = (time.perf_counter() - started) * MILLISECONDS
        if answer.status not in (ACCEPTED, TOO_MANY) or (
            answer.status == TOO_MANY and not answer.headers["Retry-After"]
        ):
            raise RuntimeError(f"{answer.status} {content[:500]!r}")
        return Sent(batch, answer.status, taken)


@dataclass
class Pressed:
    """A server under more and less load, and all that was sent to it."""

    address: str
    feeds: Sequence[Feed]
    seconds: float
    sent: list[Sent] = field(default_factory=list)
    capacity: float = 0.0
    """Batches a second, as last measured."""
    offered: list[float] = field(default_factory=list)
    """How many times the capacity was sent, in each turn beyond it."""

    def at_capacity(self) -> float:
        """As many senders as there are places, one batch after the other; the p99 in milliseconds."""
        ends = time.perf_counter() + self.seconds

        def again(number: int, feed: Feed, over: Line) -> list[Sent]:
            done = []
            while time.perf_counter() < ends:
                done.append(feed.send(over))
            return done

        accepted = self.of_accepted(self.by(INGESTION.places, again))
        self.capacity = len(accepted) / self.seconds
        return p99(accepted)

    def beyond(self) -> float:
        """A batch whenever one is due, at three times the capacity; the p99 of those accepted, in milliseconds."""
        began, every = time.perf_counter(), SENDERS / (TIMES * self.capacity)

        def paced(number: int, feed: Feed, over: Line) -> list[Sent]:
            done, due = [], began + every * number / SENDERS
            while due < began + self.seconds:
                time.sleep(max(0.0, due - time.perf_counter()))
                done.append(feed.send(over))
                due += every
            return done

        sent = self.by(SENDERS, paced)
        self.offered.append(len(sent) / (time.perf_counter() - began) / self.capacity)
        if all(one.status == ACCEPTED for one in sent):
            raise RuntimeError("Nothing was refused: this was not beyond the capacity.")
        return p99(self.of_accepted(sent))

    def by(self, senders: int, work: Callable[[int, Feed, Line], list[Sent]]) -> list[Sent]:
        with ExitStack() as lines, ThreadPoolExecutor(senders) as pool:
            feeds = list(islice(cycle(self.feeds), senders))
            over = [lines.enter_context(line(self.address, feed.token, "text/csv")) for feed in feeds]
            sent = [one for done in pool.map(work, range(senders), feeds, over) for one in done]
        self.sent += sent
        return sent

    @staticmethod
    def of_accepted(sent: Sequence[Sent]) -> list[float]:
        return [one.milliseconds for one in sent if one.status == ACCEPTED]

    def refuse_loss(self, url: str) -> None:
        """Every row of every accepted batch is there, once; and none of a refused one."""
        counted = f"SELECT left(observation_id, 32), count(*) FROM {TABLE} GROUP BY 1"
        with psycopg.connect(url) as connection:
            found: dict[str, Any] = dict(connection.execute(counted).fetchall())
        expected = {one.batch: ROWS for one in self.sent if one.status == ACCEPTED}
        if found != expected:
            wrong = {batch for batch in found.keys() | expected.keys() if found.get(batch) != expected.get(batch)}
            raise RuntimeError(f"{len(wrong)} of {len(self.sent)} batches are not there as they were answered.")


def pressed(api: Api, seconds: float) -> Pressed:
    """A server and four organisations that report to it."""
    return Pressed(str(api.client.base_url), [feed_of(api) for _ in range(INGESTION.places)], seconds)


def feed_of(api: Api) -> Feed:
    made = alliance(api)
    keys = made.agree_on_counts()
    body = csv_of(rows_of(keys, MARK, ROWS))
    return Feed(f"/metrics/v1{made.path}/observations", made.machine().token, body)


def three_times(stage: Stage) -> Measured:
    with stage.database() as url, concord(url) as api:
        under = pressed(api, stage.scale.overload_seconds)
        under.at_capacity()
        found = by_turns(
            "",
            "ms",
            stage.scale.ingestion_rounds,
            concord=under.beyond,
            reference=under.at_capacity,
        )
        under.refuse_loss(url)
        return Measured(told(under), found.unit, found.concord, found.reference, found.judged, found.low, found.high)


def told(under: Pressed) -> str:
    accepted = len(under.of_accepted(under.sent))
    offered = " and ".join(f"{times:.1f}" for times in under.offered)
    return (
        f"batches of {ROWS:,} rows of CSV from {len(under.feeds)} organisations, {under.capacity:.0f} a second at"
        f" capacity with {INGESTION.places} senders, and {offered} times that sent by {SENDERS} whenever one is due;"
        f" all {accepted * ROWS:,} rows accepted were counted back;"
        f" {len(under.sent) - accepted} batches were answered 429, and none of their rows is there"
    )
