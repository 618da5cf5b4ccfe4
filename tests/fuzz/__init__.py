"""Strangers' bytes: malformed requests against the real services, and random input for every parser."""
