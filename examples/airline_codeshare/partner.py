"""One signed-in person or system, and the HTTP API as they use it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

WAIT_SECONDS_MAX = 20.0
WAIT_STEP_SECONDS = 0.05
PAGE = 200
ATTEMPTS = 3


class NotAnswered(Exception):
    """The API answered with a problem, or what was waited for did not come."""


class Overtaken(NotAnswered):
    """The thing has changed since it was read: somebody else, or a deadline, was faster."""


@dataclass(frozen=True)
class Partner:
    """Somebody with a token or a key. Methods give the JSON answer; a problem document is raised in its own words."""

    http: httpx.Client
    token: str
    org: str = ""
    id: str = ""

    def get(self, path: str, **query: Any) -> Any:
        return self.ask("GET", path, params=query).json()

    def all(self, path: str, **query: Any) -> list[Any]:
        """Every item of a list, page by page."""
        items, cursor = [], None
        while True:
            page = self.get(path, limit=PAGE, **query, **({"cursor": cursor} if cursor else {}))
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return items

    def post(self, path: str, body: Any = None) -> Any:
        return self.ask("POST", path, json=body).json()

    def change(self, path: str, body: Any = None, *, of: str) -> Any:
        """A command to a thing: read `of` first, and say which version was read; again when time was faster."""
        for left in reversed(range(ATTEMPTS)):
            version = self.ask("GET", of).headers["ETag"]
            try:
                return self.ask("POST", path, json=body, headers={"If-Match": version}).json()
            except Overtaken:
                if not left:
                    raise
        raise AssertionError("it returns or raises")

    def send(self, path: str, content: bytes, media_type: str) -> Any:
        return self.ask("POST", path, content=content, headers={"Content-Type": media_type}).json()

    def download(self, path: str) -> bytes:
        return self.ask("GET", path).content

    def wait(self, path: str, until: Callable[[Any], bool]) -> Any:
        """Ask again until the answer is what was waited for, for a while."""
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while time.monotonic() < deadline:
            answer = self.get(path)
            if until(answer):
                return answer
            time.sleep(WAIT_STEP_SECONDS)
        raise NotAnswered(f"{path} did not come to what was waited for within {WAIT_SECONDS_MAX:.0f} seconds.")

    def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if more.get("json", ...) is None:
            more.pop("json")
        response = self.http.request(method, path, headers=sent, **more)
        if response.status_code == HTTPStatus.PRECONDITION_FAILED:
            raise Overtaken(f"{method} {path}: {response.text}")
        if response.is_error:
            raise NotAnswered(f"{method} {path}: {response.status_code} {response.text}")
        return response


@dataclass(frozen=True)
class Operator:
    """Who runs the installation: registers organisations, signs people in, and here moves the test clock."""

    http: httpx.Client
    key: str

    def register(self, name: str, zone: str, owner: str) -> Partner:
        week = {day: [{"start": "09:00", "end": "17:00"}] for day in ("mon", "tue", "wed", "thu", "fri")}
        body = {
            "legal_name": f"{name} Airlines, Inc.",
            "display_name": name,
            "country": "US",
            "calendar": {"time_zone": zone, "week": week, "holiday_country": "US"},
            "owner": {"name": owner, "email": f"owner@{name.lower()}.example", "level": "executive"},
        }
        made = Partner(self.http, self.key).post("/directory/v1/organisations", body)
        return self.sign_in(made["id"], made["owner_id"])

    def sign_in(self, organisation_id: str, person_id: str) -> Partner:
        who = {"organisation_id": organisation_id, "person_id": person_id}
        token = Partner(self.http, self.key).post("/directory/v1/development/tokens", who)["token"]
        return Partner(self.http, token, organisation_id, person_id)

    def colleague(self, of: Partner, name: str, level: str, roles: tuple[str, ...] = ("member",)) -> Partner:
        body = {
            "name": name,
            "email": f"{name.split(maxsplit=1)[0].lower()}@example.com",
            "level": level,
            "roles": list(roles),
        }
        return self.sign_in(of.org, of.post("/directory/v1/people", body)["id"])

    def set_clock(self, now: str) -> None:
        self.http.put("/-/clock", json={"now": now}).raise_for_status()
