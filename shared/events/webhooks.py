"""The events of services/webhooks: its part of the published language."""
