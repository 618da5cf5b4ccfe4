"""Consumes audit events, verifies their chain, raises alerts."""
