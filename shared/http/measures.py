"""What /-/metrics tells of the HTTP side."""

from prometheus_client import Counter, Gauge, Histogram

REQUEST_SECONDS = Histogram("concord_request_seconds", "Time to answer, in seconds.", ["method", "route", "status"])
HEAVY_WORK = Gauge(
    "concord_heavy_work",
    "Requests for heavy work: whose bodies are coming_in, who are waiting for a place, who are at_work.",
    ["work", "state"],
)
TURNED_AWAY = Counter("concord_turned_away", "Requests for heavy work that found no place: 429.", ["work"])
