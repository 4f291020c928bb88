"""Real data to run on, and scripts that use the API as a partner would."""
