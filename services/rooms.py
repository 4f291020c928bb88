"""The rooms of Concord, in the order a reader meets them."""

from services.directory.app import DIRECTORY
from services.governance.app import GOVERNANCE
from services.ledger.app import LEDGER
from services.metrics.app import METRICS
from services.scoring.app import SCORING
from services.webhooks.app import WEBHOOKS

ROOMS = (DIRECTORY, SCORING, GOVERNANCE, METRICS, LEDGER, WEBHOOKS)
