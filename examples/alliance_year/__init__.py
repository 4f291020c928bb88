"""A year of an alliance, from the proposal to the last receipt, played through the HTTP API under a test clock."""
