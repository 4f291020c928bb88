"""The events of services/governance: its part of the published language."""
