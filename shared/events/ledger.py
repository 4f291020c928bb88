"""The events of services/ledger: its part of the published language."""
