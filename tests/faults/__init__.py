"""The promises under fire: kills at every step of a submission, and a search for what must not be on any disk."""
