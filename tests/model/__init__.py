"""The hand-over as a small model: every order of its steps and faults, within bounds, is tried."""
