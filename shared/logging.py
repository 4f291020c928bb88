"""Log lines: JSON for machines, readable for a terminal; never a credential, never a body."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(*, level: str = "INFO", readable: bool | None = None) -> None:
    """Call once, where a process begins. `readable` None: when standard error is a terminal."""
    pretty = sys.stderr.isatty() if readable is None else readable
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if pretty else [structlog.processors.format_exc_info]),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
            if pretty
            else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
