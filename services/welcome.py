"""What `concord run` says once it is up: where to click, and two organisations that are ready to ally."""

from __future__ import annotations

import time
from typing import Any

import httpx
from rich.console import Console

from shared.service import Runtime

UP_WITHIN_SECONDS = 30
DEMONSTRATION = {"United": ("America/Chicago", "Dana Cole"), "ExpressJet": ("America/New_York", "Kim Berg")}


def welcome(runtime: Runtime, port: int, say: Console) -> None:
    """Once it answers: make the two demonstration organisations, or find them, and print their tokens."""
    address = f"http://127.0.0.1:{port}"
    assert runtime.settings.operator_key is not None
    headers = {"Authorization": f"Bearer {runtime.settings.operator_key.get_secret_value()}"}
    with httpx.Client(base_url=address, headers=headers, timeout=30) as client:
        wait_until_up(client, say)
        lines = [f"[bold]{address}[/]  where to click; {address}/openapi.json  the API", ""]
        if runtime.authenticator.issuer is not None:
            for name, (time_zone, owner) in DEMONSTRATION.items():
                organisation_id, token = sign_in(client, name, time_zone, owner)
                lines += [
                    f"[bold]{name}[/] ({organisation_id}), signed in as its owner:",
                    f"{name.upper()}={token}",
                    "",
                ]
        lines.append("Ctrl-C stops everything.")
        say.print("\n[bold green]Concord is running.[/]", *lines, sep="\n", soft_wrap=True, highlight=False)


def sign_in(client: httpx.Client, name: str, time_zone: str, owner: str) -> tuple[str, str]:
    week = {day: [{"start": "09:00", "end": "17:00"}] for day in ("mon", "tue", "wed", "thu", "fri")}
    body = {
        "legal_name": f"{name} (demonstration)",
        "display_name": name,
        "country": "US",
        "calendar": {"time_zone": time_zone, "week": week, "holiday_country": "US"},
        "owner": {"name": owner, "email": f"owner@{name.lower()}.example", "level": "executive"},
    }
    made = post(client, "/directory/v1/organisations", body, key=f"demonstration-{name}")
    who = {"organisation_id": made["id"], "person_id": made["owner_id"]}
    return made["id"], post(client, "/directory/v1/development/tokens", who)["token"]


def post(client: httpx.Client, path: str, body: Any, key: str | None = None) -> Any:
    response = client.post(path, json=body, headers={"Idempotency-Key": key} if key else {})
    response.raise_for_status()
    return response.json()


def wait_until_up(client: httpx.Client, say: Console) -> None:
    deadline = time.monotonic() + UP_WITHIN_SECONDS
    while time.monotonic() < deadline:
        try:
            if client.get("/healthz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    say.print("[red]The server did not come up.[/]")
