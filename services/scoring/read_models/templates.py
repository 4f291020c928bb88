"""An organisation's own scorecard templates, every version of each; and the list of them with those that ship."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, FromClause, Select, Table, Text, Uuid, column, select, union_all, values
from sqlalchemy.dialects.postgresql import JSONB, distinct_on

from services.scoring.domain.shipped_templates import SHIPPED
from shared.database.schemas import schema
from shared.events.scoring import TemplatePublished
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

templates = Table(
    "templates",
    schema("scoring"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("template", JSONB, nullable=False),
)

TEMPLATES = ReadModel("templates", templates)


@TEMPLATES.on(TemplatePublished)
def published(rows: Rows, e: Recorded[TemplatePublished]) -> None:
    template = e.event.template
    rows.insert(templates, key=template.key, version=template.version, template=as_json(template))


def newest_templates(organisation_id: UUID) -> FromClause:
    """`key` and `template` of the newest version of each: what ships, and the organisation's own."""
    shipped = values(column("key", Text), column("template", JSONB), name="shipped").data(
        [(key, as_json(template)) for key, template in SHIPPED.items()]
    )
    own = (
        select(templates.c.key, templates.c.template)
        .where(templates.c.ledger_id == organisation_id)
        .ext(distinct_on(templates.c.key))
        .order_by(templates.c.key, templates.c.version.desc())
        .subquery()
    )
    return union_all(select(shipped), select(own)).subquery("newest")


def template(organisation_id: UUID, key: str, version: int | None) -> Select[Any]:
    """A version of an organisation's own template; the newest when `version` is None."""
    found = select(templates).where(templates.c.ledger_id == organisation_id, templates.c.key == key)
    if version is not None:
        found = found.where(templates.c.version == version)
    return found.order_by(templates.c.version.desc()).limit(1)
