"""Erasure of a person: what is known of them goes from every ledger, table and kept answer, and every proof stays."""

from __future__ import annotations

from services.directory.api.people import owners_beside
from services.directory.api.schemas.people import ErasedLedger, ErasePerson, PersonErasure
from services.directory.domain import person as rules
from services.directory.domain.person import PERSON
from shared.auth.caller import ADMINS
from shared.events.ledger import ErasureGround
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.log.envelope import Cause
from shared.log.erasing import Erasing

router = Router("directory", "erasure")


@router.change("/people/{person_id}/erasure", roles=ADMINS)
def erase_person(session: Session, person_id: Id, body: ErasePerson) -> PersonErasure:
    """Erase a person of your organisation for good: their details, and all they wrote, in every ledger it is in.

    They sign in no more. The history keeps what was done, without the words and the name, and every proof still
    verifies. Checkpoints, exports and copies that others took before are theirs. Ask again for what was recorded of
    the person after this.
    """
    home = session.caller.organisation
    held = session.change(PERSON, person_id, home)
    erasing = Erasing(
        session.connection, session.service.role, session.runtime.services, person_id, ErasureGround(body.ground)
    )
    ledgers = erasing.ledgers(home)
    command = rules.ErasePerson(by=session.caller.person, at=session.at, other_owners=owners_beside(session, person_id))
    now = session.append(PERSON, held, rules.erase(command, held.state))
    # From here on it acts for Concord: a person's words may stand in ledgers that their company has left.
    session.connection.exec_driver_sql("SELECT set_config('concord.org', 'system', true)")
    cause = Cause(command=session.request_id)
    found = [erasing.forget(one, actor=session.caller.actor, at=session.at, cause=cause) for one in ledgers]
    erasing.forget_answers(found)
    session.written.extend(erasing.recorded)
    return PersonErasure(
        person_id=person_id,
        version=now.version,
        ledgers=[ErasedLedger(ledger_id=one.ledger_id, values=len(one.digests)) for one in found if one.digests],
    )
