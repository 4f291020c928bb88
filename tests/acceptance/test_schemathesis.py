"""Schemathesis with every check on, all phases, against the merged document and a real database: no failure.

Beside what the tool makes up, it is told the ids of a real alliance, so that it also gets past the 404s.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from examples.airline_codeshare import papers
from examples.airline_codeshare.choosing import choose
from examples.airline_codeshare.deciding import DECISION
from examples.airline_codeshare.governing import Side, advance, ally, sign_governance_model, sign_papers, sign_plan
from examples.airline_codeshare.partner import Operator, Partner
from examples.airline_codeshare.reporting import agree_kpis, push_year
from examples.airline_codeshare.story import side
from services.rooms import ROOMS
from shared.testing.api import OPERATOR_KEY, Api

HERE = Path(__file__).parent
KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
TIMEOUT_SECONDS = 1_800


@pytest.fixture(scope="module")
def known(api: Api) -> tuple[Partner, dict[str, str]]:
    """Somebody of a real alliance, and the ids of one thing of each kind."""
    operator = Operator(api.client, OPERATOR_KEY)
    united = side(operator, "United", "America/Chicago", ("Dana Cole", "Ana Ruiz", "Sam Okafor"))
    express = side(operator, "ExpressJet", "America/New_York", ("Kim Berg", "Lee Park", "Noor Haddad"))
    choice = choose(united.manager, (united.manager, united.sponsor))
    alliance = ally(united, express)
    advance(alliance, united, "designing")
    sign_governance_model(alliance, united, express)
    kpis = agree_kpis(alliance, united, express)
    next(push_year(operator, alliance, united, express))
    manager, path = united.manager, f"/governance/v1/alliances/{alliance}"
    candidate = choice.selection["primary"]
    return (
        manager,
        {
            "alliance_id": alliance,
            "ledger_id": alliance,
            "organisation_id": manager.org,
            "person_id": united.sponsor.id,
            "key_id": manager.get("/directory/v1/api-keys")["items"][0]["id"],
            "model_id": manager.get(f"{path}/governance-models")["items"][0]["id"],
            "decision_id": manager.post(f"{path}/decisions", DECISION)["id"],
            **joint_things(alliance, united, express),
            "kpi_id": kpis["regional_on_time_rate"],
            "batch_id": manager.get(f"/metrics/v1/alliances/{alliance}/batches")["items"][0]["id"],
            "brief_id": choice.selection["brief_id"],
            "candidate_id": candidate,
            "assessment_id": manager.get(f"/scoring/v1/candidates/{candidate}/assessments")["items"][0]["id"],
            "ranking_id": choice.ranking["id"],
        },
    )


def joint_things(alliance: str, united: Side, express: Side) -> dict[str, str]:
    """One of each thing that the sides agree on, plan, promise and watch."""
    manager, path = united.manager, f"/governance/v1/alliances/{alliance}"
    owners = tuple({"side": one.owner.org, "person_id": one.manager.id} for one in (united, express))
    sign_papers(alliance, united, express)
    sign_plan(alliance, united, express, "2013-01-01")
    draft = manager.post(f"{path}/agreement-drafts", {"content": papers.change_request()})
    ids = {
        "draft_id": draft["id"],
        "agreement_id": manager.get(f"{path}/agreements")["items"][0]["id"],
        "review_id": manager.get(f"{path}/reviews")["items"][0]["id"],
        "milestone_id": manager.get(f"{path}/milestones")["items"][0]["id"],
    }
    made = {
        "track": ("tracks", papers.track(owners)),
        "pilot": ("pilots", papers.pilot("2036-06-30")),
        "commitment": ("commitments", papers.commitment("2036-06-30")),
        "risk": ("risks", papers.RISK),
        "pair": ("counterparts", papers.counterparts(owners)),
        "exit": ("exits", {"ground": "no_fault"}),
    }
    # The other side's, so that United's votes and signatures need none.
    key = express.manager.post(f"{path}/signing-keys", {"key": KEY})
    ids["signing_key_id"] = key["id"]
    return ids | {f"{noun}_id": manager.post(f"{path}/{where}", body)["id"] for noun, (where, body) in made.items()}


def run(known: tuple[Partner, dict[str, str]], folder: Path, *, seed: int, examples: int, only: str) -> None:
    """Run the tool as its users do, in a process of its own."""
    somebody, ids = known
    parameters = "\n[parameters]\n" + "".join(f'"path.{name}" = "{value}"\n' for name, value in ids.items())
    config = folder / "schemathesis.toml"
    config.write_text(parameters.lstrip() + "\n" + (HERE / "schemathesis.toml").read_text())
    command = [
        str(Path(sys.executable).with_name("st")),
        f"--config-file={config}",
        "run",
        str(somebody.http.base_url.join("/openapi.json")),
        f"--header=Authorization: Bearer {somebody.token}",
        f"--include-path-regex=^/{only}/",
        "--checks=all",
        "--continue-on-failure",
        f"--max-examples={examples}",
        f"--seed={seed}",
        "--no-color",
    ]
    somebody.http.get("/openapi.json")  # made at the first request: on a busy machine, later than the tool waits
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "checks", "PYTHONPATH": str(HERE)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]


@pytest.mark.parametrize("service", [s.name for s in ROOMS])
def test_no_failure(known: tuple[Partner, dict[str, str]], service: str, tmp_path: Path) -> None:
    run(known, tmp_path, seed=1, examples=4, only=service)


@pytest.mark.faults
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("service", [s.name for s in ROOMS])
def test_no_failure_with_three_seeds(
    known: tuple[Partner, dict[str, str]], service: str, seed: int, tmp_path: Path
) -> None:
    run(known, tmp_path, seed=seed, examples=40, only=service)
