"""The walk itself: every operation as every caller, what should come of it, and what came of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any
from uuid import uuid4

import httpx

from tests.acceptance.isolation import directory, governance, ledger, metrics, scoring, webhooks
from tests.acceptance.isolation.expect import Line
from tests.acceptance.isolation.world import NEXT_YEAR, UUID_TEXT, Caller, Kind, World

SERVICES: dict[str, ModuleType] = {
    "directory": directory,
    "governance": governance,
    "ledger": ledger,
    "metrics": metrics,
    "scoring": scoring,
    "webhooks": webhooks,
}
METHODS = ("get", "put", "patch", "delete", "post")
PARAMETER = re.compile(r"\{(\w+)\}")
REFUSED = frozenset({401, 403, 404})
SUCCESS = range(200, 300)
DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Operation:
    """One operation of the merged document, with the line that says what it is."""

    name: str
    service: str
    method: str
    path: str
    line: Line
    described: dict[str, Any]
    document: dict[str, Any]

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET" or self.line.dry

    @property
    def parameters(self) -> list[str]:
        return PARAMETER.findall(self.path)

    def met_by(self, caller: Caller) -> bool:
        """Whether roles and scopes allow it, wherever the thing is."""
        if self.line.of == "operator":
            return False
        if caller.roles:
            return bool(self.line.roles_for(self.method) & caller.roles)
        return self.line.scope is not None and caller.kind != "key without the scope"

    def example(self) -> tuple[str, bytes] | None:
        """A media type and a body that the document gives as an example of it; None when it takes no body."""
        content = self.described.get("requestBody", {}).get("content", {})
        if not content:
            return None
        kind = "application/json" if "application/json" in content else next(iter(content))
        found = self.line.body if self.line.body is not None else example_of(content[kind], self.document)
        return kind, found.encode() if isinstance(found, str) else json.dumps(found).encode()


def example_of(media: dict[str, Any], document: dict[str, Any]) -> Any:
    if "example" in media:
        return media["example"]
    schema = media.get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema.get("example", (schema.get("examples") or [{}])[0])


def another(value: str) -> str:
    """What names nothing, in place of an id or a digest; any other value as it is."""
    if DIGEST.fullmatch(value):
        return uuid4().hex * 2
    return str(uuid4()) if UUID_TEXT.fullmatch(value) else value


class Unknown(Exception):
    """The walk has no line, or the world has no thing, for an operation; the words say what to add where."""


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    """Every operation with its line. Raises Unknown for those without one, all at once."""
    unknown = []
    for path, item in document["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            name, service = item[method]["operationId"], path.split("/")[1]
            line = SERVICES[service].LINES.get(name) if service in SERVICES else None
            if line is None:
                unknown.append(
                    f"    {name} ({method.upper()} {path}): a line in tests/acceptance/isolation/{service}.py"
                )
                continue
            yield Operation(name, service, method.upper(), path, line, item[method], document)
    if unknown:
        raise Unknown("The walk does not know these operations; expect.py says how to add\n" + "\n".join(unknown))


@dataclass
class Walk:
    """The pairs walked, and each that was answered otherwise than it should be."""

    world: World
    document: dict[str, Any]
    ids: dict[str, dict[str, str]]
    pairs: int = 0
    surprises: list[str] = field(default_factory=list)
    absent: dict[str, httpx.Response] = field(default_factory=dict)
    """What each operation answers about things that do not exist."""

    def whole(self) -> None:
        known = list(operations(self.document))
        for caller in self.world.callers:
            secret = self.world.secret_from(caller)
            for operation in known:
                self.step(operation, caller, secret)

    def step(self, operation: Operation, caller: Caller, secret: set[str]) -> None:
        """One pair: ask, and compare with what follows from the operation's line."""
        self.pairs += 1
        untouched = self.untouched(operation, caller)
        before = [self.world.size(ledger) for ledger in untouched]
        answer = self.ask(operation, caller, self.ids[operation.service])
        wrong = self.fault(operation, caller, answer)
        if [self.world.size(ledger) for ledger in untouched] != before:
            wrong = wrong or "something was written"
        leaked = (secret & set(UUID_TEXT.findall(answer.text))) - self.named(answer.request)
        if leaked and (
            leaked := leaked & self.world.secret_from(caller)
        ):  # less what this caller's own writes told since
            wrong = wrong or f"the answer names {sorted(leaked)[:3]}"
        if wrong:
            asked = f"{operation.method} {operation.path} ({operation.name}) as {caller.kind}"
            self.surprises.append(f"{asked}: {wrong}; {answer.status_code} {answer.text[:300]}")

    def leaks(self, kinds: tuple[Kind, ...]) -> list[str]:
        """What these callers get to see that they should not, by reads of things of others; for walls taken down."""
        found = []
        for caller in (one for one in self.world.callers if one.kind in kinds):
            secret = self.world.secret_from(caller)
            for operation in operations(self.document):
                if operation.method != "GET" or operation.line.of not in ("joint", "private"):
                    continue
                answer = self.ask(operation, caller, self.ids[operation.service])
                if leaked := (secret & set(UUID_TEXT.findall(answer.text))) - self.named(answer.request):
                    found.append(f"{operation.name} as {caller.kind} names {sorted(leaked)[:3]}: {answer.text[:200]}")
        return found

    def fault(self, operation: Operation, caller: Caller, answer: httpx.Response) -> str | None:
        """What is wrong with this answer; None when it is as it should be."""
        line, status = operation.line, answer.status_code
        if line.of == "all":
            return None if status in SUCCESS else "it is open to all"
        if not caller.signed_in:
            return None if status == 401 else "401 was due"
        if not operation.met_by(caller):
            return None if status == 403 else "403 was due"
        if caller.bound and not line.opens_to_bound_keys:
            return None if status in (403, 404) else "it is not for keys that are bound to alliances"
        if line.of == "joint" and caller.kind == "former party":
            return self.fault_to_former(operation, status)
        if (caller.outside and line.of != "own") or (line.of == "joint" and caller.kind == "key of another alliance"):
            return self.fault_to_outsider(operation, answer)
        if line.of == "joint" and caller.kind == "observer" and not operation.reads:
            return None if status in (403, 409, 412, 422) else "an observer changes nothing"
        if operation.reads:
            return None if status in SUCCESS else "this caller may read it"
        return None if status not in REFUSED and status < 500 else "this caller may do it"

    def fault_to_former(self, operation: Operation, status: int) -> str | None:
        if operation.reads:
            refused = (403, 404, 409) if operation.line.dry else (404,)
            return None if status in (200, *refused) else "a former party reads up to its exit"
        return None if status in (403, 404, 409, 422) else "a former party changes nothing"

    def fault_to_outsider(self, operation: Operation, answer: httpx.Response) -> str | None:
        """404, and in no way other than for what does not exist."""
        if answer.status_code != 404:
            return "404 was due"
        ids = self.ids[operation.service]
        if not any(another(ids[name]) != ids[name] for name in operation.parameters):
            return "nothing in the path names a thing: is it `own`?"
        absent = self.absent.get(operation.name)
        if absent is None:
            nowhere = {name: another(value) for name, value in ids.items()}
            stranger = next(c for c in self.world.callers if c.kind == "stranger")
            absent = self.absent[operation.name] = self.ask(operation, stranger, nowhere)
        return None if shape(answer) == shape(absent) else f"what does not exist is answered {absent.text[:300]}"

    def untouched(self, operation: Operation, caller: Caller) -> list[str]:
        """The ledgers to which this pair must write nothing."""
        if operation.reads or caller.kind.startswith("rightful"):
            return []
        if caller.kind == "key of this alliance":
            return [self.world.united.org, self.world.hansa.org]
        if caller.outside or not caller.signed_in:
            return [self.world.alliance, self.world.united.org, self.world.hansa.org]
        return [self.world.alliance]

    def ask(self, operation: Operation, caller: Caller, ids: dict[str, str]) -> httpx.Response:
        """The request, with a real thing and a valid body. Whoever may do it is kept from doing it by a stale ETag."""
        places = {**ids, "next_year": NEXT_YEAR}
        path = filled(operation.path, places)
        headers = {"If-Match": '"0"' if self.may(operation, caller) else "*"}
        if credential := caller.credential(operation.line.scope):
            headers["Authorization"] = f"Bearer {credential}"
        body = operation.example()
        if body is not None:
            headers["Content-Type"] = body[0]
        return self.world.api.client.request(
            operation.method,
            path,
            content=None if body is None else filled(body[1].decode(), places).encode(),
            params={name: filled(value, places) for name, value in operation.line.query.items()},
            headers=headers,
        )

    def may(self, operation: Operation, caller: Caller) -> bool:
        if caller.kind == "observer" and operation.line.of == "joint":
            return operation.reads
        return operation.met_by(caller) and not caller.outside

    @staticmethod
    def named(request: httpx.Request) -> set[str]:
        """The ids that the caller gave and may find again in the answer."""
        return set(UUID_TEXT.findall(str(request.url) + request.content.decode("utf-8", "replace")))


def filled(text: str, ids: dict[str, str]) -> str:
    """With the ids of the world where `{name}` stands; the braces of JSON stay."""
    for name, value in ids.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def shape(answer: httpx.Response) -> tuple[int, Any, list[str]]:
    """An answer but for the ids in it and the moment it was given."""
    body = UUID_TEXT.sub("an id", answer.text)
    return answer.status_code, body, sorted(answer.headers)


def seeded(world: World, document: dict[str, Any]) -> dict[str, dict[str, str]]:
    """By service, an id for each parameter of its paths. Raises Unknown for what the world has not."""
    base = {"alliance_id": world.alliance, "ledger_id": world.alliance, "organisation_id": world.hansa.org}
    ids = {name: {**base, **service.seed(world)} for name, service in SERVICES.items()}
    missing = {
        f"    {parameter} (of {operation.path}): seed() in tests/acceptance/isolation/{operation.service}.py"
        for operation in operations(document)
        for parameter in operation.parameters
        if parameter not in ids[operation.service]
    }
    if missing:
        raise Unknown("The world has no such thing; make one and give its id back:\n" + "\n".join(sorted(missing)))
    return ids
