"""Meetings, the rhythm that plans them, actions, issues and disputes: their rules, each refusal once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.governance.cadence import occurrences
from services.governance.domain import action, dispute, feed, issue, meeting
from services.governance.domain.calendar import Calendar
from services.governance.domain.forum import is_quorate, meeting_time
from services.governance.domain.rhythm import RHYTHM, PlanRhythm, Rhythm, plan_rhythm
from shared.domain import Aggregate, Event, Invalid
from shared.events.governance_disputes import DisputeSource, Escalation, Severity
from shared.events.governance_meetings import MeetingMissed
from shared.events.governance_terms import CalendarSetting, DisputeStep, Forum, Layer, Member, Stage
from shared.events.values import Attachment
from shared.testing.scenario import scenario
from tests.domain.governance.given import (
    ANA,
    BEN,
    CARL,
    NEW_YORK,
    STRANGER,
    A,
    B,
    business_days,
    calendar,
    local,
    terms,
    utc,
)

AT = local("2026-03-02 10:00")
MEMBERS = (Member(A, ANA), Member(B, BEN))
COUNCIL = Forum("council", "Council", Layer.OPERATIONAL_COUNCIL, "FREQ=WEEKLY", MEMBERS)
CALENDARS: dict = {A: calendar(), B: calendar("America/New_York")}  # type: ignore[type-arg]


# --- When a forum meets ----------------------------------------------------------------------------------------------


def test_it_meets_as_soon_as_all_sides_are_at_work() -> None:
    opens, closes = meeting_time(COUNCIL, date(2026, 3, 3), CALENDARS)
    assert (opens, closes) == (local("2026-03-03 09:00", NEW_YORK), local("2026-03-03 10:00", NEW_YORK))


def test_it_meets_on_the_next_working_day_of_all() -> None:
    with_holiday: dict[object, Calendar] = {A: calendar("Europe/Madrid", date(2026, 3, 9)), B: CALENDARS[B]}
    assert meeting_time(COUNCIL, date(2026, 3, 7), with_holiday)[0].date() == date(2026, 3, 10)  # type: ignore[arg-type]


def test_it_meets_at_its_own_local_time_over_a_change_of_clocks() -> None:
    fixed = replace(COUNCIL, meets_at="16:00", time_zone="Europe/Madrid", minutes=30)
    found = [meeting_time(fixed, day, CALENDARS)[0] for day in (date(2026, 3, 27), date(2026, 3, 30))]
    assert found == [utc("2026-03-27 15:00"), utc("2026-03-30 14:00")]


def test_sides_that_are_never_at_work_at_once_meet_when_the_last_one_opens() -> None:
    apart = {A: calendar("Asia/Tokyo"), B: calendar("America/Los_Angeles")}
    assert meeting_time(COUNCIL, date(2026, 3, 3), apart)[0] == utc("2026-03-03 17:00")


def test_a_quorum_has_enough_members_and_one_of_each_side() -> None:
    assert is_quorate(MEMBERS, 2, (A, B), MEMBERS)
    assert not is_quorate(MEMBERS, 2, (A, B), (Member(A, ANA), Member(A, CARL)))
    assert not is_quorate((*MEMBERS, Member(A, CARL)), 2, (A, B), (Member(A, ANA), Member(A, CARL)))
    assert not is_quorate(MEMBERS, 3, (A, B), MEMBERS)


# --- The rhythm ------------------------------------------------------------------------------------------------------

PLAN = PlanRhythm(AT, STRANGER, (COUNCIL,), Stage.OPERATING, AT.date(), CALENDARS, occurrences)


def test_planning_again_goes_on_where_it_ended() -> None:
    first, events = plan_rhythm(PLAN, Rhythm())
    assert [one.day for one in first][:2] == [date(2026, 3, 2), date(2026, 3, 9)]
    state = RHYTHM.replay(events)
    again, _ = plan_rhythm(replace(PLAN, at=AT + timedelta(days=14)), state)
    days = [one.day for one in (*first, *again)]
    assert days == sorted(set(days))
    assert {later - earlier for earlier, later in pairwise(days)} == {timedelta(days=7)}


def test_the_next_meeting_is_always_planned_and_early_stages_have_their_own_cadence() -> None:
    seldom = replace(COUNCIL, cadence="FREQ=MONTHLY;INTERVAL=6", early_cadence="FREQ=MONTHLY")
    late, _ = plan_rhythm(replace(PLAN, forums=(seldom,), anchor=date(2026, 3, 1)), Rhythm())
    assert [one.day for one in late] == [date(2026, 9, 1)]
    early, _ = plan_rhythm(replace(PLAN, forums=(seldom,), stage=Stage.LAUNCHING), Rhythm())
    assert [one.day for one in early][:1] == [date(2026, 3, 2)]


def test_forums_that_meet_as_needed_are_not_planned() -> None:
    assert plan_rhythm(replace(PLAN, forums=(replace(COUNCIL, cadence=None),)), Rhythm()) == ([], [])


def test_a_rule_that_never_comes_gives_nothing_and_ends() -> None:
    assert list(occurrences("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", AT.date(), AT.date())) == []


# --- Meetings --------------------------------------------------------------------------------------------------------

STARTS = local("2026-03-05 15:00")
SCHEDULE = meeting.ScheduleMeeting(AT, A, (A, B), COUNCIL, STRANGER, STARTS, timedelta(hours=1))
SCHEDULED = scenario(meeting.MEETING).given(*meeting.schedule_meeting(SCHEDULE, meeting.Meeting()))
HOLD = meeting.HoldMeeting(STARTS + timedelta(hours=2), B, STARTS, MEMBERS)


def test_a_meeting_is_missed_three_days_after_its_end_and_can_still_be_reported() -> None:
    missed_at = STARTS + timedelta(hours=1, days=3)
    SCHEDULED.when(meeting.fire_meeting, meeting.FireMeeting(missed_at - timedelta(seconds=1))).then_nothing()
    fired = SCHEDULED.when(meeting.fire_meeting, meeting.FireMeeting(missed_at + timedelta(days=9)))
    fired.then_includes(MeetingMissed)
    missed = SCHEDULED.given(*fired.events)
    missed.when(meeting.fire_meeting, meeting.FireMeeting(missed_at)).then_nothing()
    held = missed.given(*missed.when(meeting.hold_meeting, replace(HOLD, at=missed_at)).events).state
    assert (held.status, held.missed, held.quorate) == (meeting.MeetingStatus.HELD, True, True)


def test_what_a_meeting_refuses() -> None:
    SCHEDULED.when(meeting.schedule_meeting, SCHEDULE).then_refused("meeting-exists")
    SCHEDULED.when(meeting.hold_meeting, replace(HOLD, side=STRANGER)).then_refused("not-a-party")
    SCHEDULED.when(meeting.keep_minutes, meeting.KeepMinutes(AT, A, "x")).then_refused("not-held")
    file = Attachment("0" * 64, 8, "text/plain")
    SCHEDULED.when(meeting.attach_minutes, meeting.AttachMinutes(AT, A, file)).then_refused("not-held")
    cancelled = SCHEDULED.given(*SCHEDULED.when(meeting.cancel_meeting, meeting.CancelMeeting(AT, B)).events)
    for decide, command in (
        (meeting.cancel_meeting, meeting.CancelMeeting(AT, B)),
        (meeting.reschedule_meeting, meeting.RescheduleMeeting(AT, B, STARTS)),
        (meeting.hold_meeting, HOLD),
    ):
        cancelled.when(decide, command).then_refused("not-scheduled")


def test_what_means_nothing_in_a_meeting() -> None:
    with pytest.raises(Invalid, match="has been held"):
        SCHEDULED.when(meeting.hold_meeting, replace(HOLD, held_at=HOLD.at + timedelta(1)))
    with pytest.raises(Invalid, match="party"):
        SCHEDULED.when(meeting.hold_meeting, replace(HOLD, attendance=(Member(STRANGER, ANA),)))
    with pytest.raises(Invalid, match="ahead"):
        SCHEDULED.when(meeting.reschedule_meeting, meeting.RescheduleMeeting(AT, B, AT))


# --- Actions ---------------------------------------------------------------------------------------------------------

DUE = local("2026-03-06 17:00")
AGREE = action.AgreeAction(AT, A, (A, B), "Send it", MEMBERS[0], date(2026, 3, 6), DUE)
AGREED = scenario(action.ACTION).given(*action.agree_action(AGREE, action.Action()))


def test_an_action_is_overdue_once_and_stays_so_when_postponed() -> None:
    overdue = AGREED.when(action.fire_action, action.FireAction(DUE)).events
    AGREED.given(*overdue).when(action.fire_action, action.FireAction(DUE)).then_nothing()
    later = action.PostponeAction(DUE, A, date(2026, 3, 9), DUE + timedelta(3), "Ill.")
    postponed = AGREED.given(*overdue, *AGREED.when(action.postpone_action, later).events)
    assert (postponed.state.overdue, postponed.state.due_at) == (True, DUE + timedelta(3))
    postponed.when(action.postpone_action, later).then_refused("not-later")


def test_what_an_action_refuses() -> None:
    AGREED.when(action.agree_action, AGREE).then_refused("action-exists")
    AGREED.when(action.reassign_action, action.ReassignAction(AT, A, MEMBERS[0])).then_refused("owns-already")
    AGREED.when(action.finish_action, action.FinishAction(AT, STRANGER)).then_refused("not-a-party")
    done = AGREED.given(*AGREED.when(action.finish_action, action.FinishAction(AT, A)).events)
    done.when(action.drop_action, action.DropAction(AT, A, "x")).then_refused("action-settled")


# --- Issues ----------------------------------------------------------------------------------------------------------

LOG = issue.LogIssue(AT, A, (A, B), "It fails", Severity.HIGH, business_days(3), DUE)
LOGGED = scenario(issue.ISSUE).given(*issue.log_issue(LOG, issue.Issue()))


def test_what_an_issue_refuses() -> None:
    LOGGED.when(issue.log_issue, LOG).then_refused("issue-exists")
    LOGGED.when(issue.reopen_issue, issue.ReopenIssue(AT, A, DUE, "x")).then_refused("not-resolved")
    escalated = LOGGED.given(
        *LOGGED.when(issue.escalate_issue, issue.EscalateIssue(AT, A, Escalation.DISPUTE, ANA)).events
    )
    escalated.when(issue.escalate_issue, issue.EscalateIssue(AT, A, Escalation.DISPUTE, ANA)).then_refused(
        "escalated-already"
    )
    resolved = LOGGED.given(*LOGGED.when(issue.resolve_issue, issue.ResolveIssue(DUE, B, "x")).events)
    resolved.when(issue.assign_issue, issue.AssignIssue(AT, A, MEMBERS[1])).then_refused("issue-resolved")
    resolved.when(issue.fire_issue, issue.FireIssue(DUE)).then_nothing()


def test_an_issue_resolved_exactly_when_it_is_due_is_in_time() -> None:
    [at_due] = LOGGED.when(issue.resolve_issue, issue.ResolveIssue(DUE, B, "x")).events
    [after] = LOGGED.when(issue.resolve_issue, issue.ResolveIssue(DUE + timedelta(seconds=1), B, "x")).events
    assert (at_due.late, after.late) == (False, True)


# --- Disputes --------------------------------------------------------------------------------------------------------

STEPS = (DisputeStep("team", "Team", business_days(2)), DisputeStep("mediation", "Mediation", business_days(5)))
OPEN = dispute.OpenDispute(
    at=AT,
    side=A,
    parties=(A, B),
    source=DisputeSource.RAISED,
    thing=None,
    steps=STEPS,
    calendars=(terms(A), terms(B)),
    calendar_setting=CalendarSetting.ALL,
)
OPENED = scenario(dispute.DISPUTE).given(*dispute.open_dispute(OPEN, dispute.Dispute()))


def test_a_dispute_takes_every_step_in_time_and_stays_open_after_the_last() -> None:
    first = OPENED.state.due_at
    assert first == local("2026-03-04 17:00")
    second = OPENED.given(*OPENED.when(dispute.fire_dispute, dispute.FireDispute(first)).events)
    assert (second.state.step, second.state.due_at) == (2, local("2026-03-12 17:00"))
    [last] = second.when(dispute.fire_dispute, dispute.FireDispute(local("2026-03-13 10:00"))).events
    assert (last.last, last.step) == (True, 2)
    after = second.given(last)
    assert after.state.status is dispute.DisputeStatus.OPEN
    after.when(dispute.fire_dispute, dispute.FireDispute(local("2026-04-13 10:00"))).then_nothing()
    after.when(dispute.advance_dispute, dispute.AdvanceDispute(AT, A)).then_refused("no-step-left")


def test_what_a_dispute_refuses() -> None:
    accept = dispute.AcceptResolution(AT, B, 1)
    OPENED.when(dispute.open_dispute, OPEN).then_refused("dispute-exists")
    OPENED.when(dispute.accept_resolution, accept).then_refused("no-resolution-proposed")
    OPENED.when(dispute.withdraw_dispute, dispute.WithdrawDispute(AT, B)).then_refused("not-yours")
    OPENED.when(dispute.state_position, dispute.StatePosition(AT, STRANGER, "x")).then_refused("not-a-party")
    proposed = OPENED.given(
        *OPENED.when(dispute.propose_resolution, dispute.ProposeResolution(AT, A, "Half each.")).events
    )
    proposed.when(dispute.accept_resolution, replace(accept, side=A)).then_refused("accepted-already")
    proposed.when(dispute.accept_resolution, replace(accept, number=2)).then_refused("other-resolution")
    settled = proposed.given(*proposed.when(dispute.accept_resolution, accept).events)
    settled.when(dispute.state_position, dispute.StatePosition(AT, A, "x")).then_refused("dispute-settled")
    lapsed = OPENED.when(dispute.close_dispute_for_party_left, dispute.CloseDisputeForPartyLeft(AT, B)).events
    assert OPENED.given(*lapsed).state.status is dispute.DisputeStatus.LAPSED


def test_a_feed_is_revoked_once_and_by_its_person() -> None:
    opened = scenario(feed.FEED).given(*feed.open_feed(feed.OpenFeed(AT, ANA, "0" * 64), feed.Feed()))
    opened.when(feed.open_feed, feed.OpenFeed(AT, ANA, "0" * 64)).then_refused("feed-exists")
    opened.when(feed.revoke_feed, feed.RevokeFeed(AT, BEN)).then_refused("not-your-feed")
    revoked = opened.given(*opened.when(feed.revoke_feed, feed.RevokeFeed(AT, ANA)).events)
    revoked.when(feed.revoke_feed, feed.RevokeFeed(AT, ANA)).then_refused("revoked-already")


# --- Any history replays ---------------------------------------------------------------------------------------------

HISTORIES: list[tuple[Aggregate, tuple[Event, ...]]] = [  # type: ignore[type-arg]
    (meeting.MEETING, (*SCHEDULED.events, *SCHEDULED.when(meeting.hold_meeting, HOLD).events)),
    (action.ACTION, (*AGREED.events, *AGREED.when(action.fire_action, action.FireAction(DUE)).events)),
    (issue.ISSUE, (*LOGGED.events, *LOGGED.when(issue.fire_issue, issue.FireIssue(DUE)).events)),
    (dispute.DISPUTE, (*OPENED.events, *OPENED.when(dispute.fire_dispute, dispute.FireDispute(DUE)).events)),
]


@given(st.data())
def test_any_history_replays(data: st.DataObject) -> None:
    for aggregate, events in HISTORIES:
        shuffled = data.draw(st.lists(st.sampled_from(events), max_size=8))
        assert aggregate.replay(shuffled) is not None
        assert aggregate.replay(events) == aggregate.replay(events)
