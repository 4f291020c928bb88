"""Integration tracks: what the sides build into each other, by whom, and how deep it has come."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.governance.api.schemas.alliances import Because
from services.governance.api.schemas.work import OpenTrack, ReplanTrack, ReportTrackDeliverable, Track
from services.governance.api.schemas.work import TrackTerms as TermsGiven
from services.governance.domain import track as rules
from services.governance.domain.track import TRACK
from services.governance.read_models.tracks import track, tracks, tracks_of
from services.governance.standing import running
from shared.events.governance_work import DeliverableStatus, TrackKind, TrackTerms
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.log.codec import adapter

router = Router("governance", "tracks")


@router.create("/alliances/{alliance_id}/tracks", scope="governance:write")
def open_track(session: Session, alliance_id: Id, body: OpenTrack) -> Track:
    """Open an integration track with owners on both sides, deliverables, headcount and KPIs."""
    alliance = running(session, alliance_id)
    command = rules.OpenTrack(
        at=session.at,
        side=session.caller.organisation,
        kind=TrackKind(body.kind),
        parties=alliance.parties,
        terms=terms_of(body.terms),
    )
    track_id = session.new_id()
    session.create(TRACK, alliance_id, track_id, rules.open_track(command, TRACK.empty))
    return shown(session, alliance_id, track_id)


@router.read("/alliances/{alliance_id}/tracks", scope="governance:read")
def list_tracks(session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT) -> Page[Track]:
    """The integration tracks of an alliance, each with its depth, in the order they were opened."""
    turned = session.view(alliance_id).page(tracks_of(alliance_id), order=[tracks.c.id], cursor=cursor, limit=limit)
    return Page[Track](items=[as_shown(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/tracks/{track_id}", scope="governance:read")
def get_track(session: Session, track_id: Id) -> Track:
    """One integration track."""
    return shown(session, session.home(TRACK, track_id), track_id)


@router.change("/tracks/{track_id}/replan", scope="governance:write")
def replan_track(session: Session, track_id: Id, body: ReplanTrack) -> Track:
    """Put other terms in place of the track's. A deliverable with the same key keeps where it stood."""
    held = session.change(TRACK, track_id)
    running(session, held.ledger_id)
    command = rules.ReplanTrack(at=session.at, side=session.caller.organisation, terms=terms_of(body.terms))
    session.append(TRACK, held, rules.replan_track(command, held.state))
    return shown(session, held.ledger_id, track_id)


@router.change("/tracks/{track_id}/deliverables", scope="governance:write")
def report_track_deliverable(session: Session, track_id: Id, body: ReportTrackDeliverable) -> Track:
    """Report how far a deliverable of the track has come."""
    held = session.change(TRACK, track_id)
    running(session, held.ledger_id)
    command = rules.ReportTrackDeliverable(
        at=session.at,
        side=session.caller.organisation,
        key=body.key,
        status=DeliverableStatus(body.status),
        note=body.note,
    )
    session.append(TRACK, held, rules.report_track_deliverable(command, held.state))
    return shown(session, held.ledger_id, track_id)


@router.change("/tracks/{track_id}/close", scope="governance:write")
def close_track(session: Session, track_id: Id, body: Because) -> Track:
    """Close a track: it is done, or given up."""
    held = session.change(TRACK, track_id)
    running(session, held.ledger_id)
    command = rules.CloseTrack(at=session.at, side=session.caller.organisation, reason=body.reason)
    session.append(TRACK, held, rules.close_track(command, held.state))
    return shown(session, held.ledger_id, track_id)


def terms_of(given: TermsGiven) -> TrackTerms:
    terms: TrackTerms = adapter(TrackTerms).validate_python(given.model_dump(mode="json"))
    return terms


def shown(session: Session, alliance_id: UUID, track_id: UUID) -> Track:
    return as_shown(session.view(alliance_id).one(track(alliance_id, track_id)))


def as_shown(row: Any) -> Track:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    depth = rules.depth({one["key"]: DeliverableStatus(one["status"]) for one in row.deliverables})
    return Track(alliance_id=values.pop("ledger_id"), depth=depth, **values)
