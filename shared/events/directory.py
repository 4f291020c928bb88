"""The events of services/directory: its part of the published language."""
