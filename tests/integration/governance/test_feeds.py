"""The calendar feed by HTTP: read without a credential, by two independent readers, until it is revoked."""

from __future__ import annotations

from typing import Any

import icalendar
import vobject

from shared.testing.api import Api
from tests.integration.governance.road import MONDAY, ROOM, Side, do, governed, raised, status


def read(api: Api, path: str) -> Any:
    return api.client.get(path)


def test_it_opens_in_calendar_readers(api: Api, united: Side, hansa: Side) -> None:
    alliance_id = governed(united, hansa)
    decision = raised(united, alliance_id)
    owner = {"side": hansa.org, "person_id": hansa.manager.person}
    title = 'Send "the report"; comma, and ü – long enough to be folded over more than one line of the file'
    body = {"title": title, "owner": owner, "due_on": "2026-03-06"}
    hansa.manager.post(f"{ROOM}/alliances/{alliance_id}/actions", body)
    feed = hansa.manager.post(f"{ROOM}/calendar-feeds", None)
    answer = read(api, feed["path"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert all(len(line.encode()) <= 75 for line in answer.text.split("\r\n"))
    whole: list[Any] = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    events = [e for e in whole if "codeshare" in e["summary"]]
    weekly = [e for e in events if e["summary"].startswith("Working team")]
    assert "2026-03-09T14:00:00+00:00" in {e.decoded("dtstart").isoformat() for e in weekly}
    assert len({e["uid"] for e in events}) == len(events)
    assert decision["id"] not in answer.text
    [due] = [e for e in events if "the report" in e["summary"]]
    assert (due.decoded("dtstart").isoformat(), title in str(due["summary"])) == ("2026-03-06T16:00:00+00:00", True)
    other = vobject.readOne(answer.text)
    theirs = {e.uid.value: (e.summary.value, e.dtstart.value) for e in other.vevent_list}
    assert theirs[str(due["uid"])] == (str(due["summary"]), due.decoded("dtstart"))
    assert len(theirs) == len(whole)


def test_it_is_secret_its_persons_and_revocable(api: Api, united: Side, hansa: Side) -> None:
    governed(united, hansa)
    feed = hansa.worker.post(f"{ROOM}/calendar-feeds", None)
    assert read(api, feed["path"]).status_code == 200
    [listed] = hansa.worker.get(f"{ROOM}/calendar-feeds")["items"]
    assert (listed["path"], listed["revoked"]) == (None, False)
    secret = feed["path"].split("/")[4]
    with api.runtime.engine.connect() as connection:
        connection.exec_driver_sql("SELECT set_config('concord.org', 'system', true)")
        found = connection.exec_driver_sql("SELECT count(*) FROM log.events WHERE body::text LIKE %s", (f"%{secret}%",))
        assert found.scalar_one() == 0
    assert do(hansa.manager, f"calendar-feeds/{feed['id']}", "revoke", expect=409)["refusal"] == "not-your-feed"
    assert status(united.manager, f"calendar-feeds/{feed['id']}/revoke", "POST") == 404
    assert do(hansa.worker, f"calendar-feeds/{feed['id']}", "revoke")["revoked"] is True
    assert read(api, feed["path"]).status_code == 404
    assert read(api, f"{ROOM}/calendar-feeds/{'x' * 43}/calendar.ics").status_code == 404
    assert do(hansa.worker, f"calendar-feeds/{feed['id']}", "revoke", expect=409)["refusal"] == "revoked-already"


def test_it_shows_nothing_of_who_is_no_longer_active(api: Api, hansa: Side) -> None:
    api.set_clock(MONDAY)
    gone = api.colleague(hansa.sponsor, "Uli Kern")
    feed = gone.post(f"{ROOM}/calendar-feeds", None)
    assert read(api, feed["path"]).status_code == 200
    person = hansa.sponsor.get(f"/directory/v1/people/{gone.person}")
    hansa.sponsor.change(f"/directory/v1/people/{gone.person}/deactivate", {}, person["version"])
    assert read(api, feed["path"]).status_code == 404
