"""All read models of metrics: its own, written with the append, and those that follow governance's events."""

from __future__ import annotations

from services.metrics.read_models.batches import BATCHES
from services.metrics.read_models.cases import CASES
from services.metrics.read_models.deals import DEALS
from services.metrics.read_models.happenings import HAPPENINGS
from services.metrics.read_models.kpis import KPIS
from services.metrics.read_models.months import MONTHS
from services.metrics.read_models.observations import OBSERVATIONS
from services.metrics.read_models.portfolio import PARTNERSHIPS, PORTFOLIO
from services.metrics.read_models.pulses import PULSES
from services.metrics.read_models.signals import SIGNALS
from services.metrics.read_models.uploads import UPLOADS

OWN = (KPIS, BATCHES, OBSERVATIONS, UPLOADS, MONTHS, CASES, DEALS, PULSES, SIGNALS, PORTFOLIO)
FOLLOWED = (HAPPENINGS, PARTNERSHIPS)
