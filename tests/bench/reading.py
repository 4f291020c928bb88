"""Reading history: replay against reading alone, and the past as a list of today shows it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import Engine

from services.rooms import ROOMS
from shared.database.engine import make_engine
from shared.events import stored_names
from shared.log.log import Log
from shared.log.read_models import ReadModel, event_names
from shared.log.rebuild import ledgers_of, rebuild, verify
from shared.testing.api import Api
from tests.bench.alliance import Alliance, alliance
from tests.bench.figures import Measured, by_turns, p99_of
from tests.bench.history import lengthen, multiply
from tests.bench.processes import concord, line
from tests.bench.stage import Stage

DECISIONS = 3
OBSERVATIONS = 50
AS_OF_EVENTS = 10_000
DIFF_THINGS = 200
ALLIANCE_EVENTS, ORGANISATION_EVENTS = 1_000, 100

Models = Sequence[ReadModel]


def replay(stage: Stage) -> Measured:
    """Each service's read models, one service after another as `concord replay` does; the same reads for both sides."""
    with stage.database() as url:
        with concord(url) as api:
            made = played(api)
        lengthen(url, UUID(made.id), "decision", ALLIANCE_EVENTS)
        for side in (made.ours, made.theirs):
            lengthen(url, UUID(side.org), "person", ORGANISATION_EVENTS)
        engine = make_engine(url, pool_size=2)
        ledgers = ledgers_of(engine)
        copies = stage.scale.replayed_events // (ALLIANCE_EVENTS + 2 * ORGANISATION_EVENTS) - 1
        multiply(url, ledgers, copies)
        events = sum(read(engine, models) for models in services_models())
        found = by_turns(
            f"{events:,} events into all read models: {1 + copies} alliances of about {ALLIANCE_EVENTS:,} events and"
            f" {2 + 2 * copies} organisations of about {ORGANISATION_EVENTS};"
            " decode, apply, COPY the rows beside the live ones and compare them all;"
            " the reference reads and decodes the same events",
            "events/s",
            stage.scale.rounds,
            concord=lambda: per_second(lambda: [rebuild(engine, models) for models in services_models()], events),
            reference=lambda: per_second(lambda: [read(engine, models) for models in services_models()], events),
        )
        different = [one for models in services_models() for one in verify(engine, models)]
        engine.dispose()
        if different:
            raise RuntimeError(f"{len(different)} rows differ after the replay, such as {different[0]}.")
        return found


def services_models() -> list[Models]:
    return [service.read_models for service in ROOMS if service.read_models]


def read(engine: Engine, models: Models) -> int:
    """Read and decode what these read models are made of; how many events that is."""
    names = stored_names(event_names(models))
    count = 0
    for ledger_id in ledgers_of(engine):
        with engine.begin() as connection:
            count += sum(1 for _ in Log(connection).read_all(ledger_id, names=names))
    return count


def per_second(work: object, count: int) -> float:
    assert callable(work)
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def played(api: Api) -> Alliance:
    """An alliance in which a little of everything has happened."""
    made = alliance(api)
    keys = made.agree_on_kpis()
    for _ in range(DECISIONS):
        made.decide()
    rows = [
        {"observation_id": f"{key}-{day}", "kpi": key, "period": f"2013-01-{day:02}", "value": str(100 + day)}
        for key in keys
        for day in range(1, OBSERVATIONS // len(keys) + 1)
    ]
    made.machine().post(f"/metrics/v1{made.path}/observations", rows)
    return made


def as_of(stage: Stage) -> Measured:
    """The list of decisions as of the end of a long ledger, over HTTP."""
    return of_long_ledger(
        stage,
        "the first 50 decisions of an alliance, as of the last of {events:,} events in its ledger",
        lambda made, events: f"/governance/v1{made.path}/decisions?as_of={events - 1}",
    )


def diff(stage: Stage) -> Measured:
    """What changed over all of a long ledger, over HTTP: the largest page of things."""
    return of_long_ledger(
        stage,
        f"what changed from the first of {{events:,}} events of a ledger to its last, by field: {DIFF_THINGS} things",
        lambda made, _: f"/ledger/v1/ledgers/{made.id}/diff?from=0&limit={DIFF_THINGS}",
    )


def of_long_ledger(stage: Stage, words: str, path: Callable[[Alliance, int], str]) -> Measured:
    with stage.database() as url, concord(url) as api:
        made = alliance(api)
        for _ in range(DECISIONS):
            made.decide()
        events = lengthen(url, UUID(made.id), "decision", AS_OF_EVENTS)
        asked = path(made, events)
        with line(str(api.client.base_url), made.member.token) as reader:
            reader.milliseconds("GET", asked, expect=200)
            times = [reader.milliseconds("GET", asked, expect=200) for _ in range(stage.scale.as_of_reads)]
        return p99_of(f"{words.format(events=events)}, over HTTP, {len(times)} times", times)
