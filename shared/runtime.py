"""What a running process has at hand: settings, database, services. Built once at the edge and passed in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from shared.auth.authenticate import Authenticator
from shared.service import Service
from shared.settings import Settings


@dataclass(frozen=True)
class Runtime:
    settings: Settings
    engine: Engine
    authenticator: Authenticator
    services: tuple[Service, ...]

    def service(self, name: str) -> Service:
        return next(s for s in self.services if s.name == name)

    @property
    def secret(self) -> bytes:
        assert self.settings.secret is not None
        return self.settings.secret.get_secret_value().encode()
