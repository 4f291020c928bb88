"""`python -m tests.clients.asyncapi`: prints the AsyncAPI document as it is served."""

from __future__ import annotations

import json
import sys

from services.webhooks.describing import asyncapi

if __name__ == "__main__":
    json.dump(asyncapi("https://concord.example", "1.0.0"), sys.stdout)
