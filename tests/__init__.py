"""Sealdrop's tests. `make test` runs them all; tests/stack starts the servers they need."""
