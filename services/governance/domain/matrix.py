"""What a governance model must say before it can be signed: forums, decision rights and calendars that fit together."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from uuid import UUID

from services.governance.domain.calendar import calendars_of, zone_of
from services.governance.domain.condition import Unreadable, read_condition
from shared.domain import Invalid, Refused
from shared.events.governance_terms import DecisionRight, Forum, GovernanceContent, Joint
from shared.events.values import Duration, DurationUnit

MAX_FORUMS = 100
MAX_DECISION_RIGHTS = 200
MAX_RUNGS = 10
MAX_DISPUTE_STEPS = 10
MAX_SLA_DAYS = 730
MAX_SLA_HOURS = 8_760
WHOLE_IN_PERCENT = 100


def check_content(content: GovernanceContent, parties: tuple[UUID, ...]) -> None:
    """Raises Invalid, with a pointer into `/content`, for the first thing that does not fit."""
    if len(content.forums) > MAX_FORUMS or len(content.decision_rights) > MAX_DECISION_RIGHTS:
        detail = f"A model has at most {MAX_FORUMS} forums and {MAX_DECISION_RIGHTS} decision rights."
        raise Invalid("/content", "model-too-large", detail)
    _check_once((forum.key for forum in content.forums), "/content/forums", "key")
    _check_once((row.type for row in content.decision_rights), "/content/decision_rights", "type")
    for n, forum in enumerate(content.forums):
        _check_forum(forum, parties, f"/content/forums/{n}")
    forums = frozenset(forum.key for forum in content.forums)
    for n, row in enumerate(content.decision_rights):
        _check_right(row, forums, parties, f"/content/decision_rights/{n}")
    _check_dispute_steps(content, forums)
    _check_calendars(content, parties)
    shares = (0, *content.warning_shares, WHOLE_IN_PERCENT)
    if any(later <= earlier for earlier, later in pairwise(shares)):
        detail = "Shares are whole percents from 1 to 99, in rising order."
        raise Invalid("/content/warning_shares", "warning-shares", detail)


def _check_once(keys: Iterable[str], pointer: str, name: str) -> None:
    seen: set[str] = set()
    for n, key in enumerate(keys):
        if not key:
            raise Invalid(f"{pointer}/{n}/{name}", "key-missing", "Give a key.")
        if key in seen:
            raise Invalid(f"{pointer}/{n}/{name}", "key-twice", f"There is another {key}.")
        seen.add(key)


def _check_forum(forum: Forum, parties: tuple[UUID, ...], pointer: str) -> None:
    for n, member in enumerate(forum.members):
        if member.side not in parties:
            raise Invalid(f"{pointer}/members/{n}/side", "not-a-party", "A member belongs to a party's side.")
    if forum.chair is not None and forum.chair not in {member.person_id for member in forum.members}:
        raise Invalid(f"{pointer}/chair", "chair-no-member", "The chair is one of the members.")
    if forum.quorum < len(parties):
        raise Invalid(f"{pointer}/quorum", "quorum-too-small", "A quorum has at least one member of each side.")
    if (forum.meets_at is None) != (forum.time_zone is None):
        raise Invalid(f"{pointer}/meets_at", "time-without-zone", "A forum's local time needs its time zone.")
    if forum.time_zone is not None:
        zone_of(forum.time_zone, f"{pointer}/time_zone")


def _check_dispute_steps(content: GovernanceContent, forums: frozenset[str]) -> None:
    pointer = "/content/dispute_steps"
    if len(content.dispute_steps) > MAX_DISPUTE_STEPS:
        raise Invalid(pointer, "too-many-steps", f"A dispute takes at most {MAX_DISPUTE_STEPS} steps.")
    _check_once((step.key for step in content.dispute_steps), pointer, "key")
    for n, step in enumerate(content.dispute_steps):
        if step.forum is not None and step.forum not in forums:
            raise Invalid(f"{pointer}/{n}/forum", "unknown-forum", f"The model has no forum {step.forum}.")
        _check_sla(step.sla, f"{pointer}/{n}/sla")


def _check_right(row: DecisionRight, forums: frozenset[str], parties: tuple[UUID, ...], pointer: str) -> None:
    named = [("forum", row.forum), ("owner/forum", row.owner.forum)]
    named += [(f"escalates_to/{n}/forum", rung.forum) for n, rung in enumerate(row.escalates_to)]
    for where, forum in named:
        if forum is not None and forum not in forums:
            raise Invalid(f"{pointer}/{where}", "unknown-forum", f"The model has no forum {forum}.")
    if bool(row.owner.roles) == (row.owner.forum is not None):
        raise Invalid(f"{pointer}/owner", "owner", "The owner is either roles or a forum.")
    if row.owner.side is not None and row.owner.side not in parties:
        raise Invalid(f"{pointer}/owner/side", "not-a-party", "The owner belongs to a party's side.")
    if (row.joint is Joint.SOMETIMES) != bool(row.condition):
        raise Invalid(f"{pointer}/condition", "condition", "A condition says when `sometimes` is joint, and only that.")
    _check_condition(row.condition, f"{pointer}/condition")
    if len(row.escalates_to) > MAX_RUNGS:
        raise Invalid(f"{pointer}/escalates_to", "ladder-too-long", f"A ladder has at most {MAX_RUNGS} rungs.")
    _check_once((rung.forum for rung in row.escalates_to), f"{pointer}/escalates_to", "forum")
    _check_sla(row.sla, f"{pointer}/sla")
    for n, rung in enumerate(row.escalates_to):
        if rung.sla is not None:
            _check_sla(rung.sla, f"{pointer}/escalates_to/{n}/sla")


def _check_condition(condition: str | None, pointer: str) -> None:
    try:
        if condition:
            read_condition(condition)
    except Unreadable as error:
        raise Invalid(pointer, "condition-unreadable", str(error)) from error


def _check_sla(sla: Duration, pointer: str) -> None:
    in_days = sla.unit in {DurationUnit.BUSINESS_DAYS, DurationUnit.CALENDAR_DAYS}
    longest = MAX_SLA_DAYS if in_days else MAX_SLA_HOURS
    if not 0 < sla.value <= longest:
        raise Invalid(f"{pointer}/value", "sla-length", f"An SLA has 1 to {longest} {sla.unit.replace('_', ' ')}.")


def _check_calendars(content: GovernanceContent, parties: tuple[UUID, ...]) -> None:
    pointer = "/content/calendars"
    if sorted(one.side for one in content.calendars) != sorted(parties):
        raise Invalid(pointer, "calendar-a-side", "Each side has one calendar.")
    try:
        calendars_of(content.calendars, pointer)
    except Refused as refused:
        raise Invalid(pointer, refused.code, refused.detail) from refused
