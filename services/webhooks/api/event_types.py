"""The catalogue: what can be told, and what each event looks like. Open to all, as receivers' programs look into it."""

from __future__ import annotations

import json
from functools import cache
from typing import Annotated, Any

from fastapi import Path
from pydantic import RootModel

from services.webhooks.api.schemas import EventTypeDescription, EventTypes
from services.webhooks.catalogue import TEST_EVENT, example_of, schema_of, told_types, words_of
from services.webhooks.describing import asyncapi
from services.webhooks.domain.envelope import cloud_event
from shared.http.problems import not_found
from shared.http.router import Router
from shared.http.session import Session

router = Router("webhooks", "event-types")

VERSION = "1.0.0"
EXAMPLE_ORIGIN = "https://concord.example"
TypeName = Annotated[str, Path(min_length=1, max_length=200, description="Such as governance.vote-cast.v1.")]


class JsonSchema(RootModel[dict[str, Any]]):
    """A JSON Schema, draft 2020-12."""


class AsyncApi(RootModel[dict[str, Any]]):
    """An AsyncAPI 3 document."""


@router.public("/asyncapi")
def get_asyncapi(session: Session) -> AsyncApi:
    """What is posted and streamed, as an AsyncAPI 3 document."""
    return AsyncApi(asyncapi(session.runtime.settings.origin, VERSION))


@router.open("/event-types")
def list_event_types(_: None) -> EventTypes:
    """The types of events that an endpoint can ask for, each with the JSON Schema of its data and an example."""
    return EventTypes(items=[described(name) for name in sorted([*told_types(), TEST_EVENT])])


@router.open("/event-types/{name}")
def get_event_type(_: None, name: TypeName) -> EventTypeDescription:
    """One type of event, with the JSON Schema of its data and an example."""
    return described(known(name))


@router.open("/event-types/{name}/schema")
def get_event_type_schema(_: None, name: TypeName) -> JsonSchema:
    """The JSON Schema of an event's data alone: where `dataschema` in each body leads."""
    return JsonSchema(schema_of(known(name)))


def known(name: str) -> str:
    if name != TEST_EVENT and name not in told_types():
        raise not_found()
    return name


@cache
def described(name: str) -> EventTypeDescription:
    return EventTypeDescription(
        name=name,
        description=words_of(name),
        data_schema=schema_of(name),
        example=json.loads(cloud_event(example_of(name), EXAMPLE_ORIGIN)),
    )
