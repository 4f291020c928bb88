"""The events of services/scoring: its part of the published language."""
