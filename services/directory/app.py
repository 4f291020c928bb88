"""Directory, put together."""

from __future__ import annotations

from services.directory.api import (
    acceptance,
    alliance_roles,
    api_keys,
    delegations,
    erasures,
    identities,
    invitations,
    me,
    organisations,
    people,
)
from services.directory.read_models.alliance_roles import ALLIANCE_ROLE_ASSIGNMENTS
from services.directory.read_models.api_keys import API_KEYS
from services.directory.read_models.delegations import DELEGATIONS_NAMED
from services.directory.read_models.identities import IDENTITIES
from services.directory.read_models.invitations import INVITATIONS
from services.directory.read_models.organisations import ORGANISATIONS
from services.directory.read_models.people import PEOPLE
from shared.service import Service

DIRECTORY = Service(
    name="directory",
    question="Who? Organisations, people, roles and keys.",
    routers=(
        organisations.router,
        people.router,
        erasures.router,
        me.router,
        api_keys.router,
        alliance_roles.router,
        delegations.router,
        identities.router,
        invitations.router,
        acceptance.router,
    ),
    read_models=(
        ORGANISATIONS,
        PEOPLE,
        API_KEYS,
        ALLIANCE_ROLE_ASSIGNMENTS,
        DELEGATIONS_NAMED,
        IDENTITIES,
        INVITATIONS,
    ),
)
