"""Signals: what an organisation should look at in its alliances, by its own thresholds."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from pydantic import ConfigDict, Field

from services.metrics.domain.signals import watch as rules
from services.metrics.domain.signals.picture import Rule
from services.metrics.domain.signals.watch import RULES, THRESHOLDS
from services.metrics.read_models import signals as asked
from shared.auth.caller import ADMINS
from shared.events.metrics_signals import RuleThreshold, SignalRule
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Answer, Count, DecimalText, Id, Schema, Timestamp

router = Router("metrics", "signals")

RuleName = Annotated[SignalRule, Field(strict=False)]


class SignalEvidence(Answer):
    """An event, by its ledger and seq."""

    ledger: Id
    seq: Count


class Signal(Answer):
    """Something to look at, what it was seen by, and what to do about it."""

    seq: Count = Field(description="Where it stands in your organisation's ledger.")
    alliance: Id
    rule: RuleName
    words: str
    advice: str
    measured: str
    threshold: str
    evidence: list[SignalEvidence] = Field(max_length=20)
    raised_at: Timestamp
    cleared_at: Timestamp | None


class SignalRuleDescription(Answer):
    """A rule: its limit where an organisation sets none, in which unit, and what to do about it."""

    rule: RuleName
    unit: str
    default_limit: str
    raised_when: Literal["over", "under"]
    advice: str


class SignalRules(Answer):
    """All rules there are."""

    items: list[SignalRuleDescription] = Field(max_length=100)


class SignalThreshold(Schema):
    """Your own limit of a rule."""

    rule: RuleName
    limit: DecimalText


class SetSignalThresholds(Schema):
    """All limits that differ from the default, and the rules not to look at."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"limits": [{"rule": "kpi_overdue", "limit": "7"}], "muted": ["mixed_intents"]}}
    )

    limits: list[SignalThreshold] = Field(default_factory=list, max_length=100)
    muted: list[RuleName] = Field(default_factory=list, max_length=100)


class SignalThresholds(Answer):
    """An organisation's own limits."""

    limits: list[SignalThreshold]
    muted: list[RuleName]
    version: Count


@router.read("/signals", scope="metrics:read")
def list_signals(
    session: Session,
    alliance: Annotated[Id | None, Query(description="Only those of this alliance.")] = None,
    status: Annotated[Literal["up", "all"], Query(description="`all`: with those that are cleared.")] = "up",
    cursor: Cursor = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Page[Signal]:
    """What your organisation should look at, oldest first."""
    own = session.caller.organisation
    found = asked.signals_of(own)
    if alliance is not None:
        found = found.where(asked.signals.c.alliance == alliance)
    if status == "up":
        found = found.where(asked.signals.c.cleared_at.is_(None))
    turned = session.view(own).page(found, order=[asked.signals.c.seq], cursor=cursor, limit=limit)
    return Page[Signal](items=[Signal.model_validate(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/signal-rules", scope="metrics:read", as_of=False)
def list_signal_rules(_: Session) -> SignalRules:
    """Every rule, with its default limit."""
    return SignalRules(items=[described(rule) for rule in RULES.values()])


@router.read("/signal-thresholds", scope="metrics:read")
def get_signal_thresholds(session: Session) -> SignalThresholds:
    """Your organisation's own limits; what is not there has the default."""
    return told(session)


@router.change("/signal-thresholds", method="PUT", roles=ADMINS)
def set_signal_thresholds(session: Session, body: SetSignalThresholds) -> SignalThresholds:
    """Set your organisation's own limits, all at once."""
    own = session.caller.organisation
    held = session.begin_or_change(THRESHOLDS, own, own)
    command = rules.SetThresholds(
        limits=tuple(RuleThreshold(one.rule, one.limit) for one in body.limits),
        muted=tuple(body.muted),
    )
    session.append(THRESHOLDS, held, rules.set_thresholds(command, held.state))
    return told(session)


def told(session: Session) -> SignalThresholds:
    own = session.caller.organisation
    row = session.view(own).first(asked.thresholds_of(own))
    if row is None:
        return SignalThresholds(limits=[], muted=[], version=0)
    limits = [SignalThreshold.model_validate(one) for one in row.limits]
    return SignalThresholds(limits=limits, muted=row.muted, version=row.version)


def described(rule: Rule) -> SignalRuleDescription:
    return SignalRuleDescription(
        rule=rule.rule,
        unit=rule.unit,
        default_limit=str(rule.limit),
        raised_when="under" if rule.below else "over",
        advice=rule.advice,
    )
