"""Alliances: proposed, accepted by every party, and led from stage to stage."""

from __future__ import annotations

from uuid import UUID

from services.governance.api.entitlement import require_colleague, require_organisations
from services.governance.api.schemas.alliances import (
    AdvanceAlliance,
    Alliance,
    AllianceGates,
    Because,
    MissingThing,
    NameOwner,
    ProposeAlliance,
    StageGate,
    WaiveGate,
)
from services.governance.domain import alliance as rules
from services.governance.domain import gate
from services.governance.domain.alliance import ALLIANCE
from services.governance.follow_ups import alliance_ended, schedule_launch_reviews
from services.governance.read_models.alliances import alliance, alliances, alliances_in
from services.governance.standing import facts_of
from shared.events.governance_terms import Intent, OwnerRole, Stage
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("governance", "alliances")


@router.create("/alliances")
def propose_alliance(session: Session, body: ProposeAlliance) -> Alliance:
    """Propose an alliance. Its ledger is open from now on to every party named, and to nobody else."""
    require_organisations(session, "/parties", body.parties)
    alliance_id = session.new_id()
    command = rules.ProposeAlliance(
        at=session.at,
        side=session.caller.organisation,
        name=body.name,
        intent=Intent(body.intent),
        type=body.type,
        structure=body.structure,
        parties=(session.caller.organisation, *body.parties),
        scope=None if body.scope is None else body.scope.value(),
    )
    proposed = rules.propose_alliance(command, ALLIANCE.empty)
    session.log.open_ledger(alliance_id, "alliance", command.parties)
    session.create(ALLIANCE, alliance_id, alliance_id, proposed)
    return shown(session, alliance_id)


@router.read("/alliances", scope="governance:read")
def list_alliances(session: Session, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT) -> Page[Alliance]:
    """The alliances that your organisation is or was asked to be a party to, in the order they were proposed."""
    ledgers = session.ledgers("alliance")
    turned = session.view(*ledgers).page(alliances_in(ledgers), order=[alliances.c.id], cursor=cursor, limit=limit)
    return Page[Alliance](items=[Alliance.model_validate(r) for r in turned.rows], next_cursor=turned.next_cursor)


@router.read("/alliances/{alliance_id}", scope="governance:read")
def get_alliance(session: Session, alliance_id: Id) -> Alliance:
    """One alliance, as all its parties see it."""
    return shown(session, alliance_id)


@router.change("/alliances/{alliance_id}/accept")
def accept_alliance(session: Session, alliance_id: Id) -> Alliance:
    """Accept for your side. The last acceptance begins the forming."""
    held = session.change(ALLIANCE, alliance_id, alliance_id)
    command = rules.AcceptAlliance(at=session.at, side=session.caller.organisation)
    session.append(ALLIANCE, held, rules.accept_alliance(command, held.state))
    return shown(session, alliance_id)


@router.change("/alliances/{alliance_id}/decline")
def decline_alliance(session: Session, alliance_id: Id, body: Because) -> Alliance:
    """Decline for your side, which ends the proposal."""
    held = session.change(ALLIANCE, alliance_id, alliance_id)
    command = rules.DeclineAlliance(at=session.at, side=session.caller.organisation, reason=body.reason)
    session.append(ALLIANCE, held, rules.decline_alliance(command, held.state))
    return shown(session, alliance_id)


@router.change("/alliances/{alliance_id}/owners")
def name_alliance_owner(session: Session, alliance_id: Id, body: NameOwner) -> Alliance:
    """Name who answers for the alliance on your side; it replaces whom you named for the same role before."""
    held = session.change(ALLIANCE, alliance_id, alliance_id)
    require_colleague(session, "/person_id", body.person_id)
    command = rules.NameOwner(
        at=session.at, side=session.caller.organisation, person_id=body.person_id, role=OwnerRole(body.role)
    )
    session.append(ALLIANCE, held, rules.name_owner(command, held.state))
    return shown(session, alliance_id)


@router.change("/alliances/{alliance_id}/advance")
def advance_alliance(session: Session, alliance_id: Id, body: AdvanceAlliance) -> Alliance:
    """Enter the next stage. A gate that does not open lists everything that is missing."""
    held = session.change(ALLIANCE, alliance_id, alliance_id)
    command = gate.AdvanceAlliance(
        at=session.at,
        side=session.caller.organisation,
        stage=None if body.stage is None else Stage(body.stage),
        facts=facts_of(session, alliance_id, held.state),
    )
    after = session.append(ALLIANCE, held, gate.advance_alliance(command, held.state)).state
    if after.stage is Stage.LAUNCHING:
        schedule_launch_reviews(session, alliance_id, after.parties)
    if after.stage is Stage.ENDED:
        alliance_ended(session, alliance_id, after.parties)
    return shown(session, alliance_id)


@router.read("/alliances/{alliance_id}/gates", scope="governance:read")
def get_alliance_gates(session: Session, alliance_id: Id) -> AllianceGates:
    """For every stage, what its gate still misses, with a code and in words; and the same for an announcement."""
    alliance = session.load(ALLIANCE, alliance_id, alliance_id).state
    facts = facts_of(session, alliance_id, alliance)
    missing = gate.missing_at_gates(alliance, facts)
    return AllianceGates(
        stage=None if alliance.stage is None else alliance.stage.value,
        gates=[
            StageGate(
                stage=stage.value,
                missing=[MissingThing.model_validate(one) for one in missing[stage]],
                waived_by=sorted(alliance.waived.get(stage, ())),
                opens=not missing[stage] or alliance.gate_waived(stage),
            )
            for stage in gate.GATED
        ],
        announcement=[MissingThing.model_validate(one) for one in gate.missing_for_announcement(alliance, facts)],
    )


@router.change("/alliances/{alliance_id}/waive")
def waive_gate(session: Session, alliance_id: Id, body: WaiveGate) -> Alliance:
    """Agree for your side that a gate opens although something is missing. It takes every side."""
    held = session.change(ALLIANCE, alliance_id, alliance_id)
    command = rules.WaiveGate(
        at=session.at, side=session.caller.organisation, stage=Stage(body.stage), reason=body.reason
    )
    session.append(ALLIANCE, held, rules.waive_gate(command, held.state))
    return shown(session, alliance_id)


def shown(session: Session, alliance_id: UUID) -> Alliance:
    return Alliance.model_validate(session.view(alliance_id).one(alliance(alliance_id)))
