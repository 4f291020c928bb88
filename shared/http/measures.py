"""What /-/metrics tells of the HTTP side."""

from prometheus_client import Histogram

REQUEST_SECONDS = Histogram("concord_request_seconds", "Time to answer, in seconds.", ["method", "route", "status"])
