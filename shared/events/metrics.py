"""The events of services/metrics: its part of the published language."""
