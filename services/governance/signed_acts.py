"""Recording an act that binds its side, signed by a key of its own where the side has one in force."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

import rfc8785

from services.governance.domain.signing_key import KeyInForce, check_signed
from services.governance.read_models.signing_keys import keys_in_force
from shared.domain import Aggregate, Event, Refused
from shared.ed25519 import verify_ed25519
from shared.events import type_of
from shared.events.governance_signatures import statement
from shared.http.session import Session
from shared.log.codec import as_json
from shared.log.log import Loaded

S = TypeVar("S")


def append_act(
    session: Session, aggregate: Aggregate[S], held: Loaded[S], events: Sequence[Event], *, on_behalf_of: UUID | None
) -> Loaded[S]:
    """Append what was decided, of which the first event binds the side; Refused when it is not signed as it must be.

    The append comes first. It holds the ledger's writers, so that the keys looked at are just those that stand before
    the act in the ledger, as they are for whoever verifies it. A refusal takes the append back.
    """
    after = session.append(aggregate, held, events, on_behalf_of=on_behalf_of)
    act = events[0]
    check_signed(act.signature, session.caller.person, in_force_of(session, held.ledger_id, act.side))
    if act.signature is not None:
        check_signature_holds(held, act)
    return after


def in_force_of(session: Session, alliance_id: UUID, side: UUID) -> tuple[KeyInForce, ...]:
    rows = session.view(alliance_id).all(keys_in_force(alliance_id, side))
    return tuple(KeyInForce(row.key, row.person_id) for row in rows)


def check_signature_holds(held: Loaded[S], act: Event) -> None:
    expected = statement_of(held, act)
    if not verify_ed25519(b64decode(act.signature.key), b64decode(act.signature.value), expected):
        detail = f"The signature is not that of its key over this statement: {expected.decode()}"
        raise Refused("signature-wrong", detail)


def statement_of(held: Loaded[S], act: Event) -> bytes:
    """What the signature of this act is over, as canonical JSON."""
    kind = type_of(type(act))
    data = {name: value for name, value in as_json(act).items() if name not in kind.erasable}
    return rfc8785.dumps(statement(held.ledger_id, held.stream, held.version, kind.name, data))
