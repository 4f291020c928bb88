"""Candidates and ratings from tables, all or nothing, with what is wrong by row; and back into tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from starlette.responses import Response

from services.scoring.api.pictures import placed
from services.scoring.api.schemas.tables import (
    ImportCandidates,
    ImportedCandidates,
    ImportedRatings,
    ImportRatings,
)
from services.scoring.api.templates import named
from services.scoring.domain import assessment as rating_rules
from services.scoring.domain import candidate as candidate_rules
from services.scoring.domain import opportunity as opportunity_rules
from services.scoring.domain.assessment import ASSESSMENT
from services.scoring.domain.brief import BRIEF
from services.scoring.domain.candidate import CANDIDATE
from services.scoring.domain.csv_table import Fault, Unreadable, read_table, refuse, write_table
from services.scoring.domain.imported import ImportedCandidate, candidates_from, ratings_from
from services.scoring.read_models.assessments import awaiting
from services.scoring.read_models.briefs import brief
from services.scoring.read_models.candidates import candidates_of
from shared.http.problems import Problem, problem
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("scoring", "tables")

CSV = "text/csv"
CANDIDATES_EXPORTED_MAX = 10_000
CANDIDATE_HEADER = (
    "id", "name", "stage", "organisation_id", "overlap_now_percent", "overlap_in_three_years_percent",
    "importance", "feasibility",
)  # fmt: skip
PLACING_HEADER = ("place", "candidate_id", "name", "low", "high", "first_share", "dominated_by", "not_recommended")
RATING_HEADER = ("assessor", "criterion", "score", "confidence", "red_flags", "evidence")


@router.create("/briefs/{brief_id}/candidates/import", scope="scoring:write")
def import_candidates(session: Session, brief_id: Id, body: ImportCandidates) -> ImportedCandidates:
    """Put the candidates of a table on the long list: all of them, or none with what is wrong by row."""
    organisation_id = session.caller.organisation
    session.load(BRIEF, organisation_id, brief_id)
    view = session.view(organisation_id)
    listed = {row.name for row in view.all(candidates_of(organisation_id, brief_id))}
    try:
        rows, faults = read_table(body.csv, body.columns.model_dump(exclude_none=True), ("name",))
        found, wrong = candidates_from(rows, body.columns.model_dump(), listed)
        refuse([*faults, *wrong, *strangers(session, found, body.columns.organisation_id or "")])
    except Unreadable as error:
        raise faulty(error) from error
    ids = [listed_anew(session, brief_id, each) for each in found]
    return ImportedCandidates(imported=len(ids), candidate_ids=ids)


@router.create("/briefs/{brief_id}/ratings/import")
def import_ratings(session: Session, brief_id: Id, body: ImportRatings) -> ImportedRatings:
    """Submit your own ratings from a table, for each candidate in the round where you have yet to: all or nothing."""
    organisation_id = session.caller.organisation
    session.load(BRIEF, organisation_id, brief_id)
    template = named(session, body.template, body.template_version)
    open_to_me = awaiting(organisation_id, brief_id, template.key, template.version, session.caller.person)
    rounds = {row.candidate_id: row for row in session.view(organisation_id).all(open_to_me)}
    called = Counter(row.name for row in rounds.values())
    names = {row.name: row.candidate_id for row in rounds.values() if called[row.name] == 1}
    columns = body.columns.model_dump(exclude_none=True)
    try:
        rows, faults = read_table(body.csv, columns, ("candidate", "criterion", "score"))
        said, wrong = ratings_from(rows, columns, template, {**names, **{str(each): each for each in rounds}})
        refuse([*faults, *wrong])
    except Unreadable as error:
        raise faulty(error) from error
    for candidate_id, ratings in said.items():
        held = session.load(ASSESSMENT, organisation_id, rounds[candidate_id].id)
        command = rating_rules.SubmitRatings(by=session.caller.person, at=session.at, ratings=ratings)
        session.append(ASSESSMENT, held, rating_rules.submit(command, held.state))
    return ImportedRatings(rows=len(rows), assessment_ids=[rounds[candidate_id].id for candidate_id in said])


@router.read("/briefs/{brief_id}/candidates.csv", scope="scoring:read", media_type=CSV)
def export_candidates(session: Session, brief_id: Id) -> Response:
    """The candidates of a brief as a table."""
    organisation_id = session.caller.organisation
    view = session.view(organisation_id)
    view.one(brief(organisation_id, brief_id))
    found = view.all(candidates_of(organisation_id, brief_id).limit(CANDIDATES_EXPORTED_MAX))
    rows = []
    for row in found:
        overlap = row.overlap or {}
        parts = (overlap.get("now_percent"), overlap.get("in_three_years_percent"), row.importance, row.feasibility)
        rows.append((row.id, row.name, row.stage, row.organisation_id, *parts))
    return table(CANDIDATE_HEADER, rows)


@router.read("/rankings/{ranking_id}/placings.csv", scope="scoring:read", media_type=CSV)
def export_placings(session: Session, ranking_id: Id) -> Response:
    """A ranking as a table, best first."""
    placings, names = placed(session, ranking_id, limit=None)
    rows = [
        (p.place, p.candidate_id, name, p.low, p.high, p.shares[0], p.dominated_by, p.not_recommended)
        for p, name in zip(placings, names, strict=True)
    ]
    return table(PLACING_HEADER, rows)


@router.read("/assessments/{assessment_id}/ratings.csv", scope="scoring:read", media_type=CSV)
def export_ratings(session: Session, assessment_id: Id) -> Response:
    """The ratings of one round that you may see now, as a table."""
    state = session.load(ASSESSMENT, session.caller.organisation, assessment_id).state
    rows = [
        (who, r.criterion, r.score, r.confidence, " ".join(f"{f.key}:{f.severity}" for f in r.red_flags),
         None if r.evidence is None else r.evidence.text)
        for who, ratings in state.visible_to(session.caller.person).items()
        for r in ratings
    ]  # fmt: skip
    return table(RATING_HEADER, rows)


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> Response:
    return Response(write_table(header, rows), media_type=CSV)


def faulty(error: Unreadable) -> Problem:
    """Each fault by its row below the header, and its column."""
    errors = [
        {"pointer": f"/csv/{fault.row}/{escaped(fault.column)}".rstrip("/"), "detail": said(fault), "code": fault.code}
        for fault in error.faults
    ]
    return problem("invalid", "Nothing was imported: mend these rows and send the table again.", errors=errors)


def said(fault: Fault) -> str:
    place = f"Row {fault.row}" + (f", {fault.column}" if fault.column else "")
    return f"{place}: {fault.detail}"


def escaped(name: str) -> str:
    """As RFC 6901 asks of a part of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def strangers(session: Session, found: Sequence[ImportedCandidate], column: str) -> list[Fault]:
    """A fault for each organisation that does not use Concord. None is told anything."""
    named_here = sorted({each.organisation for each in found if each.organisation is not None})
    asked = "SELECT id FROM unnest(%s::uuid[]) AS named (id) WHERE access.organisation_exists(id)"
    known = {row[0] for row in session.connection.exec_driver_sql(asked, (named_here,))}
    words = "No such organisation uses Concord; leave it out."
    return [
        Fault(each.row, column, "unknown-organisation", words)
        for each in found
        if each.organisation is not None and each.organisation not in known
    ]


def listed_anew(session: Session, brief_id: UUID, each: ImportedCandidate) -> UUID:
    candidate_id = session.new_id()
    command = candidate_rules.ListCandidate(
        by=session.caller.person, at=session.at, brief=brief_id, name=each.name, organisation=each.organisation,
        reason=each.reason,
    )  # fmt: skip
    events = candidate_rules.enlist(command, CANDIDATE.empty)
    if each.overlap is not None:
        now, later = each.overlap
        estimate = opportunity_rules.EstimateOverlap(
            by=session.caller.person, at=session.at, now_percent=Decimal(now), in_three_years_percent=Decimal(later)
        )
        events += opportunity_rules.estimate_overlap(estimate, CANDIDATE.replay(events))
    session.create(CANDIDATE, session.caller.organisation, candidate_id, events)
    return candidate_id
