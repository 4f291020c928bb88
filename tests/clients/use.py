"""A partner's first lines: a signed-in client and one typed call."""

from concord_client.api.governance import list_alliances
from concord_client.client import AuthenticatedClient
from concord_client.models import Problem


def names(address: str, token: str) -> list[str]:
    client = AuthenticatedClient(base_url=address, token=token)
    page = list_alliances.sync(client=client)
    if page is None or isinstance(page, Problem):
        raise SystemExit(page and page.detail)
    return [alliance.name for alliance in page.items]
