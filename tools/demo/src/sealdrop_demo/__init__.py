"""All four services in one process, for a newcomer's first three minutes."""
