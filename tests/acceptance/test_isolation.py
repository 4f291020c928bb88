"""Every operation of the merged document, as every kind of caller: what each may see, and that the rest see nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from services.rooms import ROOMS
from shared.testing.api import Api, serve
from tests.acceptance.isolation.walk import Walk, operations, seeded
from tests.acceptance.isolation.world import NEXT_MORNING, build


@pytest.fixture(scope="module")
def api(module_url: str) -> Iterator[Api]:
    with serve(module_url, ROOMS) as running:
        yield running


@pytest.fixture(scope="module")
def document(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.client.get("/openapi.json").json()
    return found


def test_every_operation_as_every_caller(
    api: Api, document: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    world = build(api)
    ids = seeded(world, document)
    api.set_clock(NEXT_MORNING)
    began = time.monotonic()
    walk = Walk(world, document, ids)
    walk.whole()
    seconds = time.monotonic() - began
    count = len(list(operations(document)))
    with capsys.disabled():
        sys.stdout.write(
            f"\nisolation: {count} operations × {len(world.callers)} callers = {walk.pairs} pairs, {seconds:.1f} s\n"
        )
    assert walk.pairs == count * len(world.callers)
    assert not walk.surprises, f"{len(walk.surprises)} surprises:\n" + "\n".join(walk.surprises)
