"""Schemathesis with every check on, against the merged document and a real database: no failure."""

from __future__ import annotations

import schemathesis
from schemathesis import Case
import pytest
