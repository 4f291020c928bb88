"""What an operator may set: environment variables with the prefix CONCORD_, each with its default and its unit."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET_FILE = "secret"  # noqa: S105 (a file name)
OPERATOR_KEY_FILE = "operator-key"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CONCORD_", extra="ignore")

    env: Literal["development", "production"] = "development"
    home: Path = Path(".concord")
    """Where the embedded database and generated secrets live."""
    database_url: str | None = None
    """postgresql://… of a PostgreSQL 15 or newer; none means the embedded one under `home`."""
    origin: str = "http://127.0.0.1:8000"
    """The public address; part of every ledger's checkpoint origin, so it never changes once ledgers exist."""
    host: str = "127.0.0.1"
    clock: Literal["system", "test"] = "system"
    """`test` lets the test clock be moved at /-/clock; refused in production."""
    secret: SecretStr | None = None
    """Signs cursors and, in development, tokens. Generated under `home` when not set."""
    operator_key: SecretStr | None = None
    """The bearer key that registers organisations. Generated under `home` when not set."""
    development_issuer: bool | None = None
    """Let this machine sign people in who have no identity provider. Unset: in development. Refused in production."""
    signing_key: SecretStr | None = None
    """The key that signs checkpoints: a PEM, or 32 bytes in hex or base64. Only `concord work` needs it."""
    signing_keys: tuple[str, ...] = ()
    """Or where such keys are: `file:PATH`, `env:NAME` or `command:PUBLIC_KEY:COMMAND`. All of them sign; two are a
    rotation. In development one is generated under `home`."""
    checkpoint_copies: Path | None = None
    """A folder outside the database for the newest signed checkpoint of each ledger; in development under `home`."""
    cors_origins: tuple[str, ...] = ()
    hsts_seconds: int = Field(0, ge=0)
    """How long browsers shall come back by HTTPS alone; 0 says nothing, for installations that HTTP still reaches."""
    pool_size: int = 16
    """Database connections of one process at most, and requests it works on at once."""
    prepare_statements: bool = True
    """Off behind a transaction pooler that does not know prepared statements."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of gateways whose X-Forwarded-For is believed."""
    requests_per_minute_credential: int = Field(6_000, ge=0)
    """Of one person or key, over all processes; 0 is no limit."""
    requests_per_minute_organisation: int = Field(30_000, ge=0)
    """Of all people and keys of an organisation together, over all processes; 0 is no limit."""
    failed_sign_ins_free: int = Field(20, ge=0)
    """From one address, or for one key, before each further one has to wait; 0 slows none."""
    stream_seconds: int = 300
    """How long an event stream may last; clients come back by themselves, and with a credential that is still good."""
    webhooks_allow_http: bool = False
    """Let webhooks go to http and loopback addresses; for development and tests only."""

    def settled(self) -> Settings:
        """With the generated secrets filled in, and impossible combinations refused."""
        if self.env == "production":
            missing = [n for n in ("database_url", "secret", "operator_key") if not getattr(self, n)]
            if missing:
                raise ValueError(f"In production set {', '.join('CONCORD_' + n.upper() for n in missing)}.")
            if self.clock == "test":
                raise ValueError("CONCORD_CLOCK=test is refused in production.")
            if self.development_issuer:
                raise ValueError(
                    "CONCORD_DEVELOPMENT_ISSUER is refused in production: bind identity providers instead."
                )
        return self.model_copy(
            update={
                "secret": self.secret or SecretStr(kept_secret(self.home / SECRET_FILE)),
                "operator_key": self.operator_key or SecretStr(kept_secret(self.home / OPERATOR_KEY_FILE)),
            }
        )

    @property
    def signs_tokens(self) -> bool:
        """Whether the development issuer is on."""
        return self.env == "development" and self.development_issuer is not False


def kept_secret(path: Path) -> str:
    """The secret in this file, made on first use, readable by its owner alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text().strip()
