"""Scorecard templates: those that ship, and the organisation's own."""

from __future__ import annotations

from typing import Annotated, Any, cast
from uuid import UUID, uuid5

from fastapi import Path, Query
from sqlalchemy import Column, select

from services.scoring.api.schemas.templates import PublishTemplate, ScorecardTemplate
from services.scoring.domain import template as rules
from services.scoring.domain.shipped_templates import SHIPPED
from services.scoring.domain.template import TEMPLATE, find_template
from services.scoring.read_models.templates import newest_templates, template
from shared.events import scoring_terms as terms
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.problems import not_found
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import INT_MAX
from shared.log.codec import as_json

router = Router("scoring", "templates")

TemplateKey = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,62}$", description="Such as star.")]
Version = Annotated[int | None, Query(ge=1, le=INT_MAX, description="The newest unless given.")]


@router.create("/templates", scope="scoring:write")
def publish_scorecard_template(session: Session, body: PublishTemplate) -> ScorecardTemplate:
    """Publish a template of your own: its first version, or under a key that you have used, the next."""
    organisation_id = session.caller.organisation
    held = session.log.load(TEMPLATE, organisation_id, stream_of(organisation_id, body.key))
    command = rules.PublishTemplate(
        by=session.caller.person,
        at=session.at,
        key=body.key,
        title=body.title,
        scale=terms.Scale(body.scale.lowest, body.scale.highest),
        criteria=tuple(criterion.value() for criterion in body.criteria),
    )
    published = session.append(TEMPLATE, held, rules.publish(command, held.state))
    return shown(published.state.versions[-1])


@router.read("/templates", scope="scoring:read")
def list_scorecard_templates(
    session: Session, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[ScorecardTemplate]:
    """The newest version of each template, by key: those that ship with Concord, and your own."""
    organisation_id = session.caller.organisation
    newest = newest_templates(organisation_id)
    by_key = cast("list[Column[Any]]", [newest.c.key])
    turned = session.view(organisation_id).page(select(newest), order=by_key, cursor=cursor, limit=limit)
    items = [ScorecardTemplate.model_validate(row.template) for row in turned.rows]
    return Page[ScorecardTemplate](items=items, next_cursor=turned.next_cursor)


@router.read("/templates/{key}", scope="scoring:read")
def get_scorecard_template(session: Session, key: TemplateKey, version: Version = None) -> ScorecardTemplate:
    """One template that ships, or a version of one of your own."""
    organisation_id = session.caller.organisation
    if key in SHIPPED:
        if version not in (None, SHIPPED[key].version):
            raise not_found()
        return shown(SHIPPED[key])
    row = session.view(organisation_id).one(template(organisation_id, key, version))
    return ScorecardTemplate.model_validate(row.template)


def named(session: Session, key: str, version: int | None) -> terms.Template:
    """The template that a request names; raises Invalid where there is none."""
    organisation_id = session.caller.organisation
    history = session.log.load(TEMPLATE, organisation_id, stream_of(organisation_id, key)).state
    return find_template(history, key, version)


def stream_of(organisation_id: UUID, key: str) -> UUID:
    """One stream a key, so that its versions have an order."""
    return uuid5(organisation_id, f"template/{key}")


def shown(found: terms.Template) -> ScorecardTemplate:
    return ScorecardTemplate.model_validate(as_json(found))
