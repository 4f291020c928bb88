"""Erasure: what is known of a person, or single words of your people, go from everywhere, and every proof stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from uuid import UUID

from services.directory.api.owners import leave_owners_to_owners, owners_beside
from services.directory.api.schemas.erasures import (
    MENTIONS_MAX,
    ErasedKind,
    ErasedLedger,
    ErasePerson,
    EraseValues,
    Mention,
    PersonErasure,
    ValuesErasure,
)
from services.directory.domain import person as rules
from services.directory.domain.person import PERSON
from shared.auth.caller import ADMINS
from shared.domain import Invalid, Refused
from shared.events.ledger import ErasureGround
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.log.envelope import Cause
from shared.log.erasing import Erasing
from shared.log.opened import ABOUT_PEOPLE, Opened, Place, at_places, mentions, names_in, of_all, of_person

router = Router("directory", "erasure")


@router.change("/people/{person_id}/erasure", roles=ADMINS)
def erase_person(session: Session, person_id: Id, body: ErasePerson) -> PersonErasure:
    """Erase a person of your organisation for good: their details, and all they wrote, in every ledger it is in.

    They sign in no more. The history keeps what was done, without the words and the name, and every proof still
    verifies. Texts of others that hold their name or e-mail address are listed; with `mentions: "erase"` those that
    your own people wrote go as a whole. Checkpoints, exports and copies that others took before are theirs. Ask again
    for what was recorded of the person after this.
    """
    home = session.caller.organisation
    held = session.change(PERSON, person_id, home)
    leave_owners_to_owners(session, held.state.roles)
    erasing = begin(session, body.ground)
    readable, theirs = ledgers_read(session), ledgers_of(session, person_id)
    erasing.hold({home, *theirs, *(readable if body.mentions == "erase" else ())})
    naming = mentioned(session, home, person_id, readable)
    command = rules.ErasePerson(by=session.caller.person, at=session.at, other_owners=owners_beside(session, person_id))
    now = session.append(PERSON, held, rules.erase(command, held.state))
    act_for_concord(session)
    also = {at: [one for one in found if one.org == home] for at, found in naming.items()}
    going = {at: of_person(session.connection, at, person_id) for at in {home, *theirs}}
    if body.mentions == "erase":
        going |= {at: [*going.get(at, ()), *found] for at, found in also.items()}
        naming = {at: [one for one in found if one.org != home] for at, found in naming.items()}
    listed = [mention(at, one, home) for at, found in sorted(naming.items()) for one in found]
    return PersonErasure(
        person_id=person_id,
        version=now.version,
        ledgers=forget(session, erasing, going, person_id),
        mentions=listed[:MENTIONS_MAX],
        mentions_found=len(listed),
    )


@router.create("/erasures", roles=ADMINS)
def erase_values(session: Session, body: EraseValues) -> ValuesErasure:
    """Erase single values that people or systems of your organisation recorded: a text that names somebody, say.

    Of the event the history keeps all that is not erasable. A person's own details go with the person.
    """
    asked: dict[UUID, list[Place]] = {}
    for value in body.values:
        asked.setdefault(value.ledger_id, []).append(Place(value.seq, value.field))
    erasing = begin(session, body.ground)
    erasing.hold(asked.keys() & ledgers_read(session))
    going = {at: at_places(session.connection, at, places) for at, places in sorted(asked.items())}
    for at, value in enumerate(body.values):
        found = next((one for one in going[value.ledger_id] if one.place == (value.seq, value.field)), None)
        require_own_words(f"/values/{at}", found, session.caller.organisation)
    act_for_concord(session)
    return ValuesErasure(ledgers=forget(session, erasing, going, None))


def require_own_words(pointer: str, found: Opened | None, home: UUID) -> None:
    if found is None:
        raise Invalid(pointer, "nothing-to-erase", "No value that could be erased stands there, for you to see.")
    if found.org != home:
        raise Refused("words-of-others", "Another organisation recorded this; ask it to erase its words.")
    if found.type.startswith(ABOUT_PEOPLE):
        raise Refused("erase-the-person", "A person's details go with the person: erase them.")


def begin(session: Session, ground: str) -> Erasing:
    return Erasing(session.connection, session.service.role, session.runtime.services, ErasureGround(ground))


def ledgers_read(session: Session) -> set[UUID]:
    return set(session.connection.exec_driver_sql("SELECT ledger_id FROM log.ledgers").scalars())


def ledgers_of(session: Session, person_id: UUID) -> set[UUID]:
    return set(session.connection.exec_driver_sql("SELECT * FROM log.ledgers_of_person(%s)", (person_id,)).scalars())


def mentioned(session: Session, home: UUID, person_id: UUID, ledgers: Iterable[UUID]) -> dict[UUID, list[Opened]]:
    """By ledger, what others wrote that names the person and the organisation may read."""
    names = names_in(of_person(session.connection, home, person_id))
    found = {at: mentions(of_all(session.connection, at), names, person_id) for at in ledgers if names}
    return {at: here for at, here in found.items() if here}


def mention(ledger_id: UUID, one: Opened, home: UUID) -> Mention:
    return Mention(ledger_id=ledger_id, seq=one.place.seq, field=one.place.field, ours=one.org == home)


def act_for_concord(session: Session) -> None:
    """From here on: a person's words may stand in ledgers that their company has left."""
    session.connection.exec_driver_sql("SELECT set_config('concord.org', 'system', true)")


def forget(
    session: Session, erasing: Erasing, going: Mapping[UUID, list[Opened]], person: UUID | None
) -> list[ErasedLedger]:
    """Erase these values by ledger, and the answers that were kept of them."""
    actor, at, cause = (
        session.caller.actor,
        session.at,
        Cause(command=session.request_id, traceparent=session.traceparent),
    )
    gone = [
        erasing.forget(ledger, found, person=person, actor=actor, at=at, cause=cause)
        for ledger, found in sorted(going.items())
    ]
    erasing.forget_answers(gone)
    session.written.extend(erasing.recorded)
    return [erased(ledger, found) for ledger, found in sorted(going.items()) if found]


def erased(ledger_id: UUID, found: list[Opened]) -> ErasedLedger:
    counts = Counter(one.type for one in found)
    kinds = [ErasedKind(type=name, values=count) for name, count in sorted(counts.items())]
    return ErasedLedger(ledger_id=ledger_id, values=len(found), kinds=kinds)
